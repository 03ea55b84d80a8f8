"""Suppressions that expired, that match nothing, or that cannot be understood are findings themselves."""

from __future__ import annotations

import shlex
from datetime import timedelta

import pytest

from exporter.checks.engine import Memory
from exporter.checks.policy import Policy, SuppressionRule
from exporter.checks.suppressions import SUPPRESSIONS
from exporter.checks.suppressions.suppression_expired import suppression_expired
from exporter.checks.suppressions.suppression_malformed import suppression_malformed
from exporter.checks.suppressions.suppression_unused import suppression_unused
from exporter.cluster.resources import DATA_IMPORT_CRONS, DATA_SOURCES, STORAGE_CLASSES, WATCHED
from exporter.kube.contract import State
from exporter.model.wire import SUPPRESS
from exporter.report import Finding, Report
from tests.checks.suppressions.suppress import a_policy, a_rule, annotate, evaluate_policy, quiet
from tests.worlds import NOW, a_cron, a_storage_class

KNOWN = "no-class; reason=known; owner=me"


def watching(report: Report) -> list[Finding]:
    """Findings about suppressions."""
    ids = {check.id for check in SUPPRESSIONS}
    return [f for f in report.findings if f.check in ids]


def status(report: Report, check: str) -> str:
    return next(c.status for c in report.checks if c.check == check)


def test_suppressions_that_do_their_work_are_no_finding() -> None:
    assert watching(evaluate_policy(policy=a_policy(a_rule("no-class")))) == []
    assert watching(evaluate_policy(annotate(a_storage_class(), KNOWN), policy=Policy())) == []


class TestMalformed:
    def test_it_names_the_object_the_field_and_the_line(self) -> None:
        world = annotate(a_storage_class(), "no-clas; reason=known; owner=me")
        (found,) = watching(evaluate_policy(world, policy=Policy()))
        assert (found.check, found.severity) == (suppression_malformed.id, "info")
        assert (found.object.kind, found.object.name) == ("StorageClass", "fast")
        assert found.field == f"metadata.annotations[{SUPPRESS}]"
        assert found.observed == "no-clas; reason=known; owner=me"
        assert "names 'no-clas', which is no check" in found.summary

    def test_the_other_lines_count(self) -> None:
        report = evaluate_policy(annotate(a_storage_class(), f"nonsense\n{KNOWN}"), policy=Policy())
        assert quiet(report) == {"no-class": "annotation"}
        (found,) = watching(report)
        assert found.fix is not None
        assert shlex.split(found.fix.command)[-2:] == [f"{SUPPRESS}={KNOWN}", "--overwrite"]

    def test_what_watches_over_suppressions_cannot_be_suppressed(self) -> None:
        world = annotate(a_storage_class(), f"suppression-unused; reason=x; owner=y\n{KNOWN}")
        (found,) = watching(evaluate_policy(world, policy=Policy()))
        assert "'suppression-unused', which is no check that can be suppressed" in found.summary


class TestExpired:
    def test_of_an_annotation(self) -> None:
        report = evaluate_policy(annotate(a_storage_class(), f"{KNOWN}; until=2026-08-20"), policy=Policy())
        (found,) = watching(report)
        assert (found.check, found.object.name) == (suppression_expired.id, "fast")
        assert "has expired and would mute 1 failure: known (me)" in found.summary
        assert found.since == NOW.replace(day=20, hour=23, minute=59, second=59)
        assert quiet(report) == {}
        assert found.fix is not None
        assert found.fix.command == f"kubectl annotate storageclass fast {SUPPRESS}-"

    def test_of_the_configuration(self) -> None:
        rules = (a_rule("no-class"), a_rule("cron-fails", name="gone", until=NOW - timedelta(days=1)))
        (found,) = watching(evaluate_policy(policy=a_policy(*rules)))
        assert (found.object.kind, found.field) == ("Configuration", "suppressions[1]")
        assert "would mute nothing" in found.summary
        assert found.fix is None


class TestUnused:
    @pytest.mark.parametrize(
        "rule",
        [a_rule("no-class", name="slow"), a_rule("cron-fails", kind="StorageClass"), a_rule("*", kind="Nothing")],
        ids=str,
    )
    def test_it_matches_nothing(self, rule: SuppressionRule) -> None:
        (found,) = watching(evaluate_policy(policy=a_policy(rule)))
        assert (found.check, found.field) == (suppression_unused.id, "suppressions[0]")
        assert "matches nothing: known (me)" in found.summary

    def test_on_an_object(self) -> None:
        (found,) = watching(evaluate_policy(a_storage_class(), annotate(a_cron(), KNOWN), policy=Policy()))
        assert (found.check, found.object.kind) == (suppression_unused.id, "DataImportCron")

    def test_it_waits_for_a_check_that_is_blind(self) -> None:
        policy = a_policy(a_rule("cron-fails", name="slow"))
        report = evaluate_policy(policy=policy, states={DATA_IMPORT_CRONS: State.FORBIDDEN})
        assert watching(report) == []
        (told,) = [c for c in report.checks if c.check == suppression_unused.id]
        assert told.status == "unknown"
        assert "cron-fails cannot judge everything" in told.unknown[0]

    def test_it_waits_for_a_check_that_has_not_understood_an_object(self) -> None:
        broken = a_cron("odd", spec={"schedule": {"not": "text"}})
        report = evaluate_policy(
            a_storage_class(), a_cron(), broken, policy=a_policy(a_rule("cron-fails", name="slow"))
        )
        assert watching(report) == []
        assert status(report, suppression_unused.id) == "unknown"

    def test_another_check_that_is_blind_does_not_matter(self) -> None:
        policy = a_policy(a_rule("cron-fails", name="slow"))
        report = evaluate_policy(policy=policy, states={DATA_SOURCES: State.FORBIDDEN})
        assert [f.check for f in watching(report)] == [suppression_unused.id]

    def test_one_of_a_check_that_is_switched_off_sleeps(self) -> None:
        report = evaluate_policy(policy=a_policy(a_rule("no-class"), disabled=frozenset({"no-class"})))
        assert watching(report) == []
        assert status(report, suppression_unused.id) == "pass"

    def test_problems_may_come_and_go(self) -> None:
        policy, seen = a_policy(a_rule("no-class", name="slow")), Memory({}, fresh=False)
        assert watching(evaluate_policy(policy=policy, memory=seen)) == []
        patient = a_policy(*policy.rules, limits={"suppression-unused": {"grace": timedelta()}})
        assert len(watching(evaluate_policy(policy=patient, memory=seen))) == 1

    def test_a_failure_within_its_grace_counts_as_matched(self) -> None:
        slow = {"no-class": {"grace": timedelta(hours=1)}, "suppression-unused": {"grace": timedelta()}}
        report = evaluate_policy(policy=a_policy(a_rule("no-class"), limits=slow), memory=Memory({}, fresh=False))
        assert "no-class" not in [f.check for f in report.findings]
        assert watching(report) == []


def test_nothing_mutes_what_watches_over_suppressions() -> None:
    report = evaluate_policy(
        annotate(a_storage_class(), f"nonsense\n*; reason=x; owner=y\n{KNOWN}"), policy=a_policy(a_rule("*"))
    )
    assert [(f.check, f.suppressed) for f in watching(report)] == [(suppression_malformed.id, None)]
    assert set(quiet(report)) == {"no-class"}


class TestWhatCannotBeSeen:
    """A suppression may stand on any object: where objects cannot be read, none is seen and nothing is clear."""

    def test_a_table_that_cannot_be_read_may_hide_suppressions(self) -> None:
        report = evaluate_policy(a_cron(), policy=Policy(), states={STORAGE_CLASSES: State.FORBIDDEN})
        told = {c.check: (c.status, c.blind_on) for c in report.checks}
        assert {told[check.id] for check in SUPPRESSIONS} == {("unknown", ("storageclasses",))}

    def test_the_others_are_judged(self) -> None:
        world = annotate(a_cron(), "nonsense")
        report = evaluate_policy(world, policy=Policy(), states={STORAGE_CLASSES: State.FORBIDDEN})
        assert [f.check for f in watching(report)] == [suppression_malformed.id]
        assert status(report, suppression_malformed.id) == "fail"

    def test_without_any_table_they_are_blind(self) -> None:
        report = evaluate_policy(policy=a_policy(a_rule()), states=dict.fromkeys(WATCHED, State.FORBIDDEN))
        assert watching(report) == []
        assert {c.status for c in report.checks} == {"blind"}
