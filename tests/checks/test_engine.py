"""The engine: verdicts become findings, with grace, causes and blast radius."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

import pytest

from exporter.checks.check import PASSED, Cause, Check, Context, Failed, Threshold, Unknown, Verdict, check
from exporter.checks.engine import Evaluation, Memory, evaluate, fingerprint
from exporter.checks.ids import CheckId
from exporter.cluster.resource import Ref, Resource
from exporter.cluster.resources import DATA_IMPORT_CRONS, DATA_SOURCES, STORAGE_CLASSES
from exporter.cluster.snapshot import Input, joint
from exporter.joins.platform import platform_of
from exporter.kube.contract import State
from exporter.report import Severity
from exporter.schedule.timetable import Timetable
from tests.worlds import (
    IMAGES,
    NOW,
    a_cron,
    a_data_source,
    a_storage_class,
    a_template,
    cluster,
    evaluate_manifests,
    findings,
    status,
)

TEXTS = dict.fromkeys(("summary", "meaning", "impact", "diagnosis", "mitigation"), "text")


def a_check(
    judge: Callable[[Any, Context], Verdict],
    id_: str = "a-problem",
    over: Resource[Any] | None = DATA_IMPORT_CRONS,
    reads: tuple[Resource[Any], ...] = (),
) -> Check:
    declare: Any = cast("Any", check)(
        id=id_, severity=Severity.WARNING, over=over, reads=reads, alert_for=timedelta(hours=1), **TEXTS
    )
    return cast("Check", declare(judge))


def a_cause(check_id: str, ref: Ref | None = None, part: str = "") -> Cause:
    """A cause that names a check of this test's own, which the type checker cannot know."""
    return Cause(cast("CheckId", check_id), ref, part)


def failing(**fields: Any) -> Callable[[Any, Context], Verdict]:
    return lambda _subject, _ctx: Failed(summary="it fails", **fields)


def test_a_failure_is_a_finding_about_its_subject() -> None:
    (finding,) = findings(a_check(failing(field="spec.x", observed="1", expected="2")), a_cron())
    assert (finding.object.kind, finding.object.name) == ("DataImportCron", "fedora-image-cron")
    assert (finding.summary, finding.field, finding.observed, finding.expected) == ("it fails", "spec.x", "1", "2")
    assert finding.root


@pytest.mark.parametrize(
    ("judge", "expected"),
    [
        (lambda _s, _c: PASSED, "pass"),
        (failing(), "fail"),
        (lambda _s, _c: Unknown("it has not said"), "unknown"),
        (lambda _s, _c: [], "pass"),
    ],
    ids=["passed", "failed", "unknown", "no-failures"],
)
def test_a_verdict_is_the_status(judge: Callable[[Any, Context], Verdict], expected: str) -> None:
    assert status(a_check(judge), a_cron()) == expected


@pytest.mark.parametrize("state", [State.PENDING, State.FAILED, State.FORBIDDEN, State.DISABLED])
def test_a_check_that_cannot_read_is_blind_and_finds_nothing(state: State) -> None:
    result = evaluate_manifests(
        a_check(failing(), reads=(STORAGE_CLASSES,)), a_cron(), states={STORAGE_CLASSES: state}
    ).report
    assert result.findings == ()
    assert (result.checks[0].status, result.checks[0].blind_on) == ("blind", ("storageclasses",))
    assert result.verdict == "unknown"


def test_what_is_not_served_is_known_to_be_empty() -> None:
    assert status(a_check(failing()), states={DATA_IMPORT_CRONS: State.NOT_SERVED}) == "pass"


def test_an_undeclared_read_is_a_defect_that_is_shown_and_costs_only_its_check() -> None:
    curious = a_check(lambda _s, ctx: [PASSED for _ in ctx[DATA_SOURCES]][0], "curious")  # noqa: RUF015
    other = a_check(failing(), "other")
    frozen = cluster(a_cron())
    result = evaluate(
        (curious, other), frozen, NOW, timetable=Timetable(), platform=platform_of(frozen), dependents=lambda _ref: ()
    )
    assert list(result.crashed) == ["curious"]
    assert [c.status for c in result.report.checks] == ["unknown", "fail"]


def test_a_threshold_that_is_not_declared_is_a_defect_like_an_undeclared_read() -> None:
    secret = Threshold("secret", timedelta(), "how long nobody knows")
    curious = a_check(lambda _s, ctx: PASSED if ctx.limit(secret) else Unknown("no"))
    frozen = cluster(a_cron())
    result = evaluate(
        (curious,), frozen, NOW, timetable=Timetable(), platform=platform_of(frozen), dependents=lambda _ref: ()
    )
    assert "threshold secret is read but not declared" in result.crashed["a-problem"]


def test_an_object_that_cannot_be_decoded_is_unknown_and_not_missing() -> None:
    broken = a_cron()
    broken["spec"]["schedule"] = {"not": "text"}
    report = evaluate_manifests(a_check(lambda _s, _c: PASSED), broken, a_cron("fine")).report
    assert report.checks[0].status == "unknown"
    assert "spec.schedule" in report.checks[0].unknown[0]
    (resource,) = [r for r in report.resources if r.resource == "dataimportcrons"]
    assert (resource.rows, resource.rejected) == (1, 1)


def test_a_lookup_of_an_object_that_cannot_be_decoded_makes_the_subject_unknown() -> None:
    broken = a_data_source()
    broken["spec"] = "not an object"

    def judge(_cron: Any, ctx: Context) -> Verdict:
        ctx[DATA_SOURCES].get(IMAGES, "fedora")
        raise AssertionError("not reached")

    report = evaluate_manifests(a_check(judge, reads=(DATA_SOURCES,)), a_cron(), broken).report
    assert report.checks[0].status == "unknown"


class TestGrace:
    """Nothing is a finding before it has lasted."""

    hour = timedelta(hours=1)

    def report(self, memory: Memory | None, minutes: int, **fields: Any) -> Any:
        now = NOW + timedelta(minutes=minutes)
        return evaluate_manifests(a_check(failing(grace=self.hour, **fields)), a_cron(), now=now, memory=memory)

    def test_a_dated_failure_counts_from_its_date(self) -> None:
        assert self.report(None, 0, since=NOW - timedelta(minutes=59)).report.findings == ()
        (finding,) = self.report(None, 0, since=NOW - timedelta(minutes=60)).report.findings
        assert finding.since == NOW - timedelta(minutes=60)

    def test_an_undated_failure_counts_at_once_at_the_first_look(self) -> None:
        (finding,) = self.report(None, 0).report.findings
        assert finding.since is None

    def test_an_undated_failure_that_begins_while_we_watch_gets_its_grace(self) -> None:
        before = evaluate_manifests(a_check(lambda _s, _c: PASSED), a_cron())
        first = self.report(before.memory, 0)
        assert first.report.findings == ()
        assert self.report(first.memory, 59).report.findings == ()
        (finding,) = self.report(first.memory, 60).report.findings
        assert finding.since == NOW

    def test_a_date_that_moves_does_not_start_the_grace_again(self) -> None:
        first = self.report(None, 0, since=NOW)
        again = self.report(first.memory, 61, since=NOW + timedelta(minutes=60))
        assert [f.since for f in again.report.findings] == [NOW]

    def test_a_failure_that_went_away_is_forgotten(self) -> None:
        memory = self.report(evaluate_manifests(a_check(lambda _s, _c: PASSED), a_cron()).memory, 0).memory
        memory = evaluate_manifests(a_check(lambda _s, _c: PASSED), a_cron(), memory=memory).memory
        assert self.report(memory, 90).report.findings == ()


@dataclass(frozen=True)
class Chain:
    """Three checks, each of which names the one before it as cause."""

    top = a_check(failing(), "top", STORAGE_CLASSES)
    middle = a_check(failing(causes=(a_cause("top"),)), "middle", DATA_IMPORT_CRONS)
    bottom = a_check(
        failing(
            causes=(
                a_cause("middle", Ref("DataImportCron", "openshift-virtualization-os-images", "fedora-image-cron")),
            )
        ),
        "bottom",
        DATA_SOURCES,
    )
    world = (a_storage_class(), a_cron(), a_data_source(), a_template())


def test_a_symptom_names_its_cause_and_the_root_counts_what_it_breaks() -> None:
    report = evaluate_manifests((Chain.top, Chain.middle, Chain.bottom), *Chain.world).report
    by_check = {f.check: f for f in report.findings}
    assert by_check["bottom"].caused_by == (by_check["middle"].fingerprint,)
    assert by_check["middle"].caused_by == (by_check["top"].fingerprint,)
    assert by_check["top"].root
    assert by_check["top"].dependents == {"DataImportCron": 1, "DataSource": 1, "Template": 1}
    assert report.findings[0].check == "top"


def test_without_its_cause_the_symptom_is_the_root() -> None:
    report = evaluate_manifests((Chain.middle, Chain.bottom), *Chain.world).report
    assert [(f.check, f.root) for f in report.findings] == [("middle", True), ("bottom", False)]


def test_two_findings_that_explain_each_other_still_have_a_root() -> None:
    one = a_check(failing(causes=(a_cause("two"),)), "one")
    two = a_check(failing(causes=(a_cause("one"),)), "two")
    report = evaluate_manifests((one, two), a_cron()).report
    assert sorted((f.check, f.root) for f in report.findings) == [("one", False), ("two", True)]


def test_a_cause_may_be_one_of_several_findings_about_an_object() -> None:
    parts = ("fedora", "rhel9/status", "rhel9")
    entries = a_check(lambda _s, _c: [Failed(summary="x", part=p) for p in parts], "entry")
    symptom = a_check(failing(causes=(a_cause("entry", part="rhel9"),)), "symptom")
    report = evaluate_manifests((entries, symptom), a_cron()).report
    (found,) = [f for f in report.findings if f.check == "symptom"]
    cron = Ref("DataImportCron", IMAGES, "fedora-image-cron")
    assert set(found.caused_by) == {fingerprint("entry", cron, part) for part in ("rhel9", "rhel9/status")}


@pytest.mark.parametrize("worst", [Severity.WARNING, Severity.CRITICAL])
def test_a_cause_is_as_bad_as_what_it_leads_to(worst: Severity) -> None:
    mild = a_check(failing(severity=Severity.INFO), "mild")
    between = a_check(failing(severity=Severity.INFO, causes=(a_cause("mild"),)), "between")
    bad = a_check(failing(severity=worst, causes=(a_cause("between"),)), "bad")
    report = evaluate_manifests((mild, between, bad), a_cron()).report
    assert {f.check: f.severity for f in report.findings} == {"mild": worst, "between": worst, "bad": worst}
    assert {f.check: f.severity for f in evaluate_manifests((mild, between), a_cron()).report.findings} == {
        "mild": "info",
        "between": "info",
    }


class TestOptionalInputs:
    """What helps to name a cause is not needed to find a problem."""

    classes = joint(STORAGE_CLASSES)(lambda view: len(view[STORAGE_CLASSES]))

    def judged(self, optional: tuple[Input, ...], state: State) -> Evaluation:
        def judge(_cron: Any, ctx: Context) -> Verdict:
            return Failed(summary=f"{ctx.consult(self.classes, 'an unknown number of')} classes")

        declare: Any = cast("Any", check)(
            id="p", severity=Severity.INFO, over=DATA_IMPORT_CRONS, optional=optional, alert_for=timedelta(1), **TEXTS
        )
        frozen = cluster(
            a_cron(), a_storage_class(), states={STORAGE_CLASSES: state} if state is not State.LIVE else {}
        )
        return evaluate(
            (declare(judge),),
            frozen,
            NOW,
            timetable=Timetable(),
            platform=platform_of(frozen),
            dependents=lambda _ref: (),
        )

    @pytest.mark.parametrize(
        ("state", "said"), [(State.LIVE, "1 classes"), (State.FORBIDDEN, "an unknown number of classes")]
    )
    def test_known_or_not_it_is_judged(self, state: State, said: str) -> None:
        report = self.judged((self.classes,), state).report
        assert [f.summary for f in report.findings] == [said]
        assert report.checks[0].status == "fail"

    @pytest.mark.parametrize("state", [State.LIVE, State.FORBIDDEN])
    def test_consulting_what_is_not_declared_is_a_defect(self, state: State) -> None:
        assert "storageclasses" in self.judged((), state).crashed["p"]


def test_a_fingerprint_is_stable_and_tells_parts_apart() -> None:
    parts = a_check(lambda _s, _c: [Failed(summary="x", part="a"), Failed(summary="x", part="b")])
    first, again = findings(parts, a_cron()), findings(parts, a_cron())
    assert [f.fingerprint for f in first] == [f.fingerprint for f in again]
    assert len({f.fingerprint for f in first}) == 2
    assert all(len(f.fingerprint) == 16 for f in first)


def test_the_worst_root_comes_first() -> None:
    mild = a_check(failing(severity=Severity.INFO), "mild")
    bad = a_check(failing(severity=Severity.CRITICAL), "bad")
    assert [f.check for f in evaluate_manifests((mild, bad), a_cron()).report.findings] == ["bad", "mild"]
