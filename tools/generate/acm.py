"""deploy/acm/: what Red Hat Advanced Cluster Management collects from the clusters of a fleet, in both of its forms."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Final

from exporter.metrics.families import FAMILIES
from exporter.rules import RECORDINGS
from tools.generate.dashboards import OUTPUTS as BOARDS
from tools.generate.manifests import dump_documents
from tools.generate.output import Output
from tools.generate.rules import rule_file, rule_manifest

_NAMESPACE: Final = "open-cluster-management-observability"
_COMPONENT: Final = "app.kubernetes.io/component"
_SCRAPED_BY: Final = (
    ("metrics_list.yaml", "platform-metrics-collector", "the platform's own Prometheus"),
    ("uwl_metrics_list.yaml", "user-workload-metrics-collector", "the Prometheus for user workloads"),
)
_READ: Final = re.compile(r"(?<![\w:/])(?:[a-z]+:)?(?:bootsource|process|python)_[a-z0-9_:]+(?=[{\[)\s<>=,]|\\\"|$)")


def allow_list() -> str:
    """The ConfigMap for the hub. Its name and namespace are those that the hub looks for."""
    lines = [
        "# For the hub: `oc apply -f` it there. If there is one of this name already, add the names to it instead.",
        "apiVersion: v1",
        "kind: ConfigMap",
        "metadata:",
        "  name: observability-metrics-custom-allowlist",
        f"  namespace: {_NAMESPACE}",
        "data:",
    ]
    for key, _, where in _SCRAPED_BY:
        lines += [f"  # where {where} scrapes the exporter", f"  {key}: |", "    names:"]
        lines += [f"      - {name}" for name in collected_series() if _ours(name)]
        lines += ["    matches:", *(f"      - {_selected(name)}" for name in collected_series() if not _ours(name))]
    return "\n".join(lines) + "\n"


def scrape_configs() -> str:
    """The same for the add-on, whose agent in each cluster asks for series by their names."""
    return dump_documents(*(_scrape_config(component) for _, component, _ in _SCRAPED_BY))


def _scrape_config(component: str) -> dict[str, Any]:
    return {
        "apiVersion": "monitoring.rhobs/v1alpha1",
        "kind": "ScrapeConfig",
        "metadata": {
            "name": f"bootsource-{component.removesuffix('-metrics-collector')}",
            "namespace": _NAMESPACE,
            "labels": {_COMPONENT: component},
        },
        "spec": {
            "jobName": "bootsource-exporter",
            "metricsPath": "/federate",
            "params": {"match[]": [f"{{{_selected(name)}}}" for name in collected_series()]},
        },
    }


def _ours(name: str) -> bool:
    """No other program has a metric of this name."""
    return "bootsource_" in name


def _selected(name: str) -> str:
    return f'__name__="{name}"' if _ours(name) else f'__name__="{name}",job="bootsource-exporter"'


@cache
def collected_series() -> tuple[str, ...]:
    """The names of the series that a fleet needs: all about clusters, and what rules record and dashboards read.

    `ALERTS` and `up` are collected by the hub itself.
    """
    texts = (rule_file(), *(board.text() for board in BOARDS if board.path.startswith("dashboards/grafana/")))
    read = {name for text in texts for name in _READ.findall(text)}
    return tuple(sorted({family.name for family in FAMILIES} | {rule.name for rule in RECORDINGS} | read))


ACM: Final = (
    Output("deploy/acm/observability-metrics-custom-allowlist.yaml", "exporter/metrics", allow_list),
    Output("deploy/acm/scrapeconfigs.yaml", "exporter/metrics", scrape_configs),
    Output(
        "deploy/acm/prometheusrule.yaml",
        "exporter/rules",
        lambda: rule_manifest({_COMPONENT: "platform-metrics-collector"}, namespace=_NAMESPACE),
    ),
)
