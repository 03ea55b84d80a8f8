"""Objects in, exposition out."""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Event
from typing import Any

from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as text

from exporter.checks import CHECKS
from exporter.checks.evaluate import evaluate_cluster
from exporter.cluster.resource import Resource
from exporter.cluster.resources import WATCHED
from exporter.cluster.snapshot import ClusterSnapshot
from exporter.kube.contract import State
from exporter.metrics.block import Block, EvaluatedCluster
from exporter.metrics.counts import ClusterCounts
from exporter.metrics.exposition import Exposition
from exporter.metrics.families import FAMILIES
from exporter.metrics.family import Family
from exporter.metrics.telemetry import Telemetry
from exporter.report import Report
from exporter.schedule.timetable import Timetable
from exporter.web.guard import OUTCOMES
from exporter.web.routes import ROUTES
from exporter.web.server.failures import PARTS
from tests.worlds import NOW, Manifest, cluster

Samples = dict[tuple[str, ...], float]


class HandClock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.passed = timedelta()

    def now(self) -> datetime:
        return NOW + self.passed

    def monotonic(self) -> float:
        return 1000 + self.passed.total_seconds()

    def wait(self, stop: Event, seconds: float) -> bool:
        raise AssertionError("nothing waits")


def family(name: str) -> Family:
    """The family of this name, without the prefix."""
    return next(f for f in FAMILIES if f.name == f"bootsource_{name}")


def samples_of(
    name: str, *manifests: Manifest, now: datetime = NOW, report: Report | None = None, **options: Any
) -> Samples:
    """The samples of one family, as the text says them, by their label values in declared order."""
    one = family(name)
    block = Block(one)
    block.refresh(EvaluatedCluster(cluster(*manifests, **options), report), now, Timetable(), aged=True)
    assert block.crash is None, block.crash
    found: Samples = {}
    for metric in text(block.text.decode()):
        for sample in metric.samples:
            assert set(sample.labels) == set(one.labels)
            found[tuple(sample.labels[label] for label in one.labels)] = sample.value
    assert len(found) == block.series
    return found


def a_telemetry(*clusters: ClusterCounts) -> Telemetry:
    return Telemetry(
        "1.2.3",
        clusters=clusters or [counts()],
        families=[f.name for f in FAMILIES],
        routes=[route.path for route in ROUTES],
        outcomes=OUTCOMES,
        parts=PARTS,
    )


def counts(cluster: str = "") -> ClusterCounts:
    found = ClusterCounts(
        resources=map(str, WATCHED),
        alive_at=lambda resource: NOW if resource == "nodes" else None,
        cluster=cluster,
    )
    found.register_checks(check.id for check in CHECKS)
    return found


def expose(*manifests: Manifest, states: dict[Resource[Any], State] | None = None) -> Exposition:
    """Everything about a small world, judged with all checks."""
    frozen = cluster(*manifests, states=states)
    return exposition_of(frozen, evaluate_cluster(frozen, NOW).report)


def exposition_of(frozen: ClusterSnapshot, report: Report | None) -> Exposition:
    return Exposition(FAMILIES, {"": lambda: EvaluatedCluster(frozen, report)}, a_telemetry(), HandClock())


def parse_exposition(body: bytes, *, as_openmetrics: bool) -> dict[str, list[tuple[str, dict[str, str], float]]]:
    """Every family that prometheus_client's own parsers find."""
    parse = openmetrics if as_openmetrics else text
    return {m.name: [(s.name, s.labels, s.value) for s in m.samples] for m in parse(body.decode())}
