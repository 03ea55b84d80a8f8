"""A restart changes nothing that objects tell: a process that has watched for long and a new one come to say the same.

Before the longest grace is over they may differ in failures that no object dates, which the reference lists; after it
in nothing but since when those exist.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from exporter.checks import CHECKS
from exporter.checks.evaluate import evaluate_cluster
from exporter.cluster.snapshot import ClusterSnapshot
from exporter.metrics.block import Block, EvaluatedCluster
from exporter.metrics.families import FAMILIES
from exporter.report import Finding, Report
from exporter.schedule.timetable import Timetable
from tests.clusters.watched import Watched

UNDATED = {check.id for check in CHECKS if check.undated}
LONGEST = max(limit.default for check in CHECKS for limit in check.thresholds if isinstance(limit.default, timedelta))
SAMPLES = ("healthy-4.22", "healthy-4.18", "messy-paused", "messy-refused")
CHANGES = 60


def series(cluster: ClusterSnapshot, report: Report) -> dict[str, bytes]:
    """All series, by family."""
    blocks = [Block(family) for family in FAMILIES]
    for block in blocks:
        block.refresh(EvaluatedCluster(cluster, report), report.at, Timetable(), aged=True)
        assert block.crash is None, block.crash
    return {block.family.name: block.text for block in blocks}


def dated(report: Report) -> set[str]:
    return {f"{f.check} {f.fingerprint} {f.summary}" for f in report.findings if f.check not in UNDATED}


def timed_by(report: Report, other: Report) -> Iterator[Finding]:
    """The findings of a report, with the other's times where that cannot know better.

    Only a process that saw a failure begin knows since when it exists if no object tells, or if the date that one told
    has moved since.
    """
    told = {finding.fingerprint: finding.since for finding in other.findings}
    for finding in report.findings:
        since = told.get(finding.fingerprint)
        knows_better = finding.since is not None and (since is None or finding.since < since)
        yield replace(finding, since=since) if knows_better else finding


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("seed", range(4))
def test_a_restart_changes_nothing_that_objects_tell(name: str, seed: int) -> None:
    watched = Watched(name, seed)
    for _ in range(CHANGES):
        watched.evaluate()
        watched.change()
    old = watched.evaluate()
    cluster, now = watched.store.freeze(), watched.clock.now()
    restarted = evaluate_cluster(cluster, now)
    assert dated(restarted.report) == dated(old)

    later = now + LONGEST
    long_running = evaluate_cluster(cluster, later, watched.memory).report
    restarted_report = evaluate_cluster(cluster, later, restarted.memory).report
    assert list(restarted_report.findings) == list(timed_by(long_running, restarted_report))
    assert replace(restarted_report, findings=()) == replace(long_running, findings=())
    one, other = series(cluster, restarted_report), series(cluster, long_running)
    del one["bootsource_finding_since_timestamp_seconds"], other["bootsource_finding_since_timestamp_seconds"]
    assert one == other


def test_what_may_have_no_date_is_a_minority() -> None:
    """Few enough to be read; the reference lists them."""
    assert len(UNDATED) < len(CHECKS) / 3
