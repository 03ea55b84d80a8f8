"""A week in the life of the sample cluster, as the exporter told it: its own output, by a clock moved by hand."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain, groupby
from pathlib import Path
from threading import Event
from typing import Any, Final

from exporter.checks import CHECKS
from exporter.checks.engine import Memory
from exporter.checks.evaluate import evaluate_cluster
from exporter.cluster.resource import Resource
from exporter.cluster.resources import WATCHED
from exporter.cluster.snapshot import ClusterSnapshot
from exporter.cluster.store import Store
from exporter.demo.api import ObjectStore
from exporter.demo.life import Life, Pace
from exporter.demo.sample import sample_objects
from exporter.kube.contract import Key, State
from exporter.metrics.block import EvaluatedCluster
from exporter.metrics.counts import ClusterCounts
from exporter.metrics.exposition import Exposition
from exporter.metrics.families import FAMILIES
from exporter.metrics.telemetry import Telemetry
from exporter.settings.options import FRESHNESS_TARGET
from exporter.web.guard import OUTCOMES
from exporter.web.routes import ROUTES
from exporter.web.server.failures import PARTS
from tests.rig.build import build

STEP: Final = timedelta(minutes=10)
"""Between two scrapes of that week. A Prometheus has to look back further, from where it begins to scrape itself."""
ARGUMENTS: Final = ("--query.lookback-delta=13m",)
"""Of the Prometheus that reads it."""
SPAN: Final = timedelta(days=7)
JOB: Final = "bootsource-exporter"
_PACE: Final = Pace(
    import_every=timedelta(hours=5),
    import_takes=timedelta(minutes=25),
    first_incident=timedelta(days=1, hours=4),
    incident_every=timedelta(days=2, hours=9),
    incident_takes=timedelta(hours=2),
)
_CODECS: Final = {resource: resource.codec() for resource in WATCHED}
_SAMPLE: Final = re.compile(r"([a-z_]+)(?:\{(.*)\})? (\S+)")


@dataclass
class _Clock:
    at: datetime
    started: datetime

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return 1000 + (self.at - self.started).total_seconds()

    def wait(self, stop: Event, seconds: float) -> bool:
        raise AssertionError("nothing waits")


@dataclass
class _Watch:
    """What a watch counts that is begun anew about every five minutes."""

    requests: dict[str, int] = field(default_factory=lambda: {"ok": 1})
    lists: int = 1
    watches: int = 1
    events: int = 0

    def turn(self, events: int) -> None:
        self.requests["ok"] += 1
        self.watches += 1
        self.events += events


class Week:
    """The objects of the sample cluster, and what was told of them until now."""

    def __init__(self, until: datetime, instance: str) -> None:
        self.objects = ObjectStore(WATCHED)
        self._until = until
        self._clock = _Clock(until - SPAN, until - SPAN)
        for manifest in sample_objects(until - SPAN):
            self.objects.put(manifest)
        self._store = Store(WATCHED, self._clock)
        self._versions: dict[Resource[Any], dict[Key, str]] = {resource: {} for resource in WATCHED}
        for resource in WATCHED:
            self._store.sink(resource).state(State.LIVE, "")
        self._labels = f'job="{JOB}",instance="{instance}"'

    def samples(self) -> Iterator[str]:
        """Samples with their time, one a line, in the order of time."""
        clock = self._clock
        life = Life(self.objects, clock.at, _PACE)
        counts = ClusterCounts(resources=map(str, WATCHED), alive_at=lambda _: clock.now())
        counts.register_checks(check.id for check in CHECKS)
        watches = {str(resource): _Watch() for resource in WATCHED}
        for name, watch in watches.items():
            counts.watch(name, watch)
        routes = [route.path for route in ROUTES]
        told = Telemetry(
            "0.1.0",
            clusters=[counts],
            families=[f.name for f in FAMILIES],
            routes=routes,
            outcomes=OUTCOMES,
            parts=PARTS,
        )
        told.promises(FRESHNESS_TARGET.default)
        memory: Memory | None = None
        judged = EvaluatedCluster(self._frozen(), None)
        exposition = Exposition(FAMILIES, {"": lambda: judged}, told, clock)
        while clock.at < self._until:
            before = self.objects.version
            life.tick(clock.at)
            for name, watch in watches.items():
                watch.turn(self.objects.version - before if name == "dataimportcrons" else 0)
            frozen = self._frozen()
            evaluation = evaluate_cluster(frozen, clock.at, memory)
            memory = evaluation.memory
            counts.count_evaluation(0.004, clock.at, evaluation.crashed)
            judged = EvaluatedCluster(frozen, evaluation.report)
            told.count_answer("/metrics", 200)
            yield from self._stamp(exposition.scrape().body.decode())
            clock.at += STEP

    def _frozen(self) -> ClusterSnapshot:
        """The cluster as of now: what has changed goes to the store, as from a watch."""
        for resource, codec in _CODECS.items():
            sink, gone = self._store.sink(resource), set(self._versions[resource])
            for manifest in self.objects.list_objects(resource, "")[0]:
                meta = manifest["metadata"]
                key = Key(meta.get("namespace", ""), meta["name"])
                gone.discard(key)
                if self._versions[resource].get(key) != meta["resourceVersion"]:
                    self._versions[resource][key] = meta["resourceVersion"]
                    sink.apply(codec.from_value(manifest))
            for key in gone:
                del self._versions[resource][key]
                sink.remove(key)
        return self._store.freeze()

    def _stamp(self, text: str) -> Iterator[str]:
        at = self._clock.at.timestamp()
        for line in text.splitlines():
            found = None if line.startswith("#") else _SAMPLE.fullmatch(line)
            if found:
                labels = f"{found[2]},{self._labels}" if found[2] else self._labels
                yield f"{found[1]}{{{labels}}} {found[3]} {at:.0f}\n"


def backfill(week: Week, directory: Path, data: Path) -> None:
    """Blocks of that week for a Prometheus. A file for six hours, since each is read once for each of its blocks."""
    directory.mkdir(parents=True, exist_ok=True)
    for hours, lines in groupby(week.samples(), lambda line: int(line.rsplit(" ", 1)[1]) // 21600):
        path = directory / f"{hours}.txt"
        with path.open("w") as file:
            file.writelines(chain(lines, ["# EOF\n"]))
        command = [str(build("promtool")), "tsdb", "create-blocks-from", "openmetrics", "--quiet", str(path), str(data)]
        subprocess.run(command, check=True, capture_output=True)
        path.unlink()
