"""Pipeline: one cluster, from the watch to the report. Several of them share nothing but the process."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from datetime import datetime
from typing import Any, Self

from exporter.checks import CHECKS
from exporter.checks.engine import Evaluation
from exporter.checks.policy import DEFAULT, Policy
from exporter.clock import Clock
from exporter.evaluation import EvaluationLoop
from exporter.kube.client import Client
from exporter.metrics.block import Judged
from exporter.metrics.counts import ClusterCounts
from exporter.output.facts import facts_of
from exporter.resource import Resource
from exporter.store import Store
from exporter.watched import WATCHED
from exporter.watching import Watching


class Pipeline:
    """Watches a cluster and judges it, from `with` to its end."""

    def __init__(
        self,
        name: str,
        client: Client,
        clock: Clock,
        disabled: Iterable[Resource[Any]] = frozenset(),
        policy: Policy = DEFAULT,
    ) -> None:
        """The name tells several clusters apart; "" for the only one."""
        self.name = name
        watched = [r for r in WATCHED if r not in set(disabled)]
        self._store = Store(WATCHED, clock)
        self._store.switch_off(disabled, "configuration")
        self.counts = ClusterCounts(
            resources=[str(r) for r in watched], checks=[c.id for c in CHECKS], alive_at=self._alive_at, cluster=name
        )
        self._client = client
        self._watching = Watching(client, self._store, clock, watched, self.counts)
        self._loop = EvaluationLoop(self._store, lambda: not self._watching.pending(), self._evaluated, policy)
        self._parts = ExitStack()

    def __enter__(self) -> Self:
        """Start to watch, and to judge."""
        for part in (self._watching, self._loop):
            part.start()
            self._parts.callback(part.stop)
        return self

    def __exit__(self, *_: object) -> None:
        """Stop to judge, and to watch."""
        self._parts.close()

    @property
    def url(self) -> str:
        """The API server's address."""
        return self._client.url

    def adopt(self, policy: Policy) -> None:
        """Judge by this policy from now on, and at once."""
        self._loop.adopt(policy)

    def received(self) -> int:
        """Objects that the first lists have brought so far."""
        return sum(stats.listing for _, stats in self._watching.stats())

    def pending(self) -> list[str]:
        """What has not been listed yet, then the first report on all of it; empty once that is out."""
        return [str(r) for r in self._watching.pending()] or ([] if self._loop.settled() else ["first report"])

    def turns(self) -> bool:
        """It has been judged lately, or there was nothing to judge."""
        return self._loop.turns()

    def judged(self) -> Judged:
        """The cluster as it is now, and the newest report on it."""
        return Judged(self._store.freeze(), self._loop.report)

    def facts(self) -> tuple[str, ...]:
        """Which cluster it is: lines for people."""
        return facts_of(self._store.freeze())

    def _alive_at(self, resource: str) -> datetime | None:
        return self._store.alive_at(next(r for r in WATCHED if str(r) == resource))

    def _evaluated(self, evaluation: Evaluation, seconds: float) -> None:
        self.counts.evaluated(seconds, evaluation.report.at, evaluation.crashed)
