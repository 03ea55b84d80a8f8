"""Grafana dashboards as objects of a cluster: for the Grafana operator, and for the sidecar of Grafana's chart."""

from __future__ import annotations

from typing import Final

from tools.generate.dashboards.grafana import grafana_json
from tools.generate.dashboards.model import Dashboard
from tools.generate.manifests import dump_documents

LABELS: Final = {"app.kubernetes.io/name": "bootsource-exporter"}


def grafana_resource(dashboard: Dashboard) -> str:
    """A GrafanaDashboard. It goes to every Grafana of the namespace with the label of the operator's own examples."""
    return dump_documents(
        {
            "apiVersion": "grafana.integreatly.org/v1beta1",
            "kind": "GrafanaDashboard",
            "metadata": {"name": dashboard.uid, "labels": LABELS},
            "spec": {
                "folder": "Boot sources",
                "instanceSelector": {"matchLabels": {"dashboards": "grafana"}},
                "json": grafana_json(dashboard) + "\n",
            },
        }
    )


def grafana_config_map(dashboard: Dashboard) -> str:
    """A ConfigMap that the sidecar finds by its label."""
    return dump_documents(
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {
                "name": f"grafana-dashboard-{dashboard.uid}",
                "labels": {**LABELS, "grafana_dashboard": "1"},
                "annotations": {"grafana_folder": "Boot sources"},
            },
            "data": {f"{dashboard.uid}.json": grafana_json(dashboard) + "\n"},
        }
    )
