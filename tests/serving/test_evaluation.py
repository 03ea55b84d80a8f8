"""The evaluation loop: how long it rests, and what its health means."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from threading import Event
from typing import Any

import pytest

from exporter.checks.engine import Evaluation
from exporter.checks.judge import judge
from exporter.cluster.resources import WATCHED
from exporter.cluster.store import Store
from exporter.kube.contract import State
from exporter.serving.evaluation import EvaluationLoop
from tests.metrics.scraping import HandClock

STUCK = 300
"""Seconds after which the liveness probe gives up on a loop that does nothing."""


class LoopClock(HandClock):
    """A clock on which waiting takes no time; the loop ends at its second rest."""

    def __init__(self) -> None:
        super().__init__()
        self.rests: list[float] = []
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


@pytest.mark.parametrize(("takes", "rests"), [(0.0, 1.0), (3.0, 30.0), (78.0, 60.0), (10_000.0, 60.0)])
def test_its_rest_is_bounded(takes: float, rests: float) -> None:
    clock = LoopClock()

    def judged(_: Evaluation, seconds: float) -> None:
        clock.passed += timedelta(seconds=takes)

    loop = EvaluationLoop(clock.store, clock.store.freeze(), lambda: True, judged)
    loop.start()
    loop._thread.join(60)
    assert not loop._thread.is_alive()
    assert clock.rests == [pytest.approx(rests)] * 2
    assert rests < STUCK / 2


def test_it_is_healthy_as_long_as_it_takes_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = LoopClock()
    healthy: list[bool] = []

    def slowly(cluster: Any, now: Any, memory: Any, timetable: Any, policy: Any, progress: Any) -> Evaluation:
        """Each check takes nearly as long as the probe waits, all of them hours."""
        return judge(cluster, now, memory, timetable, policy, slowed(progress))

    def slowed(progress: Callable[[], None]) -> Callable[[], None]:
        def step() -> None:
            healthy.append(loop.turns())
            progress()
            clock.passed += timedelta(seconds=STUCK - 1)

        return step

    loop = EvaluationLoop(clock.store, clock.store.freeze(), lambda: True, lambda *_: None)
    monkeypatch.setattr("exporter.serving.evaluation.judge", slowly)
    loop.start()
    loop._thread.join(60)
    assert not loop._thread.is_alive()
    assert len(healthy) > 80
    assert all(healthy)
    clock.passed += timedelta(seconds=STUCK)
    assert not loop.turns()
