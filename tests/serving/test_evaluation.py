"""The evaluation loop: how long it rests, and what its health means."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from threading import Event
from types import SimpleNamespace
from typing import Any, cast

import pytest

from exporter.base.threads import Threads
from exporter.checks.engine import Evaluation
from exporter.checks.evaluate import evaluate_cluster
from exporter.cluster.resources import WATCHED
from exporter.cluster.store import Store
from exporter.kube.contract import State
from exporter.serving.evaluation import ClusterEvaluation
from exporter.settings.options import SERVE
from exporter.settings.sources import settings_of
from exporter.watch.cluster_watch import ClusterWatch
from tests.metrics.scraping import HandClock

STUCK = 300
"""Seconds after which the liveness probe gives up on a loop that does nothing."""


class LoopClock(HandClock):
    """A clock on which waiting takes no time; the loop ends at its second rest."""

    def __init__(self) -> None:
        super().__init__()
        self.rests: list[float] = []
        self.used = 0.0
        self.store = Store(WATCHED, self)
        for resource in WATCHED:
            self.store.sink(resource).state(State.LIVE)

    def wait(self, stop: Event, seconds: float) -> bool:
        self.rests.append(seconds)
        self.passed += timedelta(seconds=seconds)
        if len(self.rests) == 2:
            stop.set()
        self.store.wake()
        return stop.is_set()


def evaluation_of(clock: LoopClock, evaluated: Callable[..., None]) -> ClusterEvaluation:
    """Of a cluster that is all there, and in which nothing happens."""
    counts = SimpleNamespace(register_checks=lambda _: None, count_evaluation=evaluated)
    watched = SimpleNamespace(
        name="",
        client=SimpleNamespace(url="https://api"),
        counts=counts,
        threads=Threads(),
        store=clock.store,
        nothing=clock.store.freeze(),
        pending_resources=lambda: (),
    )
    return ClusterEvaluation(cast("ClusterWatch", watched), settings_of(SERVE, {}, {}), lambda: clock.used)


@pytest.mark.parametrize(
    ("used", "rests"),
    [(0.0, (1, 1)), (1.0, (1, 1)), (3.0, (1, 20)), (5.0, (1, 40)), (78.0, (1, 60)), (10_000.0, (1, 60))],
)
@pytest.mark.parametrize("waits", [0.0, 100.0], ids=["alone", "on a busy machine"])
def test_its_rest_is_a_share_of_its_work_after_the_first_report(
    used: float, waits: float, rests: tuple[float, float]
) -> None:
    """Ten times the CPU that it has used since; ten seconds of that may be put off, so changes are seen at once."""
    clock = LoopClock()

    def evaluated(*_: Any) -> None:
        clock.used += used
        clock.passed += timedelta(seconds=used + waits)

    loop = evaluation_of(clock, evaluated)
    loop.__enter__()
    loop._thread.join(60)
    assert not loop._thread.is_alive()
    assert clock.rests == pytest.approx(rests)
    assert max(rests) < STUCK / 2


def test_it_is_healthy_as_long_as_it_takes_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = LoopClock()
    healthy: list[bool] = []

    def slowly(cluster: Any, now: Any, memory: Any, timetable: Any, policy: Any, progress: Any) -> Evaluation:
        """Each check takes nearly as long as the probe waits, all of them hours."""
        return evaluate_cluster(cluster, now, memory, timetable, policy, slowed(progress))

    def slowed(progress: Callable[[], None]) -> Callable[[], None]:
        def step() -> None:
            healthy.append(loop.turns())
            progress()
            clock.passed += timedelta(seconds=STUCK - 1)

        return step

    loop = evaluation_of(clock, lambda *_: None)
    monkeypatch.setattr("exporter.serving.evaluation.evaluate_cluster", slowly)
    loop.__enter__()
    loop._thread.join(60)
    assert not loop._thread.is_alive()
    assert len(healthy) > 80
    assert all(healthy)
    clock.passed += timedelta(seconds=STUCK)
    assert not loop.turns()
