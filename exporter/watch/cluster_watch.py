"""One cluster as it is watched, before anything is made of it."""

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
    """Watches a cluster, from `with` to its end. Several of them share nothing but the process."""

    def __init__(
        self,
        name: str,
        client: Client,
        clock: Clock,
        disabled: frozenset[Resource[Any]] = frozenset(),
        only: frozenset[str] = frozenset(),
    ) -> None:
        """The name tells several clusters apart; "" for the only one. `only`: see Store.look_only_in."""
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
        """Stop to watch."""
        self._watching.stop()

    def received_objects(self) -> int:
        """Objects that the first lists have brought so far."""
        return sum(stats.listing for _, stats in self._watching.stats())

    def pending_resources(self) -> tuple[Resource[Any], ...]:
        """What has not been listed yet."""
        return self._watching.pending_resources()

    def _alive_at(self, resource: str) -> datetime | None:
        return self.store.alive_at(next(r for r in WATCHED if str(r) == resource))
