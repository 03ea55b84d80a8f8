"""The silent freeze: UpToDate stays True while nobody looks."""

from __future__ import annotations

import pytest

from exporter.checks.polling.polling_frozen import polling_frozen
from exporter.checks.storage.stale_snapshot_class import stale_snapshot_class
from exporter.cluster.resources import CRON_JOBS
from exporter.kube.contract import State
from tests.checks.storage.assertions import cause_ids, only_finding, summarize
from tests.worlds import (
    IMAGES,
    Manifest,
    a_cdi,
    a_cron,
    a_storage_class,
    a_storage_profile,
    ago,
    condition,
    findings,
    manifest,
    merge,
    status,
)

POD_PULL = {"template": {"spec": {"source": {"registry": {"pullMethod": None}}}}}


def polled(schedule: str = "41 7/12 * * *", **span: float) -> Manifest:
    at = ago(**span)
    marks = {"cdi.kubevirt.io/storage.import.lastCronTime": at}
    changes: Manifest = {"metadata": {"annotations": marks}, "spec": {"schedule": schedule}}
    return a_cron(**changes, status={"lastExecutionTimestamp": at})


@pytest.mark.parametrize(
    ("schedule", "span"),
    [
        ("41 7/12 * * *", {"hours": 24.9}),
        ("0 4 * * 1", {"days": 14}),
        ("0 4 1 * *", {"days": 60}),
        ("*/10 9-17 * * 1-5", {"days": 5}),
        ("@every 12h", {"hours": 24}),
    ],
)
def test_two_missed_runs_are_not_yet_a_freeze(schedule: str, span: dict[str, float]) -> None:
    assert status(polling_frozen, polled(schedule, **span)) == "pass"


@pytest.mark.parametrize(
    ("schedule", "span"),
    [
        ("41 7/12 * * *", {"hours": 25.1}),
        ("0 4 * * 1", {"days": 14.1}),
        ("0 4 1 * *", {"days": 63}),
        ("@every 12h", {"hours": 25.1}),
        ("0 0 31 2 *", {"days": 8}),
    ],
)
def test_two_longest_gaps_and_an_hour_without_a_poll_are(schedule: str, span: dict[str, float]) -> None:
    finding = only_finding(polling_frozen, polled(schedule, **span))
    assert summarize(finding)[:3] == (
        "warning",
        "DataImportCron fedora-image-cron",
        "status.lastExecutionTimestamp",
    )
    assert finding.since is not None


def test_the_finding_tells_when_the_last_poll_was() -> None:
    finding = only_finding(polling_frozen, polled(days=12))
    assert "12 days ago" in finding.summary
    assert finding.observed == "last successful poll 2026-08-09T12:00:00Z"


def a_poller(success: str, started: str) -> Manifest:
    labels = {"cdi.kubevirt.io/dataImportCron": "fedora-image-cron", "cdi.kubevirt.io/dataImportCronNs": IMAGES}
    body = {"status": {"lastSuccessfulTime": success, "lastScheduleTime": started}}
    return manifest("batch/v1", "CronJob", "fedora-1", "openshift-cnv", metadata={"labels": labels}, **body)


def test_a_cronjob_that_starts_without_success_is_the_evidence() -> None:
    cron = merge(polled(days=12), {"spec": POD_PULL})
    finding = only_finding(polling_frozen, cron, a_poller(ago(days=12), ago(minutes=20)))
    assert finding.observed.endswith("poller started 2026-08-21T11:40:00Z without success")


def test_a_cronjob_that_has_succeeded_lately_is_proof_of_life() -> None:
    cron = merge(polled(days=12), {"spec": POD_PULL})
    assert findings(polling_frozen, cron, a_poller(ago(minutes=20), ago(minutes=20))) == ()


@pytest.mark.parametrize(
    "cron",
    [
        a_cron(spec={"schedule": ""}, status={"lastExecutionTimestamp": None}),
        a_cron(status=None),
        a_cron(status={"conditions": [condition("UpToDate", "False", "NoDigest")]}),
        polled("nonsense", days=90),
    ],
    ids=["external", "never-reconciled", "no-digest", "invalid-schedule"],
)
def test_what_is_another_finding_is_not_this_one(cron: Manifest) -> None:
    assert status(polling_frozen, cron) == "pass"


def test_a_cron_that_does_not_tell_when_it_was_polled_is_unknown() -> None:
    marks = {"cdi.kubevirt.io/storage.import.lastCronTime": None}
    cron = a_cron(metadata={"annotations": marks}, status={"lastExecutionTimestamp": None})
    assert status(polling_frozen, cron) == "unknown"


def test_a_stale_snapshot_class_freezes_the_crons_of_its_storage_class() -> None:
    world = (polled(days=3), a_storage_class(virt="true"), a_storage_profile(), a_cdi())
    assert cause_ids((stale_snapshot_class,), polling_frozen, *world) == {"stale-snapshot-class"}


@pytest.mark.parametrize(("spec", "expected"), [({}, "fail"), (POD_PULL, "unknown")], ids=["by-node", "by-cronjob"])
def test_cron_jobs_that_cannot_be_read_matter_to_those_that_are_polled_by_one(spec: Manifest, expected: str) -> None:
    cron = merge(polled(days=12), {"spec": spec})
    assert status(polling_frozen, cron, states={CRON_JOBS: State.FORBIDDEN}) == expected
