from __future__ import annotations

from datetime import timedelta

import pytest

from exporter.checks.imports.snapshot_content_lost import snapshot_content_lost
from exporter.checks.storage import STORAGE
from tests.checks.imports.manifests import VOLUME, a_content
from tests.checks.storage.assertions import advice_of, cause_ids, costs_of, only_finding, summarize
from tests.worlds import (
    IMAGES,
    NOW,
    Manifest,
    a_cron,
    a_data_source,
    a_snapshot,
    a_storage_class,
    a_storage_profile,
    ago,
    status,
)

CHECK = snapshot_content_lost
LEAVING: Manifest = {"deletionTimestamp": ago(minutes=3)}


def erring(*, ready: bool = False, **span: float) -> Manifest:
    error = {"time": ago(**(span or {"hours": 2})), "message": "no such pool"}
    return a_snapshot(status={"readyToUse": ready, "boundVolumeSnapshotContentName": None, "error": error})


@pytest.mark.parametrize(
    "world",
    [
        pytest.param([a_snapshot(), a_content()], id="the content exists"),
        pytest.param([a_snapshot(status={"readyToUse": False})], id="not ready yet"),
        pytest.param([a_snapshot(status=None)], id="no status yet"),
        pytest.param([a_snapshot(metadata=LEAVING)], id="it is being deleted"),
        pytest.param([a_snapshot("backup", cron="")], id="not an image"),
        pytest.param([erring(minutes=9)], id="a young error is tried again"),
    ],
)
def test_passes(world: list[Manifest]) -> None:
    assert status(CHECK, *world) == "pass"


def test_a_ready_snapshot_without_content_is_critical() -> None:
    finding = only_finding(CHECK, a_snapshot(), a_data_source())
    assert finding.summary == (
        f"VolumeSnapshot {VOLUME} of cron fedora-image-cron says ready, "
        f"but its content content-{VOLUME} does not exist: its data is lost"
    )
    assert summarize(finding) == (
        "critical",
        f"VolumeSnapshot {VOLUME}",
        "status.boundVolumeSnapshotContentName",
        f"content-{VOLUME}",
        "an existing VolumeSnapshotContent",
    )
    assert costs_of(finding) == []  # there is no DataImportCron that would make it again
    ((command, cost),) = costs_of(only_finding(CHECK, a_snapshot(), a_data_source(), a_cron()))
    assert command == f"kubectl delete volumesnapshot {VOLUME} -n {IMAGES}"
    assert "whose data is gone already" in cost


def test_one_that_the_driver_refuses_is_not_deleted_since_the_next_would_fail_too() -> None:
    error = {"message": "no space left in pool", "time": ago(hours=2)}
    finding = only_finding(CHECK, a_snapshot(status={"readyToUse": False, "error": error}), a_data_source(), a_cron())
    assert costs_of(finding) == []
    assert "Correct what the driver reports" in advice_of(finding)


def test_one_that_no_data_source_uses_is_a_warning() -> None:
    assert only_finding(CHECK, a_snapshot()).severity.value == "warning"


def test_one_that_no_cron_made_is_judged_where_it_is_used_and_not_deleted() -> None:
    finding = only_finding(CHECK, a_snapshot(cron=""), a_data_source())
    assert (finding.severity.value, finding.fix) == ("critical", None)


@pytest.mark.parametrize(
    ("ready", "severity"),
    [pytest.param(False, "critical", id="never ready"), pytest.param(True, "warning", id="ready all the same")],
)
def test_an_error_of_the_driver(ready: bool, severity: str) -> None:
    finding = only_finding(CHECK, erring(ready=ready), a_data_source())
    assert finding.summary == f"VolumeSnapshot {VOLUME} of cron fedora-image-cron has an error: no such pool"
    assert (finding.severity.value, finding.field, finding.since) == (
        severity,
        "status.error",
        NOW - timedelta(hours=2),
    )


def test_an_error_for_want_of_a_snapshot_class_is_a_symptom() -> None:
    world = (erring(), a_cron(), a_storage_class(virt="true"), a_storage_profile())
    assert cause_ids(STORAGE, CHECK, *world) == {"snapshot-class-missing", "stale-snapshot-class"}
