"""Findings, roots and check statuses as metrics."""

from __future__ import annotations

from datetime import timedelta

import pytest

from exporter.metrics.families.findings import LIMIT, MACHINES_LIMIT
from exporter.report import CheckStatus, ResourceStatus, Suppression
from tests.metrics.reports import a_finding, a_report
from tests.metrics.scraping import samples_of
from tests.worlds import NOW

FAST = ("polling-frozen", "warning", "DataImportCron", "images", "fedora")


def test_a_finding_is_one_series() -> None:
    assert samples_of("finding", report=a_report(a_finding())) == {FAST: 1}


def test_several_findings_about_one_object_are_one_series_with_the_oldest_date() -> None:
    older = a_finding(field="b", since=NOW - timedelta(days=1))
    report = a_report(a_finding(field="a"), older, a_finding(field="c", since=None))
    assert samples_of("finding", report=report) == {FAST: 1}
    assert samples_of("finding_since_timestamp_seconds", report=report) == {FAST: (NOW - timedelta(days=1)).timestamp()}


def test_a_finding_of_unknown_age_has_no_date() -> None:
    assert samples_of("finding_since_timestamp_seconds", report=a_report(a_finding(since=None))) == {}


def test_muted_findings_are_not_exposed() -> None:
    muted = a_finding(suppressed=Suppression(reason="known", owner="me", until=None))
    assert samples_of("finding", report=a_report(muted)) == {}


def test_muted_findings_are_counted() -> None:
    quiet = Suppression(reason="known", owner="me", until=None)
    report = a_report(a_finding(), a_finding("a", suppressed=quiet), a_finding("b", suppressed=quiet))
    assert samples_of("findings_suppressed", report=report) == {("polling-frozen",): 2}
    assert samples_of("findings_suppressed", report=a_report()) == {("polling-frozen",): 0}


def test_what_follows_from_muted_findings_alone_and_is_not_muted_weighs_like_a_root() -> None:
    quiet = Suppression(reason="known", owner="me", until=None)
    root = a_finding("storage", suppressed=quiet)
    worse = a_finding(caused_by=("storage",), dependents={"DataSource": 3})
    below = a_finding("below", caused_by=("fedora",), dependents={"DataSource": 1})
    assert samples_of("finding_root_dependents", report=a_report(root, worse, below)) == {FAST: 3}


def test_roots_carry_their_blast_radius_and_symptoms_do_not_appear() -> None:
    root = a_finding("storage", dependents={"DataImportCron": 12, "DataSource": 12})
    symptom = a_finding(caused_by=("storage",))
    found = samples_of("finding_root_dependents", report=a_report(root, symptom))
    assert found == {("polling-frozen", "warning", "DataImportCron", "images", "storage"): 24}


@pytest.mark.parametrize(("kind", "limit"), [("VirtualMachine", MACHINES_LIMIT), ("DataImportCron", LIMIT)])
def test_too_many_findings_are_cut_and_counted(kind: str, limit: int) -> None:
    report = a_report(*(a_finding(f"x{i}", kind=kind) for i in range(limit + 3)))
    assert len(samples_of("finding", report=report)) == limit
    assert samples_of("findings_omitted", report=report) == {("polling-frozen",): 3}


def test_a_check_has_one_series_per_status() -> None:
    blind = a_report(checks=(CheckStatus(check="a", status="blind", blind_on=("nodes",)),), verdict="unknown")
    assert samples_of("check_status", report=blind) == {
        ("a", "pass"): 0,
        ("a", "fail"): 0,
        ("a", "unknown"): 0,
        ("a", "blind"): 1,
        ("a", "disabled"): 0,
    }
    assert samples_of("check_unknown_objects", report=blind) == {}
    assert samples_of("verdict", report=blind) == {("pass",): 0, ("fail",): 0, ("unknown",): 1}


def test_objects_that_could_not_be_judged_are_counted() -> None:
    report = a_report(checks=(CheckStatus(check="a", status="unknown", blind_on=(), unknown=("x: silent",)),))
    assert samples_of("check_unknown_objects", report=report) == {("a",): 1}


def test_resources_that_cannot_be_listed_have_no_counts() -> None:
    report = a_report(
        resources=(
            ResourceStatus(resource="nodes", state="live", rows=3, rejected=1),
            ResourceStatus(resource="pods", state="forbidden", rows=0, rejected=0),
        )
    )
    assert samples_of("resource_objects", report=report) == {("nodes",): 3}
    assert samples_of("resource_rejected_objects", report=report) == {("nodes",): 1}
    states = samples_of("resource_state", report=report)
    assert {labels for labels, value in states.items() if value} == {("nodes", "live"), ("pods", "forbidden")}
    assert len(states) == 14
