"""The watch of one cluster: its client, store, reflectors and counters."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any, Self

from exporter.base.clock import Clock
from exporter.base.threads import Threads
from exporter.cluster.resource import Resource
from exporter.cluster.resources import WATCHED
from exporter.cluster.store import Store
from exporter.kube.client import Client
from exporter.metrics.counts import ClusterCounts
from exporter.watch.watcher import Watcher


class ClusterWatch:
    """Context manager that watches one cluster. Several of them in a process share nothing."""

    def __init__(
        self,
        name: str,
        client: Client,
        clock: Clock,
        disabled: frozenset[Resource[Any]] = frozenset(),
        only: frozenset[str] = frozenset(),
    ) -> None:
        """`name` identifies one of several clusters, "" for a single one. `only`: see Store.look_only_in."""
        self.name = name
        self.client = client
        watched = [r for r in WATCHED if r not in disabled]
        self.store = Store(WATCHED, clock)
        self.store.switch_off(disabled, "configuration")
        self.store.look_only_in(only)
        self.nothing = self.store.freeze()
        self.threads = Threads()
        self.counts = ClusterCounts(
            resources=[str(r) for r in watched], alive_at=self._alive_at, threads=self.threads.states, cluster=name
        )
        self._watching = Watcher(client, self.store, clock, watched, self.counts)
        for resource in watched:
            self.threads.add(f"watch-{resource}", partial(self._watching.runs, resource))
        self.threads.add("namespaces", self._watching.follows_namespaces)

    def __enter__(self) -> Self:
        """Start to watch; returns at once."""
        self._watching.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop watching."""
        self._watching.stop()

    def received_objects(self) -> int:
        """Number of objects that the first lists have received so far."""
        return sum(stats.listing for _, stats in self._watching.stats())

    def pending_resources(self) -> tuple[Resource[Any], ...]:
        """The resources that have not been listed yet."""
        return self._watching.pending_resources()

    def _alive_at(self, resource: str) -> datetime | None:
        return self.store.alive_at(next(r for r in WATCHED if str(r) == resource))
