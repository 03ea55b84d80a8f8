"""Judges a cluster with all checks: the one place where live watching, audits and the demo meet the engine."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from exporter.checks import CHECKS
from exporter.checks.engine import Evaluation, Memory, evaluate
from exporter.checks.policy import DEFAULT, Policy
from exporter.cluster.snapshot import ClusterSnapshot
from exporter.joins.dependents import Dependents
from exporter.joins.platform import platform_of
from exporter.joins.uses import Uses
from exporter.schedule.timetable import Timetable


def evaluate_cluster(
    cluster: ClusterSnapshot,
    now: datetime,
    memory: Memory | None = None,
    timetable: Timetable | None = None,
    policy: Policy = DEFAULT,
    progress: Callable[[], None] = lambda: None,
) -> Evaluation:
    """The report on this cluster as of `now`; `memory` is what the evaluation before this one left."""
    return evaluate(
        CHECKS,
        cluster,
        now,
        timetable=timetable or Timetable(),
        platform=platform_of(cluster),
        dependents=Dependents(cluster),
        uses=Uses(cluster, now),
        memory=memory,
        policy=policy,
        progress=progress,
    )
