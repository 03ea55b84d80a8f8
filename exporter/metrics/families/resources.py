"""What is known of each resource that is watched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from exporter.kube.contract import State
from exporter.metrics.family import Family, Sample, per_report
from exporter.report import Report

_STATES: Final = tuple(state for state in State if state is not State.NOT_COLLECTED)
"""Those of a live cluster."""
_LISTED: Final = frozenset({State.LIVE, State.STALE, State.NOT_SERVED})


@per_report(
    "bootsource_resource_state",
    labels=("resource", "state"),
    help="1 for the state of a watched resource, 0 for the others: pending (not listed yet), live, stale (watch lost), "
    "forbidden, not_served, failed, disabled.",
)
def _state(report: Report) -> Iterator[Sample]:
    for status in report.resources:
        yield from (((status.resource, state), state == status.state) for state in _STATES)


@per_report(
    "bootsource_resource_objects",
    labels=("resource",),
    help="Number of objects of a resource that matter to boot sources and are kept; others are dropped. "
    "No sample while the resource cannot be listed.",
)
def _objects(report: Report) -> Iterator[Sample]:
    yield from (((s.resource,), s.rows) for s in report.resources if s.state in _LISTED)


@per_report(
    "bootsource_resource_rejected_objects",
    labels=("resource",),
    help="Number of objects of a resource that cannot be decoded: they exist, and what they say is unknown. 0 is as it "
    "should be. No sample while the resource cannot be listed.",
)
def _rejected(report: Report) -> Iterator[Sample]:
    yield from (((s.resource,), s.rejected) for s in report.resources if s.state in _LISTED)


@per_report(
    "bootsource_resource_hidden_namespaces",
    labels=("resource", "state"),
    help="Number of namespaces that hold boot sources or their images and in which a resource is not visible: "
    "forbidden (no permission there) or disabled (left out of --namespaces). What checks would find there is unknown.",
)
def _hidden(report: Report) -> Iterator[Sample]:
    for status in report.resources:
        found = Counter(status.hidden_namespaces.values())
        if status.state in _LISTED:
            yield from (((status.resource, state), found[state]) for state in (State.FORBIDDEN, State.DISABLED))


RESOURCES: Final[tuple[Family, ...]] = (_state, _objects, _rejected, _hidden)
