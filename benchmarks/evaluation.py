"""`python -m benchmarks.evaluation`: what evaluations cost by the size of the cluster, without servers.

Each size runs in a process of its own, which holds the objects as the exporter does. CPU time rather than wall time, so
that a busy machine disturbs little; memory beyond that of the program itself. Writes results/evaluation.md.
"""

from __future__ import annotations

import copy
import gc
import json
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from benchmarks import world
from benchmarks.process import memory_of
from benchmarks.run import RESULTS
from exporter.base.clock import SystemClock
from exporter.base.garbage import collect_afterwards
from exporter.checks.engine import Evaluation, Memory
from exporter.checks.evaluate import evaluate_cluster
from exporter.cluster.resources import DATA_SOURCES, WATCHED
from exporter.cluster.store import Store
from exporter.kube.contract import Key, State
from exporter.schedule.timetable import Timetable

SIZES: Final = ((500, 20_000), (2_000, 20_000), (10_000, 20_000), (500, 50_000), (2_000, 50_000), (10_000, 50_000))
"""Boot sources and virtual machines."""
REPEATS: Final = 5
_CODECS: Final = {resource.kind: (resource, resource.codec()) for resource in WATCHED}
_MADE: Final = {"creationTimestamp": "2025-01-06T08:00:00Z"}


class Cluster:
    """The objects of one size, and the evaluations of them."""

    def __init__(self, sources: int, machines: int) -> None:
        self.now = datetime.now(UTC)
        self.store = Store(WATCHED, SystemClock())
        self._timetable = Timetable()
        self._memory: Memory | None = None
        for resource in WATCHED:
            self.store.sink(resource).state(State.LIVE)
        self.put(*world.platform())
        for number in range(sources):
            self.put(*world.boot_source(number, self.now))
        for number in range(machines):
            self.put(world.machine(number, sources) | world.machine_status())
            if world.has_reference(number):
                self.put(world.disk(number, sources, self.now))

    def put(self, *things: world.Object) -> None:
        for thing in things:
            resource, codec = _CODECS.get(thing["kind"], (None, None))
            if resource is not None and codec is not None:
                made = thing | {"metadata": _MADE | thing["metadata"]}
                self.store.sink(resource).apply(codec.from_event(json.dumps({"object": made}).encode()))

    def evaluate(self) -> tuple[float, Evaluation]:
        """CPU seconds, and what came of it."""
        started = time.process_time()
        with collect_afterwards():
            evaluation = evaluate_cluster(self.store.freeze(), self.now, self._memory, self._timetable)
        gc.collect(0)
        self.now += timedelta(seconds=1)
        self._memory = evaluation.memory
        return time.process_time() - started, evaluation


def changes(cluster: Cluster) -> Iterator[tuple[str, Callable[[int], object]]]:
    """By name: changes that differ with their number."""
    things = world.boot_source_objects(3)

    def edit(kind: str) -> Callable[[int], object]:
        def change(number: int) -> None:
            thing = copy.deepcopy(things[kind])
            thing["metadata"]["generation"] = number + 2
            if kind == "DataSource":
                thing["status"]["conditions"] = world.source_conditions(ready=number % 2 == 1)
            cluster.put(thing)

        return change

    def remove_or_restore(number: int) -> None:
        if number % 2:
            cluster.put(things["DataSource"])
        else:
            cluster.store.sink(DATA_SOURCES).remove(Key(world.SOURCES, world.source_name(3)))

    def default(number: int) -> None:
        annotations = world.DEFAULT_CLASS if number % 2 else {}
        thing = next(thing for thing in world.platform() if thing["kind"] == "StorageClass")
        thing["metadata"]["annotations"] = annotations
        cluster.put(thing)

    yield "nothing changed", lambda _: None
    yield "a DataImportCron", edit("DataImportCron")
    yield "a claim", edit("PersistentVolumeClaim")
    yield "a DataSource", edit("DataSource")
    yield "a DataSource comes or goes", remove_or_restore
    yield "the default class comes or goes", default


def measure(sources: int, machines: int) -> dict[str, float]:
    """Seconds of CPU by kind of change, the median; MiB beyond the program."""
    before = memory_of_self()
    cluster = Cluster(sources, machines)
    found = {"objects": memory_of_self() - before}
    found["first"], evaluation = cluster.evaluate()
    found["findings"] = len(evaluation.report.findings)
    for name, change in changes(cluster):
        seconds = []
        for number in range(REPEATS):
            change(number)
            seconds.append(cluster.evaluate()[0])
        found[name] = sorted(seconds)[REPEATS // 2]
    found["all"] = memory_of_self() - before
    return found


def memory_of_self() -> float:
    """MiB that are resident now."""
    return memory_of("self")[1]


def markdown(results: dict[tuple[int, int], dict[str, float]]) -> str:
    """A table with a column per size."""
    columns = [f"{sources:,} / {machines:,}" for sources, machines in results]
    names = [name for name in next(iter(results.values())) if name not in ("objects", "findings", "all")]
    lines = [
        "# Evaluation by size",
        "",
        (
            f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}; CPU seconds, the median of {REPEATS}. "
            "Columns: boot sources / VirtualMachines."
        ),
        "",
        f"| | {' | '.join(columns)} |",
        f"|---|{'---|' * len(columns)}",
        *(_row(f"{name}, s", [f"{r[name]:.3f}" for r in results.values()]) for name in names),
        _row("findings", [f"{r['findings']:,.0f}" for r in results.values()]),
        _row("memory of the objects, MiB", [f"{r['objects']:.1f}" for r in results.values()]),
        _row("memory after evaluations, MiB", [f"{r['all']:.1f}" for r in results.values()]),
    ]
    return "\n".join(lines) + "\n"


def _row(name: str, cells: list[str]) -> str:
    return f"| {' | '.join([name, *cells])} |"


def main() -> int:
    if len(sys.argv) == 3:
        print(json.dumps(measure(int(sys.argv[1]), int(sys.argv[2]))))
        return 0
    results = {}
    for sources, machines in SIZES:
        command = [sys.executable, "-m", "benchmarks.evaluation", str(sources), str(machines)]
        out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        results[sources, machines] = json.loads(out)
        sys.stderr.write(f"[bench] {sources} boot sources, {machines} machines: {out}")
    (RESULTS / "evaluation.md").write_text(markdown(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
