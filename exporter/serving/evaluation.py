"""The evaluation loop: judges the cluster whenever something has changed, and publishes one report for all readers."""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Event, Thread
from typing import Final

from exporter.base.isolate import Crash, isolated
from exporter.base.threads import runs
from exporter.checks.engine import Evaluation, Memory
from exporter.checks.judge import judge
from exporter.checks.policy import DEFAULT, Policy
from exporter.cluster.snapshot import ClusterSnapshot
from exporter.cluster.store import Store
from exporter.report import Report
from exporter.schedule.timetable import Timetable

log = logging.getLogger(__name__)

_AT_MOST_EVERY: Final = 1.0
"""Seconds between two evaluations: a burst of events is judged once."""
_LOOK: Final = 0.05
"""Seconds between two looks at whether the first sync is complete."""
_SHARE: Final = 10
"""Rest for so many times as long as an evaluation took: a large busy cluster must not cost a whole core."""
_AT_LEAST_EVERY: Final = 30.0
"""Seconds after which time alone may have changed a verdict."""
_LONGEST_REST: Final = 60.0
"""Seconds to rest at most, however long an evaluation took: far below what the probe takes for a loop that is stuck."""
_STUCK: Final = 300.0
"""Seconds without a step of the loop after which it is restarted."""


class EvaluationLoop:
    """Keeps a report up to date in a thread of its own, from `start` to `stop`."""

    def __init__(
        self,
        store: Store,
        nothing: ClusterSnapshot,
        ready: Callable[[], bool],
        judged: Callable[[Evaluation, float], None],
        policy: Policy = DEFAULT,
    ) -> None:
        """`nothing` is what the first report is on: the store as it was before anything was known."""
        self._store = store
        self._policy = policy
        self._clock = store.clock
        self._ready = ready
        self._judged = judged
        self._timetable = Timetable()
        self._memory: Memory | None = None
        self._stop = Event()
        self._crash = ""
        self._turned = self._clock.monotonic()
        self._thread = Thread(target=self._run, name="evaluation", daemon=True)
        self.report = self._evaluate(nothing, ready=False)

    def start(self) -> None:
        """Start to judge; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """End the loop."""
        self._stop.set()
        self._store.wake()
        self._thread.join(10)

    def adopt(self, policy: Policy) -> None:
        """Judge by this policy from now on, and at once."""
        self._policy = policy
        self._store.wake()

    def settled(self) -> bool:
        """A report is out that has seen every resource."""
        return self._memory is not None

    def runs(self) -> bool:
        """The thread of the loop has not ended by itself."""
        return runs(self._thread)

    def turns(self) -> bool:
        """The loop has taken a step lately, be it one check of many.

        Nothing else counts: a dead API server or a large cluster must not restart us.
        """
        return self._clock.monotonic() - self._turned < _STUCK

    def _turn(self) -> None:
        self._turned = self._clock.monotonic()

    def _run(self) -> None:
        self._await_first_sync()
        generation = -1
        while not self._stop.is_set():
            self._store.wait_for_change(generation, _AT_LEAST_EVERY)
            generation = self._store.generation
            started = self._clock.monotonic()
            self._turn()
            ready = self._ready()
            self._publish(ready=ready)
            self._turn()
            rest = _SHARE * (self._clock.monotonic() - started)
            self._clock.wait(self._stop, min(max(_AT_MOST_EVERY, rest), _LONGEST_REST))

    def _await_first_sync(self) -> None:
        """Judge the moment everything is listed; before that most checks are blind anyway. But not for ever."""
        patience = self._clock.monotonic() + _AT_LEAST_EVERY
        while not (self._stop.is_set() or self._ready()) and self._clock.monotonic() < patience:
            self._clock.wait(self._stop, _LOOK)

    def _publish(self, *, ready: bool) -> None:
        """Evaluate, and let everyone see the report. If that crashes the last report stays, and the next turn tries."""
        report = isolated(lambda: self._evaluate(self._store.freeze(), ready=ready))
        if not isinstance(report, Crash):
            self.report = report
        elif report.summary != self._crash:
            log.error("an evaluation crashed; the last report stays", extra={"traceback": report.trace})
        self._crash = report.summary if isinstance(report, Crash) else ""

    def _evaluate(self, cluster: ClusterSnapshot, *, ready: bool) -> Report:
        started = self._clock.monotonic()
        evaluation = judge(cluster, self._clock.now(), self._memory, self._timetable, self._policy, self._turn)
        if ready:
            # Before the first list is complete nothing has been seen, so nothing may count as "seen before".
            self._memory = evaluation.memory
        for check, crash in evaluation.crashed.items():
            log.error("a check failed; this is a defect", extra={"check": check, "traceback": crash})
        self._judged(evaluation, self._clock.monotonic() - started)
        return evaluation.report
