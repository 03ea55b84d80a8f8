"""What an evaluation takes over from the one before changes nothing: all is as if nothing had been evaluated before."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from exporter.checks.evaluate import evaluate_cluster
from exporter.checks.policy import DEFAULT, ObjectPattern, Policy, SuppressionRule
from exporter.cluster.snapshot import ClusterSnapshot
from exporter.report import Severity, to_json
from tests.clusters.watched import BY_KIND, Watched

SAMPLES = ("healthy-4.22", "healthy-4.18", "messy-paused", "messy-refused")
CHANGES = 40
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
POLICIES = (
    DEFAULT,
    DEFAULT,
    Policy(disabled=frozenset({"data-source-not-ready"}), severities={"polling-frozen": Severity.CRITICAL}),
    Policy(limits={"polling-frozen": {"periods": 1, "slack": timedelta(minutes=1)}}),
    Policy(
        rules=(
            SuppressionRule(checks=("*",), selector=ObjectPattern(kind="DataSource"), reason="known", owner="storage"),
            SuppressionRule(
                checks=("polling-frozen",),
                selector=ObjectPattern(),
                reason="moved",
                owner="x",
                until=datetime(2020, 1, 1, tzinfo=UTC),
            ),
        )
    ),
)


class Hostile(Watched):
    """With objects that become unreadable, and with days that pass."""

    def change(self) -> None:
        super().change()
        self.random.choice((self._spoil, self._wait, self._nothing, self._nothing))()

    def _spoil(self) -> None:
        at = self.random.choice(sorted(self.objects))
        manifest = json.loads(json.dumps(self.objects[at]))
        if self.random.random() < 0.5:
            manifest["metadata"]["annotations"] = 7
        manifest["spec"] = 7
        self.store.sink(BY_KIND[manifest["kind"]]).apply(BY_KIND[manifest["kind"]].codec().from_value(manifest))

    def _wait(self) -> None:
        self.clock.passed += self.random.choice((timedelta(seconds=1), timedelta(hours=3), timedelta(days=9)))

    def _nothing(self) -> None:
        pass


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("seed", range(3))
def test_the_report_is_that_of_a_full_evaluation(name: str, seed: int) -> None:
    watched = Hostile(name, seed)
    memory = None
    for _ in range(CHANGES):
        watched.change()
        cluster, now, policy = watched.store.freeze(), watched.clock.now(), watched.random.choice(POLICIES)
        untouched = ClusterSnapshot({table.resource: table for table in cluster})
        full = evaluate_cluster(untouched, now, memory and replace(memory, past=None), policy=policy)
        evaluation = evaluate_cluster(cluster, now, memory, policy=policy)
        assert evaluation.crashed == full.crashed == {}
        assert evaluation.report == full.report
        assert to_json(evaluation.report) == to_json(full.report)
        assert evaluation.memory.first_seen == full.memory.first_seen
        memory = evaluation.memory


def test_a_clock_that_is_set_back_is_no_exception() -> None:
    watched = Hostile("messy-refused", 1)
    now = watched.clock.now()
    memory = evaluate_cluster(watched.store.freeze(), now + timedelta(days=30)).memory
    full = evaluate_cluster(watched.store.freeze(), now, replace(memory, past=None))
    assert evaluate_cluster(watched.store.freeze(), now, memory).report == full.report
