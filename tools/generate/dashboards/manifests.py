"""Grafana dashboards as objects of a cluster: for the Grafana operator, and for the sidecar of Grafana's chart."""

from __future__ import annotations

from typing import Final

from tools.generate.dashboards.grafana import text
from tools.generate.dashboards.kit import Dashboard
from tools.generate.manifests import dumped

LABELS: Final = {"app.kubernetes.io/name": "bootsource-exporter"}


def custom_resource(dashboard: Dashboard) -> str:
    """A GrafanaDashboard. It goes to every Grafana of the namespace with the label of the operator's own examples."""
    return dumped(
        {
            "apiVersion": "grafana.integreatly.org/v1beta1",
            "kind": "GrafanaDashboard",
            "metadata": {"name": dashboard.uid, "labels": LABELS},
            "spec": {
                "folder": "Boot sources",
                "instanceSelector": {"matchLabels": {"dashboards": "grafana"}},
                "json": text(dashboard) + "\n",
            },
        }
    )


def config_map(dashboard: Dashboard) -> str:
    """A ConfigMap that the sidecar finds by its label."""
    return dumped(
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {
                "name": f"grafana-dashboard-{dashboard.uid}",
                "labels": {**LABELS, "grafana_dashboard": "1"},
                "annotations": {"grafana_folder": "Boot sources"},
            },
            "data": {f"{dashboard.uid}.json": text(dashboard) + "\n"},
        }
    )
