"""A check is evaluated again only for what a change can reach."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, cast

import pytest

from exporter.checks.check import PASSED, Check, Context, Failed, Threshold, Verdict, check
from exporter.checks.engine import Memory, evaluate
from exporter.checks.policy import DEFAULT, Policy
from exporter.cluster.resources import DATA_IMPORT_CRONS, DATA_SOURCES, WATCHED
from exporter.cluster.snapshot import View, joint
from exporter.cluster.store import Store
from exporter.joins.dependents import Dependents
from exporter.joins.platform import platform_of
from exporter.kube.contract import Key, State
from exporter.report import Finding, Severity
from exporter.schedule.timetable import Timetable
from tests.checks.test_engine import TEXTS
from tests.metrics.scraping import HandClock
from tests.worlds import Manifest, a_cron, a_data_source, a_storage_class, ago

Judge = Callable[[Any, Context], Verdict]
SPAN = Threshold("span", timedelta(days=30), "how long nothing happens")


@joint(DATA_SOURCES)
def unready(view: View) -> Mapping[Key, str]:
    return {key: "not ready" for key, row in view[DATA_SOURCES] if not row.ready}


class Cluster:
    """Two DataImportCrons, one check of them, and which of them it has looked at in each evaluation."""

    def __init__(self, judge: Judge) -> None:
        self.looked: list[str] = []
        self.clock = HandClock()
        self.store = Store(WATCHED, self.clock)
        self.memory: Memory | None = None
        declare: Any = cast("Any", check)(
            id="a-problem",
            severity=Severity.WARNING,
            over=DATA_IMPORT_CRONS,
            reads=(unready, DATA_SOURCES),
            thresholds=(SPAN,),
            alert_for=timedelta(hours=1),
            **TEXTS,
        )
        self.check: Check = declare(self.noting(judge))
        for resource in WATCHED:
            self.store.sink(resource).state(State.LIVE)
        self.put(a_cron("one"), a_cron("two"), a_data_source())

    def noting(self, judge: Judge) -> Judge:
        def noted(cron: Any, ctx: Context) -> Verdict:
            self.looked.append(ctx.ref.name)
            return judge(cron, ctx)

        return noted

    def put(self, *manifests: Manifest) -> None:
        for manifest in manifests:
            resource = next(r for r in WATCHED if r.kind == manifest["kind"])
            self.store.sink(resource).apply(resource.codec().from_value(manifest))

    def evaluate(self, policy: Policy = DEFAULT) -> tuple[Finding, ...]:
        self.looked.clear()
        cluster = self.store.freeze()
        evaluation = evaluate(
            (self.check,),
            cluster,
            self.clock.now(),
            timetable=Timetable(),
            platform=platform_of(cluster),
            dependents=Dependents(cluster),
            memory=self.memory,
            policy=policy,
        )
        self.memory = evaluation.memory
        return evaluation.report.findings


def failed(_cron: Any, _ctx: Context) -> Verdict:
    return Failed(summary="it fails")


def reading_the_joint(_cron: Any, ctx: Context) -> Verdict:
    return Failed(summary="it fails") if ctx.join(unready) else PASSED


def reading_the_table(_cron: Any, ctx: Context) -> Verdict:
    return Failed(summary="it fails") if len(ctx[DATA_SOURCES]) > 1 else PASSED


def ageing(cron: Any, ctx: Context) -> Verdict:
    return Failed(summary="it fails") if ctx.older(cron.metadata.creation_timestamp, ctx.limit(SPAN)) else PASSED


def counting_days(cron: Any, ctx: Context) -> Verdict:
    return Failed(summary=f"for {ctx.days_since(cron.metadata.creation_timestamp)} days")


@pytest.mark.parametrize("judge", [failed, reading_the_joint, reading_the_table, ageing, counting_days])
def test_where_nothing_has_changed_nothing_is_evaluated(judge: Judge) -> None:
    cluster = Cluster(judge)
    before = cluster.evaluate()
    assert cluster.looked == ["one", "two"]
    cluster.put(a_storage_class())
    assert cluster.evaluate() == before
    assert cluster.looked == []


def test_an_object_that_changes_is_evaluated_and_no_other() -> None:
    cluster = Cluster(failed)
    cluster.evaluate()
    cluster.put(a_cron("two", metadata={"generation": 7}), a_cron("three"))
    assert [finding.object.name for finding in cluster.evaluate()] == ["one", "three", "two"]
    assert cluster.looked == ["three", "two"]
    cluster.store.sink(DATA_IMPORT_CRONS).remove(next(k for k in cluster.store.freeze()[DATA_IMPORT_CRONS].rows))
    assert [finding.object.name for finding in cluster.evaluate()] == ["three", "two"]
    assert cluster.looked == []


def test_a_joint_that_gives_the_same_reaches_nothing() -> None:
    cluster = Cluster(reading_the_joint)
    cluster.evaluate()
    cluster.put(a_data_source(metadata={"generation": 7}))
    assert cluster.evaluate() == ()
    assert cluster.looked == []


def test_a_table_reaches_what_reads_it() -> None:
    cluster = Cluster(reading_the_table)
    cluster.evaluate()
    cluster.put(a_data_source("another"))
    assert len(cluster.evaluate()) == 2
    assert cluster.looked == ["one", "two"]


def test_time_reaches_a_verdict_in_the_moment_in_which_it_changes() -> None:
    cluster = Cluster(ageing)
    cluster.put(a_cron("one", metadata={"creationTimestamp": ago(days=99)}))
    cluster.put(a_cron("two", metadata={"creationTimestamp": ago(days=29)}))
    assert [finding.object.name for finding in cluster.evaluate()] == ["one"]
    cluster.clock.passed = timedelta(days=1)
    assert [finding.object.name for finding in cluster.evaluate()] == ["one"]
    assert cluster.looked == []
    cluster.clock.passed += timedelta(microseconds=1)
    assert [finding.object.name for finding in cluster.evaluate()] == ["one", "two"]
    assert cluster.looked == ["two"]


def test_days_are_counted_again_when_one_is_over() -> None:
    cluster = Cluster(counting_days)
    cluster.put(a_cron("one", metadata={"creationTimestamp": ago(days=3, hours=2)}), a_cron("two"))
    assert "for 3 days" in {finding.summary for finding in cluster.evaluate()}
    cluster.clock.passed = timedelta(hours=22, microseconds=-1)
    cluster.evaluate()
    assert "one" not in cluster.looked
    cluster.clock.passed = timedelta(hours=22)
    assert "for 4 days" in {finding.summary for finding in cluster.evaluate()}
    assert cluster.looked == ["one"]


def test_a_threshold_reaches_every_subject() -> None:
    cluster = Cluster(ageing)
    new = {"creationTimestamp": ago(days=1)}
    cluster.put(a_cron("one", metadata=new), a_cron("two", metadata=new))
    assert cluster.evaluate() == ()
    assert len(cluster.evaluate(Policy(limits={"a-problem": {"span": timedelta(seconds=1)}}))) == 2


def test_a_finding_that_stays_the_same_is_the_same_object() -> None:
    cluster = Cluster(failed)
    before = cluster.evaluate()
    cluster.put(a_cron("one", metadata={"generation": 7}))
    assert [finding is old for finding, old in zip(cluster.evaluate(), before, strict=True)] == [True, True]
