"""`serve`: builds all parts from the settings, runs them until a signal, and stops them in reverse order."""

from __future__ import annotations

import logging
import signal
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from threading import Event, Thread
from typing import TYPE_CHECKING, Final

from exporter.base import logs
from exporter.base.clock import Clock, SystemClock
from exporter.base.loading import fast_imports
from exporter.base.terminal import Progress
from exporter.base.threads import HTTP, is_running
from exporter.serving.access import Listener, access_settings
from exporter.settings.options import DISABLE, LISTEN, LOG_LEVEL, NAMESPACES, TLS_CERT
from exporter.settings.settings import Settings
from exporter.watch.cluster_watch import ClusterWatch
from exporter.watch.connect import connections

if TYPE_CHECKING:
    from exporter.serving.exporter import Exporter

log = logging.getLogger(__name__)

_SUPERVISE: Final = 2.0
"""Seconds between two tests of whether all threads are alive."""
_TURN: Final = 0.001
"""The interpreter's switch interval in seconds: with the default of 5 ms an evaluation would delay scrapes."""


def serve(settings: Settings) -> int:
    """Watch the clusters that the settings name and serve what is found, until a signal ends it."""
    clock = SystemClock()
    sys.setswitchinterval(_TURN)
    access = access_settings(settings)
    clients = connections(settings, clock)
    entrance = access.open(settings[LISTEN])
    with wait_for_signal() as stop, ExitStack() as watches:
        clusters = [
            watches.enter_context(ClusterWatch(name, client, clock, settings[DISABLE], settings[NAMESPACES]))
            for name, client in clients.items()
        ]
        with _exporter(settings, clock, clusters, entrance) as exporter, apply_configuration(settings, clock, exporter):
            servers = ", ".join(client.url for client in clients.values())
            log.info("serving", extra={"address": entrance.address, "cluster": servers})
            if access.by_kubernetes and not access.files:
                log.warning("tokens come in unencrypted; see %s", TLS_CERT.flag)
            exporter.threads.add("signals", stop.is_handled)
            _show_first_sync(exporter, Progress(sys.stderr, clock.monotonic), stop)
            return _stand_by(exporter, stop)


def _stand_by(exporter: Exporter, stop: Event) -> int:
    """Wait for the signal that ends the program; returns the exit code.

    A thread that has ended shows in the probes and metrics, but these need the threads that answer: without them the
    program ends, so that it is started again.
    """
    reported: set[str] = set()
    while not stop.wait(_SUPERVISE):
        ended = exporter.ended_threads()
        for name in set(ended) - reported:
            log.critical("a thread has ended by itself; restart the exporter", extra={"ended": name})
        reported.update(ended)
        if HTTP in ended:
            return 1
    log.info("stopping")
    return 0


def _exporter(settings: Settings, clock: Clock, clusters: Sequence[ClusterWatch], entrance: Listener) -> Exporter:
    """What is made of the clusters. It is loaded only now: the servers work on long lists meanwhile."""
    with fast_imports():
        from exporter.serving.exporter import Exporter  # noqa: PLC0415
    return Exporter(clusters, settings, clock, entrance)


@contextmanager
def apply_configuration(settings: Settings, clock: Clock, exporter: Exporter) -> Iterator[None]:
    """Take over what of the configuration file can change at run time, for as long as the context lasts."""

    def adopt(changed: Settings) -> None:
        logs.set_level(changed[LOG_LEVEL])
        exporter.adopt(changed)

    if settings.file is None:
        yield
        return
    # Not loaded without a file: to read YAML costs a megabyte.
    from exporter.settings.reload import ConfigReloader  # noqa: PLC0415

    exporter.adopt(settings)
    with ConfigReloader(settings, clock, adopt, exporter.refuse) as reloading:
        exporter.threads.add("configuration", reloading.alive)
        yield


def _show_first_sync(exporter: Exporter, progress: Progress, stop: Event) -> None:
    """A first sync may take minutes: show how far it is on a terminal, and say in the log when it is over."""
    while exporter.pending_resources() and not stop.wait(0.1):
        progress(
            f"{exporter.received_objects()} objects received, waiting for {', '.join(exporter.pending_resources())}"
        )
    progress.clear()
    if not stop.is_set():
        log.info("first sync is complete", extra={"objects": exporter.received_objects()})


class StopSignal(Event):
    """Set when a signal asks the program to end."""

    listener: Thread
    """What sets it."""

    def is_handled(self) -> bool:
        """Whether the thread that waits for a signal is alive, or a signal has arrived."""
        return self.is_set() or is_running(self.listener)


@contextmanager
def wait_for_signal() -> Iterator[StopSignal]:
    """An event that SIGTERM and SIGINT set; the handlers that were there come back afterwards.

    A handler runs in the midst of whatever the main thread does. If that holds the event's lock, as when it begins to
    wait or when a second signal comes at once, setting it there waits for ever: so another thread is told to.
    """
    stop = StopSignal()
    hears, tells = socket.socketpair()
    tells.setblocking(False)

    def wait() -> None:
        hears.recv(1)
        stop.set()

    waiting = stop.listener = Thread(target=wait, name="signals", daemon=True)
    waiting.start()
    before = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGTERM, signal.SIGINT)}
    woken = signal.set_wakeup_fd(tells.fileno(), warn_on_full_buffer=False)
    try:
        yield stop
    finally:
        signal.set_wakeup_fd(woken)
        for number, handler in before.items():
            signal.signal(number, handler)
        tells.close()
        waiting.join()
        hears.close()


def announce(text: str) -> None:
    """A line for the person at the terminal."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
