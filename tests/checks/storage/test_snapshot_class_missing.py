from __future__ import annotations

import pytest

from exporter.checks.storage.snapshot_class_missing import snapshot_class_missing
from exporter.cluster.resources import VOLUME_SNAPSHOT_CLASSES
from exporter.kube.contract import State
from tests.checks.storage.assertions import fix_command, only_finding, summarize
from tests.worlds import Manifest, a_cron, a_snapshot_class, a_storage_class, a_storage_profile, status

CHECK = snapshot_class_missing
DEFAULT = a_storage_class(virt="true")
FORCED = a_storage_profile(spec={"dataImportCronSourceFormat": "snapshot"})


@pytest.mark.parametrize(
    "world",
    [
        pytest.param([DEFAULT, a_storage_profile(), a_snapshot_class(), a_cron()], id="a class of the driver"),
        pytest.param([DEFAULT, a_storage_profile(), a_snapshot_class("any"), a_cron()], id="whatever its name"),
        pytest.param(
            [DEFAULT, a_storage_profile(status={"dataImportCronSourceFormat": "pvc"}), a_cron()], id="format pvc"
        ),
        pytest.param(
            [DEFAULT, a_storage_profile(status=None), a_cron()], id="no status: pvc is what CDI falls back to"
        ),
    ],
)
def test_passes(world: list[Manifest]) -> None:
    assert status(CHECK, *world) == "pass"


@pytest.mark.parametrize(
    ("profile", "field"),
    [
        pytest.param(FORCED, "spec.dataImportCronSourceFormat", id="an administrator chose the format"),
        pytest.param(a_storage_profile(), "status.dataImportCronSourceFormat", id="CDI chose it"),
    ],
)
def test_fails_where_a_cron_imports(profile: Manifest, field: str) -> None:
    finding = only_finding(CHECK, DEFAULT, profile, a_snapshot_class("other", driver="csi.other"), a_cron())
    assert finding.summary == (
        "StorageProfile fast keeps images as snapshots, but no VolumeSnapshotClass has its driver csi.example; "
        "1 DataImportCron imports there"
    )
    assert summarize(finding) == (
        "warning",
        "StorageProfile fast",
        field,
        "snapshot",
        "a VolumeSnapshotClass with driver csi.example, or format pvc",
    )
    assert fix_command(finding) == (
        'kubectl patch storageprofile fast --type merge -p \'{"spec":{"dataImportCronSourceFormat":"pvc"}}\''
    )
    assert finding.dependents == {"DataImportCron": 1, "StorageClass": 1}


def test_it_is_a_hint_where_no_cron_imports() -> None:
    assert only_finding(CHECK, a_storage_class(), FORCED).severity.value == "info"


def test_the_driver_of_the_class_counts_where_the_profile_does_not_tell() -> None:
    finding = only_finding(CHECK, DEFAULT, a_storage_profile(status={"provisioner": ""}), a_cron())
    assert "driver csi.example" in finding.summary


def test_an_unknown_driver_is_unknown() -> None:
    assert status(CHECK, a_storage_profile(status={"provisioner": ""})) == "unknown"


def test_a_cluster_that_serves_no_snapshots_has_no_snapshot_class() -> None:
    states = {VOLUME_SNAPSHOT_CLASSES: State.NOT_SERVED}
    assert status(CHECK, DEFAULT, FORCED, a_cron(), states=states) == "fail"
