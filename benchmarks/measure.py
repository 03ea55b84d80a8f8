"""The measurements on one running subject."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Self

from benchmarks.http_client import Connection
from benchmarks.load import tell
from benchmarks.subjects import Running
from benchmarks.world import (
    SOURCES,
    collection_of,
    machine,
    source_conditions,
    source_name,
    source_path,
    unrelated_crd,
)
from tests.rig.cluster import Cluster
from tests.rig.servers import ADMIN_TOKEN, ApiServer

RATE: Final = 100
"""Changes of virtual machines per second."""
_PROBE: Final = "vm-probe"
_GIVE_UP: Final = 10.0
_RELIST: Final = 90.0


@dataclass(slots=True)
class Scrapes:
    """Seconds of each scrape."""

    series: int = 0
    identity_bytes: int = 0
    gzip_bytes: int = 0
    identity: list[float] = field(default_factory=list)
    gzip: list[float] = field(default_factory=list)
    rested: list[float] = field(default_factory=list)
    """Compressed, more than a second after the one before."""
    changed: list[float] = field(default_factory=list)
    """Compressed, the first one after a change."""


def scrapes(running: Running, url: str, repeats: int) -> Scrapes:
    """Scrapes one after the other while nothing changes, then some that follow a change."""
    found, connection, admin = Scrapes(), running.connection, Connection(url, ADMIN_TOKEN)
    found.series = len(running.series())
    for gzip, into in ((False, found.identity), (True, found.gzip)):
        connection.get("/metrics", gzip=gzip)
        into.extend(connection.get("/metrics", gzip=gzip).seconds for _ in range(repeats))
    found.identity_bytes = connection.get("/metrics").size
    found.gzip_bytes = connection.get("/metrics", gzip=True).size
    for _ in range(max(5, repeats // 30)):
        time.sleep(1.2)
        found.rested.append(connection.get("/metrics", gzip=True).seconds)
    for number in range(max(6, repeats // 10)):
        _set_ready(admin, 3, ready=number % 2 == 1)
        time.sleep(0.15 + number * 0.037 % 1)  # the event has arrived; the evaluation is anywhere in its second
        found.changed.append(connection.get("/metrics", gzip=True).seconds)
    admin.close()
    return found


def _set_ready(admin: Connection, number: int, *, ready: bool) -> None:
    admin.merge(source_path(number), {"status": {"conditions": source_conditions(ready=ready)}})


class Churn:
    """Changes virtual machines from a process of its own, for so many seconds or until the end of the block."""

    def __init__(self, url: str, machines: int, seconds: float) -> None:
        arguments = (url, ADMIN_TOKEN, str(machines), str(RATE), str(seconds))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.churn", *arguments], stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()

    def wait(self) -> int:
        """The number of changes made."""
        out, _ = self._process.communicate()
        return int(out)


@dataclass(slots=True)
class Events:
    """CPU of the subject, in seconds."""

    events: int = 0
    busy: float = 0.0
    idle: float = 0.0
    """For as long a time without events."""

    @property
    def per_thousand(self) -> float:
        return max(0.0, self.busy - self.idle) / self.events * 1000


def events(running: Running, url: str, machines: int, seconds: float) -> Events:
    """What events cost that change no metric, beyond what doing nothing costs."""
    time.sleep(5.0)  # the garbage of what was before
    before = running.process.cpu()
    time.sleep(seconds)
    idle = running.process.cpu() - before
    before = running.process.cpu()
    with Churn(url, machines, seconds) as churn:
        count = churn.wait()
    time.sleep(0.5)
    return Events(count, running.process.cpu() - before, idle)


@dataclass(slots=True)
class Latencies:
    """Seconds from the API server's answer to a change until a scrape shows it."""

    source: list[float] = field(default_factory=list)
    """A DataSource that is no longer ready, or ready again."""
    machine: list[float] = field(default_factory=list)
    """A virtual machine that refers to another DataSource."""


def visible(running: Running, url: str, machines: int, probes: int) -> Latencies:
    """How long changes take to show while other machines change all the time."""
    found, admin = Latencies(), Connection(url, ADMIN_TOKEN)
    # Its volumes are made at its first start only, so what it refers to matters as long as it has not started.
    later = {"kubevirt.io/immediate-data-volume-creation": "false"}
    probe = machine(0, 1) | {"metadata": {"name": _PROBE, "namespace": "tenant-000", "annotations": later}}
    collection = collection_of(probe)
    admin.send("DELETE", f"{collection}/{_PROBE}")
    admin.send("POST", collection, probe)
    with Churn(url, machines, 3600):
        time.sleep(2.0)
        for number in range(probes):
            index = 10 + number % 7
            marker = b'"' + source_name(index).encode() + b'"'
            found.source.append(
                _shown_after(running, marker, lambda i=index, n=number: _set_ready(admin, i, ready=n // 7 % 2 == 1))  # type: ignore[misc]
            )
            time.sleep(0.11)
            target = {"kind": "DataSource", "namespace": SOURCES, "name": source_name(0) if number % 2 else "gone"}
            templates = [{"metadata": {"name": "root"}, "spec": {"sourceRef": target}}]
            found.machine.append(
                _shown_after(
                    running,
                    running.subject.machine_marker(_PROBE),
                    lambda t=templates: admin.merge(f"{collection}/{_PROBE}", {"spec": {"dataVolumeTemplates": t}}),  # type: ignore[misc]
                )
            )
            time.sleep(0.07 + number * 0.029 % 0.3)
    admin.send("DELETE", f"{collection}/{_PROBE}")
    for index in range(10, 17):
        _set_ready(admin, index, ready=True)
    admin.close()
    return found


def _shown_after(running: Running, marker: bytes, change: Callable[[], object]) -> float:
    before = _marked(running.scrape(), marker)
    change()
    started = time.perf_counter()
    while _marked(running.scrape(), marker) == before:
        if time.perf_counter() - started > _GIVE_UP:
            tell(f"a change did not show within {_GIVE_UP:.0f} s in {running.subject.name}")
            break
    return time.perf_counter() - started


def _marked(body: bytes, marker: bytes) -> list[bytes]:
    """The lines that hold the marker; findings aside, which are judged later."""
    found, at = set(), body.find(marker)
    while at >= 0:
        end = body.find(b"\n", at)
        found.add(body[body.rfind(b"\n", 0, at) + 1 : end])
        at = body.find(marker, end)
    return sorted(found)


@dataclass(slots=True)
class Gaps:
    """Series that were there before and missing in some scrape."""

    series: int = 0
    scrapes: int = 0
    scrapes_with_gaps: int = 0
    most_missing: int = 0
    refused: int = 0
    seconds: float = 0.0
    """Longest time without a complete scrape."""
    examples: list[str] = field(default_factory=list)


def settled(running: Running) -> frozenset[bytes]:
    """The series once they have been the same for some seconds: judgements of earlier changes follow them."""
    series, same = running.series(), 0
    for _ in range(60):
        time.sleep(1.0)
        before, series = series, running.series()
        same = same + 1 if series == before else 0
        if same == 3:
            break
    return series


class _Watchman:
    """Scrapes all the time, in a thread of its own, and notes what is missing."""

    def __init__(self, running: Running, pause: float = 0.1) -> None:
        self._running = running
        self._pause = pause
        self._baseline = settled(running)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._complete_at = time.monotonic()
        self.gaps = Gaps(series=len(self._baseline))

    def __enter__(self) -> Gaps:
        self._thread.start()
        return self.gaps

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._noted(complete=not self.gaps.scrapes)

    def _run(self) -> None:
        while not self._stop.wait(self._pause):
            try:
                self._look()
            except OSError:
                self._running.connection.close()
                self.gaps.refused += 1

    def _look(self) -> None:
        missing = self._baseline - self._running.series()
        self.gaps.scrapes += 1
        if missing:
            self.gaps.scrapes_with_gaps += 1
            if len(missing) > self.gaps.most_missing:
                self.gaps.most_missing = len(missing)
                self.gaps.examples = sorted(line.decode() for line in missing)[:3]
        self._noted(complete=not missing)

    def _noted(self, *, complete: bool) -> None:
        now = time.monotonic()
        if complete:
            self._complete_at = now
        elif self.gaps.most_missing:
            self.gaps.seconds = max(self.gaps.seconds, now - self._complete_at)


def crd_gaps(running: Running, cluster: Cluster, times: int) -> Gaps:
    """An unrelated CRD comes and goes; nothing may happen to our series."""
    crd = unrelated_crd()
    with _Watchman(running) as gaps:
        for _ in range(times):
            cluster.apply(crd)
            cluster.await_served(crd)
            cluster.remove_crd(crd["metadata"]["name"])
        time.sleep(10)
    return gaps


@dataclass(slots=True)
class Relist:
    """What happened while the subject had to list everything anew."""

    gaps: Gaps
    lists: int | None = None
    """Complete lists that it made; None if it does not tell."""


def relist(running: Running, server: ApiServer) -> Relist:
    """The API server restarts and has forgotten the versions that watches want to resume from: a 410 for each."""
    before = _lists(running)
    with _Watchman(running) as gaps:
        server.forget()
        # Reconnecting waits for a while. The peer does not tell when it has listed.
        deadline = time.monotonic() + (_RELIST if before is not None else _RELIST / 2)
        while time.monotonic() < deadline and _lists(running) == before:
            time.sleep(1.0)
        time.sleep(5.0)
    after = _lists(running)
    return Relist(gaps, after - before if after is not None and before is not None else None)


def _lists(running: Running) -> int | None:
    marker = b'bootsource_exporter_watch_lists_total{resource="virtualmachines"} '
    connection = Connection(running.url)
    body = connection.get("/metrics").body
    connection.close()
    return int(float(body.partition(marker)[2].split(b"\n")[0])) if marker in body else None
