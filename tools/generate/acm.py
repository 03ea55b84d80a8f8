"""deploy/acm/: what Red Hat Advanced Cluster Management collects from the clusters of a fleet."""

from __future__ import annotations

from typing import Final

from exporter.metrics.families import FAMILIES

_OWN: Final = (
    "bootsource_exporter_build_info",
    "bootsource_exporter_last_evaluation_timestamp_seconds",
)
"""What tells from afar that an exporter is there, which one, and that it judges."""
_SCRAPED_BY: Final = (
    ("metrics_list.yaml", "where the platform's own Prometheus scrapes the exporter"),
    ("uwl_metrics_list.yaml", "where the one for user workloads does"),
)


def allow_list() -> str:
    """The ConfigMap for the hub. Its name and namespace are those that the hub looks for."""
    lines = [
        "# For the hub: `oc apply -f` it there. If there is one of this name already, add the names to it instead.",
        "apiVersion: v1",
        "kind: ConfigMap",
        "metadata:",
        "  name: observability-metrics-custom-allowlist",
        "  namespace: open-cluster-management-observability",
        "data:",
    ]
    for key, where in _SCRAPED_BY:
        lines += [f"  # {where}", f"  {key}: |", "    names:", *(f"      - {name}" for name in collected())]
    return "\n".join(lines) + "\n"


def collected() -> tuple[str, ...]:
    """The names of the series that a fleet needs: all about clusters, and a sign of life."""
    return (*(family.name for family in FAMILIES), *_OWN)
