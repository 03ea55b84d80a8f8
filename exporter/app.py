"""`serve`: puts the parts together, from the watch to the socket, and takes them apart again."""

from __future__ import annotations

import logging
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from threading import Event
from types import FrameType
from typing import Any, Final, Self

from exporter.access import OPEN, Access, access_of
from exporter.clock import Clock, SystemClock
from exporter.kube.client import Client
from exporter.metrics.exposition import Exposition
from exporter.metrics.families import FAMILIES
from exporter.metrics.telemetry import Telemetry
from exporter.option_values import Address
from exporter.options import DISABLE, LISTEN, TLS_CERT
from exporter.pipeline import Pipeline
from exporter.resource import Resource
from exporter.settings import Settings, SettingsError
from exporter.terminal import Progress
from exporter.version import version
from exporter.watching import connections
from exporter.web.certificates import Certificates
from exporter.web.guard import OUTCOMES
from exporter.web.listen import ListenError
from exporter.web.routes import ROUTES, Router
from exporter.web.server import Server
from exporter.web.site import Site, View

log = logging.getLogger(__name__)

_DRAIN: Final = 5.0
"""Seconds that requests under way may take after we were asked to end."""


def serve(settings: Settings) -> int:
    """Watch the cluster that the settings name and serve what is found, until a signal ends it."""
    clock = SystemClock()
    access = access_of(settings)
    clients = connections(settings, clock)
    started = Exporter(clients, clock, settings[LISTEN], disabled=settings[DISABLE], access=access)
    with ended_by_signal() as stop, started as exporter:
        urls = ", ".join(client.url for client in clients.values())
        log.info("serving", extra={"address": exporter.address, "cluster": urls})
        if access.by_kubernetes and not access.files:
            log.warning("tokens come in unencrypted; see %s", TLS_CERT.flag)
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
    """Everything that runs, from `with` to its end."""

    def __init__(
        self,
        clients: Mapping[str, Client],
        clock: Clock,
        listen: Address,
        *,
        disabled: frozenset[Resource[Any]] = frozenset(),
        access: Access = OPEN,
    ) -> None:
        """`clients` by the name of their cluster, "" if it is the only one. The first one's decides who may see it all.

        Raises SettingsError if the address cannot be listened on, or if certificates cannot be used.
        """
        self._pipelines = [Pipeline(name, client, clock, disabled) for name, client in clients.items()]
        telemetry = Telemetry(
            version(),
            clusters=[each.counts for each in self._pipelines],
            families=[f.name for f in FAMILIES],
            routes=[r.path for r in ROUTES],
            outcomes=OUTCOMES,
        )
        self._ending = False
        site = Site(
            exposition=Exposition(FAMILIES, {p.name: p.judged for p in self._pipelines}, telemetry, clock),
            clusters={p.name: View(p.name, p.url, p.judged, p.pending, p.facts) for p in self._pipelines},
            alive=lambda: all(each.turns() for each in self._pipelines),
            pending=self.pending,
            version=version(),
            clock=clock,
        )
        guard = access.guard(next(iter(clients.values())), clock, telemetry.decided)
        self._certificates = access.certificates(clock, telemetry)
        self._server = _listening(listen, Router(site, telemetry.answered, guard), telemetry, self._certificates)
        self.address = f"{access.scheme}://{listen.host or 'localhost'}:{self._server.port}/"
        """Where a browser finds the page."""
        self._parts = ExitStack()

    def __enter__(self) -> Self:
        """Start to listen, to watch, and to judge."""
        if self._certificates:
            self._parts.enter_context(self._certificates)
        self._server.start()
        self._parts.callback(self._server.stop, _DRAIN)
        for pipeline in self._pipelines:
            self._parts.enter_context(pipeline)
        return self

    def __exit__(self, *_: object) -> None:
        """Not ready any more; then stop to judge, to watch, and to listen."""
        self._ending = True
        self._parts.close()

    def received(self) -> int:
        """Objects that the first lists have brought so far."""
        return sum(each.received() for each in self._pipelines)

    def pending(self) -> list[str]:
        """Why we are not ready: what has not been listed yet, then the first report on all of it."""
        if self._ending:
            return ["stopping"]
        return [f"{each.name}: {what}" if each.name else what for each in self._pipelines for what in each.pending()]


def _listening(
    listen: Address, handle: Callable[..., Any], telemetry: Telemetry, certificates: Certificates | None
) -> Server:
    try:
        return Server(
            listen.host,
            listen.port,
            handle,
            refused=lambda code: telemetry.answered("", code),
            tls=(lambda: certificates.context) if certificates else None,
        )
    except ListenError as error:
        raise SettingsError(f"{LISTEN.flag}: {error}") from None


def announce(text: str) -> None:
    """A line for the person at the terminal."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
