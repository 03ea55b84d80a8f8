"""From a change of the cluster to its finding, in /metrics and in /api."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from benchmarks.http_client import Connection
from benchmarks.load import tell
from benchmarks.subjects import Running
from benchmarks.world import (
    DEFAULT_CLASS,
    FROZEN,
    SOURCES,
    STORAGE_CLASS_PATH,
    boot_source_objects,
    collection_of,
    cron_path,
    polled_status,
    source_name,
    waiting_machine,
)
from tests.rig.servers import ADMIN_TOKEN

_GIVE_UP: Final = 90.0
_PAUSE: Final = 0.02
_PROBE: Final = "vm-waits"


@dataclass(frozen=True, slots=True)
class Change:
    """Something that breaks, and how it is put right again."""

    check: str
    name: str
    """Of the object that the finding is about; "" for the cluster."""
    make: Callable[[], object]
    undo: Callable[[], object]


@dataclass(slots=True)
class ToFinding:
    """Seconds from the API server's answer to a change until the finding is shown."""

    metrics: dict[str, list[float]] = field(default_factory=dict)
    """By kind of change."""
    api: dict[str, list[float]] = field(default_factory=dict)
    cpu: dict[str, list[float]] = field(default_factory=dict)
    """CPU seconds of the program from the change to the finding, with the requests that look for it."""


def to_findings(running: Running, url: str, repeats: int) -> ToFinding:
    """Break three things in turn, several times; each is put right before the next one breaks."""
    found, admin = ToFinding(), Connection(url, ADMIN_TOKEN)
    for kind, change in _changes(admin).items():
        for number in range(repeats):
            time.sleep(0.3 + number * 0.37 % 1.1)  # anywhere in the rest of the evaluation before
            before = running.process.cpu()
            change.make()
            started = time.perf_counter()
            found.metrics.setdefault(kind, []).append(_await(running, change, started, _in_metrics))
            found.api.setdefault(kind, []).append(_await(running, change, started, _in_api))
            found.cpu.setdefault(kind, []).append(running.process.cpu() - before)
            change.undo()
            _await(running, change, time.perf_counter(), lambda r, c: not _in_metrics(r, c))
        tell(f"{kind}: {max(found.metrics[kind]):.2f} s at most until /metrics shows the finding")
    admin.close()
    return found


def _changes(admin: Connection) -> Mapping[str, Change]:
    waiting = waiting_machine(_PROBE, source_name(20))
    machines = collection_of(waiting)
    admin.send("DELETE", f"{machines}/{_PROBE}")
    admin.send("POST", machines, waiting)
    admin.merge(f"{machines}/{_PROBE}/status", {"status": waiting["status"]})
    source = boot_source_objects(20)["DataSource"]
    sources = collection_of(source)
    cron = cron_path(21)
    none = dict.fromkeys(DEFAULT_CLASS)
    return {
        "default class removed": Change(
            "no-default-storage-class",
            "",
            lambda: admin.merge(STORAGE_CLASS_PATH, {"metadata": {"annotations": none}}),
            lambda: admin.merge(STORAGE_CLASS_PATH, {"metadata": {"annotations": DEFAULT_CLASS}}),
        ),
        "DataSource deleted": Change(
            "machine-source-missing",
            source_name(20),
            lambda: admin.send("DELETE", f"{sources}/{source_name(20)}"),
            lambda: admin.send("POST", sources, source),
        ),
        "DataImportCron frozen": Change(
            "polling-frozen",
            f"{source_name(21)}-cron",
            lambda: admin.merge(cron, polled_status(FROZEN)),
            lambda: admin.merge(cron, polled_status(None)),
        ),
    }


def _await(running: Running, change: Change, started: float, shown: Callable[[Running, Change], bool]) -> float:
    while not shown(running, change):
        if time.perf_counter() - started > _GIVE_UP:
            raise RuntimeError(f"{change.check} did not come or go within {_GIVE_UP:.0f} s in {SOURCES}")
        time.sleep(_PAUSE)
    return time.perf_counter() - started


def _in_metrics(running: Running, change: Change) -> bool:
    check, name = f'check="{change.check}"'.encode(), f'"{change.name}"'.encode()
    lines = running.scrape().split(b"\n")
    return any(line.startswith(b"bootsource_finding{") and check in line and name in line for line in lines)


def _in_api(running: Running, change: Change) -> bool:
    report: dict[str, Any] = json.loads(running.connection.get("/api/v1/findings").body)
    return any(f["check"] == change.check and f["object"]["name"] == change.name for f in report["findings"])
