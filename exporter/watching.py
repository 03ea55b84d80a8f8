"""Watches a cluster: one reflector and one thread per resource, and per namespace where only some are of interest."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from threading import Event, Thread
from typing import Any, Final, Protocol

from exporter.clock import Clock
from exporter.cluster import ClusterSnapshot
from exporter.kube.auth import discover
from exporter.kube.backoff import Timing
from exporter.kube.client import Client
from exporter.kube.contract import State
from exporter.kube.discovery import Target
from exporter.kube.errors import ConfigurationError
from exporter.kube.reflector import Reflector
from exporter.kube.stats import ReflectorStats
from exporter.model.cdi import Pointer
from exporter.options import CONTEXT, KUBECONFIG, TIMEOUT
from exporter.resource import Resource, Scope
from exporter.settings import Settings, SettingsError
from exporter.store import ELSEWHERE, WHERE, Store
from exporter.watched import DATA_IMPORT_CRONS, DATA_SOURCES, HYPERCONVERGEDS, VIRTUAL_MACHINES

_MANY: Final = 16
"""Above so many namespaces one watch of all of them is cheaper than one each."""
_LOOK: Final = 1.0
"""Seconds between two looks at which namespaces hold boot sources, at least."""
_FIRST_LOOK: Final = 0.05
_EVERYWHERE: Final = frozenset({""})


def hidden(cluster: ClusterSnapshot) -> str:
    """Why it cannot be told in which namespaces boot sources are; "" if it can, or if it is just too early."""
    for table in (cluster[DATA_IMPORT_CRONS], cluster[DATA_SOURCES]):
        if table.state is State.FAILED:
            return f"where boot sources are cannot be told: {table.resource} {table.state}"
    return ""


def boot_source_namespaces(cluster: ClusterSnapshot) -> frozenset[str] | None:
    """The namespaces in which images are kept or looked for; None while that cannot be told.

    What names them may stay forbidden for ever. Then it is all of them: dearer, but nothing else gets blind by it.
    """
    crons, sources = cluster[DATA_IMPORT_CRONS], cluster[DATA_SOURCES]
    if State.FORBIDDEN in (crons.state, sources.state):
        return _EVERYWHERE
    if State.PENDING in (crons.state, sources.state) or hidden(cluster):
        return None
    found: set[str] = set()
    for key, cron in crons.rows.items():
        found |= {key.namespace, *_named(cron.source.pvc)}
    for key, source in sources.rows.items():
        stands_for = source.spec.source
        found |= {key.namespace, *_named(stands_for.pvc), *_named(stands_for.snapshot)}
    found.update(hco.boot_image_namespace for hco in cluster[HYPERCONVERGEDS].rows.values())
    found.discard("")
    return frozenset(found)


def watch_scope(needed: frozenset[str], only: frozenset[str] | None) -> tuple[frozenset[str], frozenset[str]]:
    """Where to watch, and which of the needed namespaces that leaves out; `only` is what the administrator allows."""
    if only is None:
        return (needed if len(needed) <= _MANY else _EVERYWHERE), frozenset()
    if needed == _EVERYWHERE:
        return only, frozenset({ELSEWHERE})
    # One watch for each, however many they are: whoever lists namespaces has no permission for all at once.
    return needed & only, needed - only


def _named(pointer: Pointer | None) -> tuple[str, ...]:
    return (pointer.namespace,) if pointer else ()


@dataclass(frozen=True, slots=True)
class _Running:
    """A reflector and its thread."""

    reflector: Reflector[Any]
    thread: Thread


class Counting(Protocol):
    """Exports what reflectors count."""

    def watch(self, resource: str, counts: ReflectorStats) -> None:
        """A reflector has begun."""

    def unwatch(self, resource: str, counts: ReflectorStats) -> None:
        """It has ended for good; what it has counted must stay in the sums."""


class Watching:
    """Keeps a store like a cluster, from `start` to `stop`."""

    def __init__(
        self,
        client: Client,
        store: Store,
        clock: Clock,
        resources: Iterable[Resource[Any]],
        counting: Counting | None = None,
        timing: Timing | None = None,
    ) -> None:
        self._counting = counting
        self._timing = timing
        self._client = client
        self._store = store
        self._clock = clock
        self._resources = tuple(resources)
        self._running: dict[tuple[Resource[Any], str], _Running] = {}
        self._scoped = tuple(r for r in self._resources if r.scope is Scope.BOOT_SOURCES)
        self._stop = Event()
        self._scoping = Thread(target=self._follow_namespaces, name="namespaces", daemon=True)

    def start(self) -> None:
        """Start to watch; returns at once."""
        # The longest list first: the server works on it while the others come and go.
        for resource in sorted(self._resources, key=lambda r: r is not VIRTUAL_MACHINES):
            if resource.scope is Scope.CLUSTER:
                self._watch(resource, "")
        if self._scoped:
            self._scoping.start()

    def stop(self, patience: float = 5.0) -> None:
        """End all watches; waits for the threads, but not for ever."""
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
        """What each reflector has done so far."""
        return [(resource, each.reflector.stats) for (resource, _), each in list(self._running.items())]

    def pending(self) -> tuple[Resource[Any], ...]:
        """The resources of which nothing is known yet: neither rows, nor why there are none."""
        cluster = self._store.freeze()
        return tuple(r for r in self._resources if cluster[r].state is State.PENDING)

    def _watch(self, resource: Resource[Any], namespace: str) -> None:
        target = Target(resource.group, resource.versions, resource.plural, namespace, resource.label_selector)
        sink = self._store.sink(resource, namespace)
        reflector = Reflector(self._client, target, resource.codec(), sink, self._clock, timing=self._timing)
        name = f"{resource}/{namespace}" if namespace else str(resource)
        thread = Thread(target=reflector.run, name=name, daemon=True)
        self._running[resource, namespace] = _Running(reflector, thread)
        if self._counting:
            self._counting.watch(str(resource), reflector.stats)
        thread.start()

    def _unwatch(self, resource: Resource[Any], namespace: str) -> None:
        running = self._running.pop((resource, namespace))
        running.reflector.stop()
        running.thread.join(15.0)
        self._store.drop_part(resource, namespace)
        if self._counting:
            self._counting.unwatch(str(resource), running.reflector.stats)

    def _follow_namespaces(self) -> None:
        """Watch scoped resources where boot sources are, and nowhere else."""
        watched: frozenset[str] = frozenset()
        generation = -1
        for resource in self._scoped:
            self._store.sink(resource, WHERE)  # pending, until the namespaces are known
        while not self._stop.is_set():
            self._store.wait_for_change(generation, 60.0)
            generation = self._store.generation
            cluster = self._store.freeze()
            wanted = boot_source_namespaces(cluster)
            if wanted is not None:
                scope, left_out = watch_scope(wanted, self._store.only)
                self._store.leave_out(left_out)
                self._move(watched, scope)
                watched = scope
            self._tell(known=wanted is not None, why=hidden(cluster))
            # At the start everything waits for the namespaces; later they hardly ever change.
            self._clock.wait(self._stop, _LOOK if watched else _FIRST_LOOK)

    def _move(self, watched: frozenset[str], wanted: frozenset[str]) -> None:
        for resource in self._scoped:
            for namespace in sorted(watched - wanted):
                self._unwatch(resource, namespace)
            for namespace in sorted(wanted - watched):
                self._watch(resource, namespace)

    def _tell(self, *, known: bool, why: str) -> None:
        """Without the namespaces the tables of scoped resources are unknown, not empty."""
        for resource in self._scoped:
            if known:
                self._store.settle_part(resource, WHERE, State.LIVE)
            elif why:
                self._store.settle_part(resource, WHERE, State.FAILED, why)


def connect(settings: Settings, clock: Clock) -> Client:
    """A client for the one cluster that the settings name. Raises SettingsError."""
    if len(settings[CONTEXT]) > 1:
        raise SettingsError(f"{settings.origin(CONTEXT)}: {settings.command} looks at one cluster; give one context")
    (client,) = connections(settings, clock).values()
    return client


def connections(settings: Settings, clock: Clock) -> dict[str, Client]:
    """A client for each cluster, by the name of its context; a single one is called "". Raises SettingsError."""
    kubeconfig = str(settings[KUBECONFIG]) if settings[KUBECONFIG] else None
    contexts = settings[CONTEXT]
    try:
        if len(contexts) > 1:
            return {name: Client(discover(kubeconfig, name, os.environ, clock)) for name in contexts}
        return {"": Client(discover(kubeconfig, contexts[0] if contexts else None, os.environ, clock))}
    except ConfigurationError as error:
        raise SettingsError(str(error)) from None


def sync_once(
    settings: Settings, store: Store, resources: Iterable[Resource[Any]], progress: Callable[[str], None]
) -> None:
    """Read these resources into the store once; what could not be read within the timeout is settled as failed."""
    read_once(connect(settings, store.clock), store, resources, settings[TIMEOUT], progress)


def read_once(
    client: Client,
    store: Store,
    resources: Iterable[Resource[Any]],
    timeout: timedelta,
    progress: Callable[[str], None],
) -> None:
    """The same by a client that there is already; it is closed then."""
    patient = Timing(throttled=timeout.total_seconds())
    watching = Watching(client, store, store.clock, resources, timing=patient)
    watching.start()
    try:
        _await_settled(watching, store, timeout, progress)
        cluster = store.freeze()
    finally:
        watching.stop()
    for resource in watching.pending():
        detail = cluster[resource].detail or f"not read within {timeout.total_seconds():.0f} s; see --timeout"
        store.settle(resource, State.FAILED, detail)


def _await_settled(watching: Watching, store: Store, timeout: timedelta, progress: Callable[[str], None]) -> None:
    deadline = store.clock.monotonic() + timeout.total_seconds()
    generation = -1
    while (pending := watching.pending()) and store.clock.monotonic() < deadline:
        received = sum(stats.listing for _, stats in watching.stats())
        progress(f"{received} objects received, waiting for {', '.join(map(str, pending))}")
        store.wait_for_change(generation, 0.2)
        generation = store.generation
