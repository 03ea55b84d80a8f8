"""Watches a cluster: one reflector and thread per resource, or per namespace for resources of boot sources only."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import inf
from threading import Event, Thread
from typing import Any, Final, Protocol

from exporter.base.clock import Clock
from exporter.base.isolate import Crash, run_isolated
from exporter.base.threads import is_running
from exporter.cluster.resource import Resource, Scope
from exporter.cluster.resources import VIRTUAL_MACHINES
from exporter.cluster.snapshot import ClusterSnapshot
from exporter.cluster.store import WHERE, Store
from exporter.kube.backoff import Timing
from exporter.kube.client import Client
from exporter.kube.contract import State
from exporter.kube.discovery import Target
from exporter.kube.errors import plain_line
from exporter.kube.reflector import Reflector
from exporter.kube.stats import ReflectorStats
from exporter.watch.namespaces import boot_source_namespaces, watch_scope, watched_in, why_hidden

log = logging.getLogger(__name__)

_LOOK: Final = 1.0
"""Shortest time in seconds between two searches for the namespaces of boot sources."""
_FIRST_LOOK: Final = 0.05
_AFTER_CRASH: Final = 5.0
"""Seconds to wait after a search for namespaces has crashed, because it may crash again."""


@dataclass(frozen=True, slots=True)
class _RunningReflector:
    """A reflector and its thread."""

    reflector: Reflector[Any]
    thread: Thread
    selector: str
    """Its label selector."""


class WatchCounters(Protocol):
    """Receives the counters of reflectors, to export them."""

    def watch(self, resource: str, counts: ReflectorStats) -> None:
        """Add the counters of a reflector that has started."""

    def unwatch(self, resource: str, counts: ReflectorStats) -> None:
        """Remove the counters of a reflector that has ended, and keep their values in the sums, which never go back."""


class Watcher:
    """Keeps a store up to date with a cluster from `start` to `stop`."""

    def __init__(
        self,
        client: Client,
        store: Store,
        clock: Clock,
        resources: Iterable[Resource[Any]],
        counting: WatchCounters | None = None,
        timing: Timing | None = None,
    ) -> None:
        self._counting = counting
        self._timing = timing or Timing()
        self._client = client
        self._store = store
        self._clock = clock
        self._resources = tuple(resources)
        self._running: dict[tuple[Resource[Any], str], _RunningReflector] = {}
        self._scoped = tuple(r for r in self._resources if r.scope is Scope.BOOT_SOURCES)
        self._stop = Event()
        self._seen = -1
        self._scoping = Thread(target=self._follow_namespaces, name="namespaces", daemon=True)

    def start(self) -> None:
        """Start the threads; returns at once."""
        # VirtualMachines first: their list takes longest, and the others are read meanwhile.
        for resource in sorted(self._resources, key=lambda r: r is not VIRTUAL_MACHINES):
            if resource.scope is Scope.CLUSTER:
                self._watch(resource, "", resource.label_selector)
        if self._scoped:
            self._scoping.start()

    def stop(self, patience: float = 5.0) -> None:
        """End all watches; waits for the threads for at most `patience` seconds."""
        self._stop.set()
        self._store.wake()
        running = list(self._running.values())
        for each in running:
            each.reflector.stop()
        self._client.close()
        deadline = self._clock.monotonic() + patience
        for thread in (self._scoping, *(each.thread for each in running)):
            if thread.is_alive():
                thread.join(max(0.0, deadline - self._clock.monotonic()))

    def stats(self) -> list[tuple[Resource[Any], ReflectorStats]]:
        """The counters of each reflector."""
        return [(resource, each.reflector.stats) for (resource, _), each in list(self._running.items())]

    def runs(self, resource: Resource[Any]) -> bool:
        """Whether all threads that watch this resource are alive."""
        return all(is_running(each.thread) for (watched, _), each in list(self._running.items()) if watched is resource)

    def follows_namespaces(self) -> bool:
        """Whether the thread that searches for the namespaces of boot sources is alive."""
        return is_running(self._scoping)

    def pending_resources(self) -> tuple[Resource[Any], ...]:
        """The resources in state PENDING: neither listed nor known to be unavailable."""
        cluster = self._store.freeze()
        return tuple(r for r in self._resources if cluster[r].state is State.PENDING)

    def _watch(self, resource: Resource[Any], namespace: str, selector: str) -> None:
        fields = resource.field_selector
        target = Target(resource.group, resource.versions, resource.plural, namespace, selector, fields)
        sink = self._store.sink(resource, namespace)
        # No periodic list: tens of thousands of objects every few minutes would burden the API server too much.
        timing = replace(self._timing, relist=inf) if resource.numerous else self._timing
        reflector = Reflector(self._client, target, resource.codec(), sink, self._clock, timing=timing)
        name = f"{resource}/{namespace}" if namespace else str(resource)
        thread = Thread(target=reflector.run, name=name, daemon=True)
        self._running[resource, namespace] = _RunningReflector(reflector, thread, selector)
        if self._counting:
            self._counting.watch(str(resource), reflector.stats)
        try:
            thread.start()
        except RuntimeError:
            # The thread could not start (limit of processes). Remove it, so that the next attempt starts another one.
            del self._running[resource, namespace]
            raise

    def _unwatch(self, resource: Resource[Any], namespace: str) -> None:
        running = self._running.pop((resource, namespace))
        running.reflector.stop()
        running.thread.join(15.0)
        self._store.drop_part(resource, namespace)
        if self._counting:
            self._counting.unwatch(str(resource), running.reflector.stats)

    def _follow_namespaces(self) -> None:
        """Watch scoped resources in the namespaces of boot sources only, and follow changes of these."""
        for resource in self._scoped:
            self._store.sink(resource, WHERE)  # pending, until the namespaces are known
        while not self._stop.is_set():
            rest = run_isolated(self._follow_once)
            if isinstance(rest, Crash):
                log.error("looking for namespaces crashed; it is tried again", extra={"traceback": rest.trace})
                self._tell(known=False, why=f"unexpected error: {plain_line(rest.summary)}")
                rest = _AFTER_CRASH
            self._clock.wait(self._stop, rest)

    def _follow_once(self) -> float:
        """Wait for a change and adjust the watched namespaces; returns the seconds to wait before the next call."""
        self._store.wait_for_change(self._seen, 60.0)
        self._seen = self._store.generation
        cluster = self._store.freeze()
        wanted = boot_source_namespaces(cluster)
        if wanted is not None:
            scope, left_out = watch_scope(wanted, self._store.only)
            self._store.leave_out(left_out)
            self._move(scope, cluster)
        self._tell(known=wanted is not None, why=why_hidden(cluster))
        # Search often at the start, when the first report waits for it; later the namespaces rarely change.
        return _LOOK if wanted else _FIRST_LOOK

    def _move(self, wanted: frozenset[str], cluster: ClusterSnapshot) -> None:
        for resource in self._scoped:
            places = watched_in(resource, wanted, cluster, self._store.only)
            watched = {space: r.selector for (known, space), r in self._running.items() if known is resource}
            for namespace in sorted(set(watched) - {n for n in watched if places.get(n) == watched[n]}):
                self._unwatch(resource, namespace)
                del watched[namespace]
            for namespace in sorted(places.keys() - watched.keys()):
                self._watch(resource, namespace, places[namespace])

    def _tell(self, *, known: bool, why: str) -> None:
        """Write whether the namespaces are known: without them scoped tables are unknown, not empty."""
        for resource in self._scoped:
            if known:
                self._store.settle_part(resource, WHERE, State.LIVE)
            elif why:
                self._store.settle_part(resource, WHERE, State.FAILED, why)
