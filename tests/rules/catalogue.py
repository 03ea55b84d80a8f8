"""What expressions may refer to: our metrics, and the results of our rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, get_args

from exporter.checks import CHECKS
from exporter.cluster.resources import WATCHED
from exporter.kube.contract import State
from exporter.metrics.exporter_families import OWN_FAMILIES
from exporter.metrics.families import FAMILIES
from exporter.report import SEVERITIES, Status
from exporter.rules import ALERTS, RECORDINGS
from tests.rules.linter import Metric

_VALUES: Final[Mapping[str, frozenset[str]]] = {
    "check": frozenset(check.id for check in CHECKS),
    "severity": frozenset(s.value for s in SEVERITIES),
    "resource": frozenset(r.plural for r in WATCHED),
    "area": frozenset(check.area for check in CHECKS),
}
_STATUS: Final = {**_VALUES, "status": frozenset(get_args(Status))}
_STATE: Final = {**_VALUES, "state": frozenset(State)}


def _metrics() -> Iterator[tuple[str, Metric]]:
    for family in FAMILIES:
        special = {"bootsource_check_status": _STATUS, "bootsource_resource_state": _STATE}
        yield family.name, Metric(frozenset({*family.labels, "cluster"}), values=special.get(family.name, _VALUES))
    for own in OWN_FAMILIES:
        # Where one Prometheus holds several clusters, everything that arrives there carries the label.
        labels = frozenset({*own.labels, "cluster"})
        if own.kind == "summary":
            yield from ((f"{own.name}_{part}", Metric(labels, counter=True)) for part in ("count", "sum"))
        else:
            yield own.name, Metric(labels, counter=own.kind == "counter")
    # What Prometheus says of the alerts themselves.
    texts = {*(label for alert in ALERTS for label in (*alert.labels, *dict(alert.static))), "alertname", "alertstate"}
    yield "ALERTS", Metric(frozenset(texts), values={"alertname": frozenset(alert.name for alert in ALERTS)})
    for rule in RECORDINGS:
        yield rule.name, Metric(frozenset(rule.labels), recorded=True, values=_VALUES)


CATALOGUE: Final = dict(_metrics())
