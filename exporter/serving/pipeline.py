"""Pipeline: judges one cluster that is watched."""

from __future__ import annotations

from typing import Self

from exporter.checks import CHECKS
from exporter.checks.engine import Evaluation
from exporter.checks.policy import DEFAULT, Policy
from exporter.metrics.block import Judged
from exporter.output.facts import facts_of
from exporter.serving.evaluation import EvaluationLoop
from exporter.watch.watched_cluster import Observed


class Pipeline:
    """From what is known of a cluster to the report, from `with` to its end."""

    def __init__(self, observed: Observed, policy: Policy = DEFAULT) -> None:
        self.name = observed.name
        self.url = observed.client.url
        self.counts = observed.counts
        self.counts.judged_by(check.id for check in CHECKS)
        self._observed = observed
        self._loop = EvaluationLoop(
            observed.store, observed.nothing, lambda: not observed.pending(), self._evaluated, policy
        )

        self.threads = observed.threads
        self.threads.add("evaluation", self._loop.runs)

    def __enter__(self) -> Self:
        """Start to judge."""
        self._loop.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop to judge."""
        self._loop.stop()

    def adopt(self, policy: Policy) -> None:
        """Judge by this policy from now on, and at once."""
        self._loop.adopt(policy)

    def received(self) -> int:
        """Objects that the first lists have brought so far."""
        return self._observed.received()

    def pending(self) -> list[str]:
        """What has not been listed yet, then the first report on all of it; empty once that is out."""
        return list(map(str, self._observed.pending())) or ([] if self._loop.settled() else ["first report"])

    def turns(self) -> bool:
        """It has been judged lately, or there was nothing to judge."""
        return self._loop.turns()

    def judged(self) -> Judged:
        """The cluster as it is now, and the newest report on it."""
        return Judged(self._observed.store.freeze(), self._loop.report)

    def facts(self) -> tuple[str, ...]:
        """Which cluster it is: lines for people."""
        return facts_of(self._observed.store.freeze())

    def _evaluated(self, evaluation: Evaluation, seconds: float) -> None:
        self.counts.evaluated(seconds, evaluation.report.at, evaluation.crashed)
