"""A restart changes nothing that objects tell: a process that has watched for long and a new one come to say the same.

Before the longest grace is over they may differ in failures that no object dates, which the reference lists; after it
in nothing but since when those exist.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

import pytest

from exporter.checks import CHECKS
from exporter.checks.engine import Memory
from exporter.checks.judge import judge
from exporter.cluster.resources import WATCHED
from exporter.cluster.snapshot import ClusterSnapshot
from exporter.cluster.store import Store
from exporter.kube.contract import State
from exporter.metrics.block import Block, Judged
from exporter.metrics.families import FAMILIES
from exporter.report import Finding, Report
from exporter.schedule.timetable import Timetable
from tests.clusters.files import read
from tests.metrics.scraping import HandClock
from tests.worlds import Manifest

UNDATED = {check.id for check in CHECKS if check.undated}
LONGEST = max(limit.default for check in CHECKS for limit in check.thresholds if isinstance(limit.default, timedelta))
BY_KIND = {resource.kind: resource for resource in WATCHED}
SAMPLES = ("healthy-4.22", "healthy-4.18", "messy-paused", "messy-refused")
CHANGES = 60


class Watched:
    """A cluster that changes while one process evaluates it all the time."""

    def __init__(self, name: str, seed: int) -> None:
        self.random = Random(seed)
        self.clock = HandClock()
        self.store = Store(WATCHED, self.clock)
        self.objects = {json.dumps(at): m for m in read(name) if (at := place(m))[0] in BY_KIND}
        self.gone: dict[str, Manifest] = {}
        self.memory: Memory | None = None
        for resource in WATCHED:
            self.store.sink(resource).state(State.LIVE)
        for manifest in self.objects.values():
            self.apply(manifest)

    def apply(self, manifest: Manifest) -> None:
        resource = BY_KIND[manifest["kind"]]
        self.store.sink(resource).apply(resource.codec().from_value(manifest))

    def evaluate(self) -> Report:
        evaluation = judge(self.store.freeze(), self.clock.now(), self.memory)
        assert evaluation.crashed == {}
        self.memory = evaluation.memory
        return evaluation.report

    def change(self) -> None:
        """Delete, bring back, edit or break something, some minutes later."""
        self.clock.passed += timedelta(minutes=self.random.randint(0, 20))
        self.random.choice((self._delete, self._restore, self._edit, self._fault))()

    def _delete(self) -> None:
        at = self.random.choice(sorted(self.objects))
        self.gone[at] = manifest = self.objects.pop(at)
        item = BY_KIND[manifest["kind"]].codec().from_value(manifest)
        self.store.sink(BY_KIND[manifest["kind"]]).remove(item.key)

    def _restore(self) -> None:
        if self.gone:
            at = self.random.choice(sorted(self.gone))
            manifest = json.loads(json.dumps(self.gone.pop(at)))
            manifest["metadata"]["creationTimestamp"] = written(self.clock.now())
            self.objects[at] = manifest
            self.apply(manifest)

    def _edit(self) -> None:
        at = self.random.choice(sorted(self.objects))
        manifest = json.loads(json.dumps(self.objects[at]))
        for condition in (manifest.get("status") or {}).get("conditions") or ():
            if self.random.random() < 0.5:
                condition["status"] = {"True": "False", "False": "True"}.get(condition["status"], "True")
                condition["lastTransitionTime"] = written(self.clock.now())
        if self.random.random() < 0.3:
            manifest["metadata"]["annotations"] = {}
        self.objects[at] = manifest
        self.apply(manifest)

    def _fault(self) -> None:
        """A watch is lost, the process evaluates without it, and it comes back."""
        resource = self.random.choice(WATCHED)
        sink = self.store.sink(resource)
        sink.state(self.random.choice((State.STALE, State.FORBIDDEN, State.FAILED)))
        self.evaluate()
        sink.state(State.LIVE)
        for manifest in self.objects.values():
            if manifest["kind"] == resource.kind:
                self.apply(manifest)


def place(manifest: Manifest) -> tuple[str, str, str]:
    meta = manifest["metadata"]
    return manifest["kind"], meta.get("namespace", ""), meta["name"]


def written(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def series(cluster: ClusterSnapshot, report: Report) -> dict[str, bytes]:
    """All series, by family."""
    blocks = [Block(family) for family in FAMILIES]
    for block in blocks:
        block.refresh(Judged(cluster, report), report.at, Timetable(), aged=True)
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
    restarted = judge(cluster, now)
    assert dated(restarted.report) == dated(old)

    later = now + LONGEST
    long_running = judge(cluster, later, watched.memory).report
    restarted_report = judge(cluster, later, restarted.memory).report
    assert list(restarted_report.findings) == list(timed_by(long_running, restarted_report))
    assert replace(restarted_report, findings=()) == replace(long_running, findings=())
    one, other = series(cluster, restarted_report), series(cluster, long_running)
    del one["bootsource_finding_since_timestamp_seconds"], other["bootsource_finding_since_timestamp_seconds"]
    assert one == other


def test_what_may_have_no_date_is_a_minority() -> None:
    """Few enough to be read; the reference lists them."""
    assert len(UNDATED) < len(CHECKS) / 3
