"""After any history of changes and faults the rows equal a fresh list: a server with a memory, and dice."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from random import Random

import pytest

from exporter.base.clock import SystemClock
from exporter.kube.backoff import Timing
from exporter.kube.contract import Key, State
from tests.kube.fake import (
    FakeApi,
    Request,
    Waits,
    bookmark,
    end_watch,
    erring,
    event,
    listing,
    obj,
    reflecting,
    status,
)

FAULTS = (
    *("none", "none", "none", "none", "cut", "half-a-line", "half-an-event", "silence", "end"),
    *("500", "503", "429", "401", "403", "410", "504", "error-410", "error-500", "restore", "removed"),
)
_STEP = 1000
"""Between two versions: what is left of them tells which history they belong to, as nothing does in the real world."""


class Living:
    """A collection that changes while it is read, on a server where things go wrong for a while."""

    def __init__(self, api: FakeApi, seed: int) -> None:
        self.api = api
        self.dice = Random(seed)
        self.lock = threading.Lock()
        self.version = 1000 * _STEP
        self.objects: dict[str, int] = {}
        self.log: list[tuple[int, bytes]] = []
        self.listed: dict[str, int] = {}
        self.listed_at = 0
        self.faults_left = 60
        self.watch_list = seed % 3 != 0
        self.epoch = 0

    def change(self) -> None:
        """Some objects are created, changed or deleted."""
        for _ in range(self.dice.randint(0, 4)):
            self.version += _STEP
            name = self.dice.choice("abcdefgh")
            if name in self.objects and self.dice.random() < 0.4:
                del self.objects[name]
                type_ = "DELETED"
            else:
                type_ = "MODIFIED" if name in self.objects else "ADDED"
                self.objects[name] = self.version
            self.log.append((self.version, event(type_, obj(name, self.version))))

    def restore(self) -> None:
        """Etcd comes back as it was some time ago: versions go backwards, and the history is another one."""
        self.objects = {n: v for n, v in self.objects.items() if self.dice.random() < 0.7}
        self.version -= 5 * _STEP - 1
        self.log = []
        self.epoch += 1

    def fault(self) -> str:
        """What goes wrong now."""
        with self.lock:
            self.faults_left -= 1
            if self.faults_left < 0:
                return "none"
            found = self.dice.choice(FAULTS)
            if found == "restore":
                self.restore()
            if found == "removed":
                self.api.served = False
            return found

    def answer(self, request: Request) -> None:
        """A list or a watch, perhaps with a fault in it."""
        fault = self.fault()
        if fault.isdigit():
            status(int(fault), "as the dice say")(request)
        elif fault == "removed":
            status(404)(request)
        elif request.query.get("watch") == "true":
            self._watch(request, fault)
        else:
            self._list(request, fault)

    def _list(self, request: Request, fault: str) -> None:
        with self.lock:
            start = int(request.query.get("continue") or 0)
            if not start:
                self.change()
                self.listed, self.listed_at = dict(self.objects), self.version
            names = sorted(self.listed)
            size = 3 if "limit" in request.query else 100
            token = str(start + size) if start + size < len(names) else ""
            part = [obj(n, self.listed[n]) for n in names[start : start + size]]
            page = listing(*part, version=self.listed_at, token=token if "limit" in request.query else "")
        if fault in ("cut", "half-a-line"):
            request.begin()
            request.chunk(b'{"items":[{"metadata":{"name":"wrong"}},')
            request.cut()
        elif fault == "half-an-event":
            request.raw(200, b'{"items":[{"metadata":{"name":"wrong","resourceVersion":"1"}}')
        else:
            page(request)

    def _watch(self, request: Request, fault: str) -> None:
        with self.lock:
            epoch, at = self.epoch, self.version
            first: list[bytes] = []
            if request.query.get("sendInitialEvents"):
                if not self.watch_list:
                    status(422)(request)
                    return
                first = [event("ADDED", obj(n, v)) for n, v in self.objects.items()]
                first.append(bookmark(at, end=True))
            else:
                at = int(request.query["resourceVersion"])
                known = {v for v, _ in self.log} | {self.version}
                if at not in known:
                    status(410, "too old")(request)
                    return
        request.begin()
        for line in first:
            request.chunk(line)
        self._follow(request, fault, epoch, at)

    def _follow(self, request: Request, fault: str, epoch: int, at: int) -> None:
        for _ in range(self.dice.randint(1, 3)):
            with self.lock:
                if epoch != self.epoch:
                    request.cut()
                    return
                if self.faults_left >= 0:
                    self.change()
                lines = [line for version, line in self.log if version > at]
                at = self.version
            for line in lines:
                request.chunk(line)
            request.chunk(bookmark(at))
        self._break(request, fault)

    def _break(self, request: Request, fault: str) -> None:
        if fault == "cut":
            request.cut()
        elif fault == "half-a-line":
            request.wfile.write(b'ff\r\n{"type":"ADDED","object":{"metadata":{"name":"wrong"')
            request.cut()
        elif fault == "half-an-event":
            request.chunk(b'{"type":"ADDED","object":{"metadata":{"name":"wrong"\n')
        elif fault == "error-410":
            request.chunk(erring(410))
        elif fault == "error-500":
            request.chunk(erring(500))
        elif fault in ("silence", "restore") or self.faults_left < 0:
            request.hold()
        else:
            end_watch(request)


@pytest.fixture
def api() -> Iterator[FakeApi]:
    with FakeApi() as running:
        yield running


@pytest.mark.parametrize("seed", range(8))
def test_after_any_history_the_rows_equal_a_fresh_list(api: FakeApi, seed: int) -> None:
    class Returning(Waits):
        """While the reflector waits, a CRD that was removed comes back."""

        def wait(self, stop: threading.Event, seconds: float) -> bool:
            api.served = True
            return super().wait(stop, seconds)

    living = Living(api, seed)
    api.watches = api.lists = [living.answer]
    clock = Returning(SystemClock())
    clock.limit = 10_000
    with reflecting(api, clock, timing=Timing(first_events=0.1, watch=(0, 0), slack=0.1)) as (seen, reflector):
        seen.until(lambda s: living.faults_left < 0 and s.states[-1] is State.LIVE and same(s.rows, living))
        assert reflector.stats.lists >= 1
        assert not any(key.name == "wrong" for key in (*seen.rows, *seen.rejected))


def same(rows: Mapping[Key, object], living: Living) -> bool:
    with living.lock:
        return {str(key) for key in rows} == {f"images/{name}" for name in living.objects}
