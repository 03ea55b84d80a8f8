"""Reads a cluster once, for an audit."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from exporter.cluster.resource import Resource
from exporter.cluster.store import Store
from exporter.kube.backoff import Timing
from exporter.kube.client import Client
from exporter.kube.contract import State
from exporter.settings.options import TIMEOUT
from exporter.settings.settings import Settings
from exporter.watch.connect import connect
from exporter.watch.watcher import Watcher


def sync_once(
    settings: Settings, store: Store, resources: Iterable[Resource[Any]], progress: Callable[[str], None]
) -> None:
    """Read these resources into the store once. Tables that are not read within the timeout get the state FAILED."""
    read_once(connect(settings, store.clock), store, resources, settings[TIMEOUT], progress)


def read_once(
    client: Client,
    store: Store,
    resources: Iterable[Resource[Any]],
    timeout: timedelta,
    progress: Callable[[str], None],
) -> None:
    """Like `sync_once`, with an existing client, which is closed afterwards."""
    patient = Timing(throttled=timeout.total_seconds())
    watching = Watcher(client, store, store.clock, resources, timing=patient)
    watching.start()
    try:
        _await_settled(watching, store, timeout, progress)
        cluster = store.freeze()
    finally:
        watching.stop()
    for resource in watching.pending_resources():
        detail = cluster[resource].detail or f"not read within {timeout.total_seconds():.0f} s; see --timeout"
        store.settle(resource, State.FAILED, detail)


def _await_settled(watching: Watcher, store: Store, timeout: timedelta, progress: Callable[[str], None]) -> None:
    deadline = store.clock.monotonic() + timeout.total_seconds()
    generation = -1
    while (pending := watching.pending_resources()) and store.clock.monotonic() < deadline:
        received = sum(stats.listing for _, stats in watching.stats())
        progress(f"{received} objects received, waiting for {', '.join(map(str, pending))}")
        store.wait_for_change(generation, 0.2)
        generation = store.generation
