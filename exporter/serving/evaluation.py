"""Evaluation of one watched cluster: whenever something has changed, one report is made for all readers."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from threading import Event, Thread
from typing import Final, Self

from exporter.base.garbage import collect_afterwards
from exporter.base.isolate import Crash, run_isolated
from exporter.base.threads import is_running
from exporter.checks import CHECKS
from exporter.checks.engine import Memory
from exporter.checks.evaluate import evaluate_cluster
from exporter.cluster.snapshot import ClusterSnapshot
from exporter.metrics.block import EvaluatedCluster
from exporter.output.facts import facts_of
from exporter.report import Report
from exporter.schedule.timetable import Timetable
from exporter.settings.policy import POLICY
from exporter.settings.settings import Settings
from exporter.watch.cluster_watch import ClusterWatch

log = logging.getLogger(__name__)

_AT_MOST_EVERY: Final = 1.0
"""Shortest time in seconds between two evaluations, so that a burst of events is evaluated once."""
_LOOK: Final = 0.05
"""Seconds between two tests of whether the first sync is complete."""
_SHARE: Final = 10
"""Rest for so many times as much time as evaluations took of CPU, so that a large busy cluster costs a tenth of a core.

Not of wall time: that grows while scrapes and other programs compete for the CPU, and findings would come later and
later the more often someone looks."""
_CREDIT: Final = 10.0
"""Seconds of rest that may be put off: after a quiet time several changes in a row are evaluated at once."""
_AT_LEAST_EVERY: Final = 30.0
"""Longest time in seconds without an evaluation: ages and schedules change verdicts without an event."""
_LONGEST_REST: Final = 60.0
"""Longest rest in seconds; far below _STUCK, or a healthy loop would fail the liveness probe."""
_STUCK: Final = 300.0
"""Seconds without a step of the loop after which the liveness probe fails."""


class ClusterEvaluation:
    """Keeps the report on a cluster up to date in a thread of its own, from `with` to its end.

    What an administrator can set is read from the settings where it takes effect.
    """

    def __init__(self, watched: ClusterWatch, settings: Settings, cpu: Callable[[], float] = time.thread_time) -> None:
        """The first report is on the cluster as it was before anything was known.

        `cpu` tells how many seconds of CPU the calling thread has used.
        """
        self.name = watched.name
        self.url = watched.client.url
        self.counts = watched.counts
        self.counts.register_checks(check.id for check in CHECKS)
        self.threads = watched.threads
        self.threads.add("evaluation", lambda: is_running(self._thread))
        self._watched = watched
        self._store = watched.store
        self._settings = settings
        self._clock = watched.store.clock
        self._cpu = cpu
        self._timetable = Timetable()
        self._memory: Memory | None = None
        self._stop = Event()
        self._crash = ""
        self._turned = self._clock.monotonic()
        self._thread = Thread(target=self._run, name="evaluation", daemon=True)
        self.report = self._evaluate(watched.nothing, ready=False)

    def __enter__(self) -> Self:
        """Start to evaluate; returns at once."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End the loop."""
        self._stop.set()
        self._store.wake()
        self._thread.join(10)

    def adopt(self, settings: Settings) -> None:
        """Use these settings, and evaluate at once."""
        self._settings = settings
        self._store.wake()

    def received_objects(self) -> int:
        """Objects that the first lists have brought so far."""
        return self._watched.received_objects()

    def pending_resources(self) -> list[str]:
        """What has not been listed yet, then the first report on all of it; empty once that is out."""
        return list(map(str, self._watched.pending_resources())) or (
            [] if self._memory is not None else ["first report"]
        )

    def current(self) -> EvaluatedCluster:
        """The cluster as it is now, and the newest report on it."""
        return EvaluatedCluster(self._store.freeze(), self.report)

    def facts(self) -> tuple[str, ...]:
        """Which cluster it is: lines for people."""
        return facts_of(self._store.freeze())

    def turns(self) -> bool:
        """Whether the loop has taken a step within _STUCK seconds; one check of many is a step.

        Nothing else counts: neither an API server that is down nor a large cluster is a reason for a restart.
        """
        return self._clock.monotonic() - self._turned < _STUCK

    def _ready(self) -> bool:
        return not self._watched.pending_resources()

    def _turn(self) -> None:
        self._turned = self._clock.monotonic()

    def _run(self) -> None:
        self._await_first_sync()
        generation, rested = -1, self._clock.monotonic()
        while not self._stop.is_set():
            self._store.wait_for_change(generation, _AT_LEAST_EVERY)
            generation = self._store.generation
            started, used, before = self._clock.monotonic(), self._cpu(), self._memory
            self._turn()
            self._publish(ready=self._ready())
            self._turn()
            ended, used = self._clock.monotonic(), self._cpu() - used
            # Up to when it would rest if nothing was ever put off. The first report is not counted: it alone evaluates
            # everything, and happens once.
            rested = max(rested, started) + (ended - started + _SHARE * used if before else 0)
            self._clock.wait(self._stop, min(max(_AT_MOST_EVERY, rested - ended - _CREDIT), _LONGEST_REST))

    def _await_first_sync(self) -> None:
        """Wait until everything is listed, since most checks are blind before, but only for a limited time."""
        patience = self._clock.monotonic() + _AT_LEAST_EVERY
        while not (self._stop.is_set() or self._ready()) and self._clock.monotonic() < patience:
            self._clock.wait(self._stop, _LOOK)

    def _publish(self, *, ready: bool) -> None:
        """Evaluate and publish the report. After a crash the last report stays, and the next turn tries again."""
        report = run_isolated(lambda: self._evaluate(self._store.freeze(), ready=ready))
        if not isinstance(report, Crash):
            self.report = report
        elif report.summary != self._crash:
            log.error("an evaluation crashed; the last report stays", extra={"traceback": report.trace})
        self._crash = report.summary if isinstance(report, Crash) else ""

    def _evaluate(self, cluster: ClusterSnapshot, *, ready: bool) -> Report:
        started, policy = self._clock.monotonic(), self._settings.section(POLICY)
        with collect_afterwards():
            evaluation = evaluate_cluster(cluster, self._clock.now(), self._memory, self._timetable, policy, self._turn)
        if ready:
            # Before the first list is complete nothing has been seen, so nothing may count as "seen before".
            self._memory = evaluation.memory
        for check, crash in evaluation.crashed.items():
            log.error("a check failed; this is a defect", extra={"check": check, "traceback": crash})
        seconds = self._clock.monotonic() - started
        self.counts.count_evaluation(seconds, evaluation.report.at, evaluation.crashed)
        return evaluation.report
