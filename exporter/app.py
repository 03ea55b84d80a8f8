"""`serve`: puts the parts together, from the watch to the socket, and takes them apart again."""

from __future__ import annotations

import logging
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from threading import Event
from types import FrameType
from typing import Any, Final, Self

from exporter.checks import CHECKS
from exporter.checks.engine import Evaluation
from exporter.clock import Clock, SystemClock
from exporter.evaluation import EvaluationLoop
from exporter.kube.client import Client
from exporter.kube.contract import State
from exporter.metrics.block import Judged
from exporter.metrics.exposition import Exposition
from exporter.metrics.families import FAMILIES
from exporter.metrics.telemetry import Telemetry
from exporter.option_values import Address
from exporter.options import DISABLE, FRESHNESS_TARGET, LISTEN
from exporter.output.facts import facts_of
from exporter.resource import Resource
from exporter.settings import Settings, SettingsError
from exporter.store import Store
from exporter.terminal import Progress
from exporter.version import version
from exporter.watched import WATCHED
from exporter.watching import Watching, connect
from exporter.web.listen import ListenError
from exporter.web.page import About
from exporter.web.routes import ROUTES, Router, Site
from exporter.web.server import Server

log = logging.getLogger(__name__)

_DRAIN: Final = 5.0
"""Seconds that requests under way may take after we were asked to end."""


def serve(settings: Settings) -> int:
    """Watch the cluster that the settings name and serve what is found, until a signal ends it."""
    clock = SystemClock()
    client = connect(settings, clock)
    running = Exporter(client, clock, settings[LISTEN], settings[DISABLE], freshness_target=settings[FRESHNESS_TARGET])
    with ended_by_signal() as stop, running as exporter:
        log.info("serving", extra={"address": exporter.address, "cluster": client.url})
        _show_first_sync(exporter, Progress(sys.stderr, clock.monotonic), stop)
        stop.wait()
        log.info("stopping")
    return 0


def _show_first_sync(exporter: Exporter, progress: Progress, stop: Event) -> None:
    """A first sync may take minutes: show how far it is on a terminal, and say in the log when it is over."""
    while exporter.pending() and not stop.wait(0.1):
        progress(f"{exporter.received()} objects received, waiting for {', '.join(exporter.pending())}")
    progress.done()
    if not stop.is_set():
        log.info("first sync is complete", extra={"objects": exporter.received()})


@contextmanager
def ended_by_signal() -> Iterator[Event]:
    """An event that SIGTERM and SIGINT set; the handlers that were there come back afterwards."""
    stop = Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class Exporter:
    """Everything that runs, from `with` to its end. Raises SettingsError if the address cannot be listened on."""

    def __init__(
        self,
        client: Client,
        clock: Clock,
        listen: Address,
        disabled: frozenset[Resource[Any]] = frozenset(),
        *,
        freshness_target: timedelta = FRESHNESS_TARGET.default,
    ) -> None:
        watched = [r for r in WATCHED if r not in disabled]
        self._store = Store(WATCHED, clock)
        for resource in disabled:
            self._store.settle(resource, State.DISABLED, "switched off by configuration")
        self._telemetry = Telemetry(
            version(),
            resources=[str(r) for r in watched],
            checks=[c.id for c in CHECKS],
            families=[f.name for f in FAMILIES],
            routes=[r.path for r in ROUTES],
            alive_at=self._alive_at,
        )
        self._telemetry.promises(freshness_target)
        self._watching = Watching(client, self._store, clock, watched, self._telemetry)
        self._loop = EvaluationLoop(self._store, lambda: not self._watching.pending(), self._evaluated)
        self._ending = False
        site = Site(
            exposition=Exposition(FAMILIES, self._judged, self._telemetry, clock),
            judged=self._judged,
            alive=self._loop.turns,
            pending=self.pending,
            about=lambda: About(version(), facts_of(self._store.freeze())),
            clock=clock,
        )
        self._server = _listening(listen, Router(site, self._telemetry.answered), self._telemetry)
        self.address = f"http://{listen.host or 'localhost'}:{self._server.port}/"
        """Where a browser finds the page."""
        self._parts = ExitStack()

    def __enter__(self) -> Self:
        """Start to listen, to watch, and to judge."""
        for start, stop in (
            (self._server.start, lambda: self._server.stop(_DRAIN)),
            (self._watching.start, self._watching.stop),
            (self._loop.start, self._loop.stop),
        ):
            start()
            self._parts.callback(stop)
        return self

    def __exit__(self, *_: object) -> None:
        """Not ready any more; then stop to judge, to watch, and to listen."""
        self._ending = True
        self._parts.close()

    def received(self) -> int:
        """Objects that the first lists have brought so far."""
        return sum(stats.listing for _, stats in self._watching.stats())

    def pending(self) -> list[str]:
        """Why we are not ready: what has not been listed yet, then the first report on all of it."""
        if self._ending:
            return ["stopping"]
        return [str(r) for r in self._watching.pending()] or ([] if self._loop.settled() else ["first report"])

    def _judged(self) -> Judged:
        return Judged(self._store.freeze(), self._loop.report)

    def _alive_at(self, resource: str) -> datetime | None:
        return self._store.alive_at(next(r for r in WATCHED if str(r) == resource))

    def _evaluated(self, evaluation: Evaluation, seconds: float) -> None:
        self._telemetry.evaluated(seconds, evaluation.report.at, evaluation.crashed)


def _listening(listen: Address, handle: Callable[..., Any], telemetry: Telemetry) -> Server:
    try:
        return Server(listen.host, listen.port, handle, refused=lambda code: telemetry.answered("", code))
    except ListenError as error:
        raise SettingsError(f"{LISTEN.flag}: {error}") from None


def announce(text: str) -> None:
    """A line for the person at the terminal."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
