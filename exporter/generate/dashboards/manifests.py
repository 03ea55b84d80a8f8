"""Grafana dashboards as objects of a cluster: for the Grafana operator, and for the sidecar of Grafana's chart."""

from __future__ import annotations

from typing import Any, Final

import yaml

from exporter.generate.dashboards.grafana import text
from exporter.generate.dashboards.kit import Dashboard

LABELS: Final = {"app.kubernetes.io/name": "bootsource-exporter"}


class _Dumper(yaml.SafeDumper):
    """Writes text of several lines as a block, as people do."""


def _written(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


_Dumper.add_representer(str, _written)


def dumped(document: Any) -> str:  # noqa: ANN401  (what YAML can say)
    """A document as YAML, keys in the order in which they are written."""
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, width=1_000_000, allow_unicode=True)


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
