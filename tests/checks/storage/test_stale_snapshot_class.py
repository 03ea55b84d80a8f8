from __future__ import annotations

import pytest

from exporter.checks.storage.snapshot_class_missing import snapshot_class_missing
from exporter.checks.storage.stale_snapshot_class import stale_snapshot_class
from tests.checks.storage.assertions import cause_ids, fix_command, only_finding, summarize
from tests.worlds import Manifest, a_cdi, a_cron, a_snapshot_class, a_storage_class, a_storage_profile, merge, status

CHECK = stale_snapshot_class
DEFAULT = a_storage_class(virt="true")
OTHER = a_snapshot_class("other")
PREFERRED = a_snapshot_class(
    "zz", metadata={"annotations": {"snapshot.storage.kubernetes.io/is-default-class": "true"}}
)


@pytest.mark.parametrize(
    "world",
    [
        pytest.param([DEFAULT, a_storage_profile(), a_snapshot_class(), a_cron()], id="the class exists"),
        pytest.param([DEFAULT, a_storage_profile(status={"snapshotClass": ""}), a_cron()], id="no class named"),
        pytest.param([DEFAULT, a_storage_profile(status=None), a_cron()], id="no status yet"),
    ],
)
def test_passes(world: list[Manifest]) -> None:
    assert status(CHECK, *world) == "pass"


def test_a_class_that_is_gone_freezes_the_crons_though_they_say_up_to_date() -> None:
    finding = only_finding(CHECK, DEFAULT, a_storage_profile(), OTHER, a_cron(), a_cdi("v1.65.0"))
    assert finding.summary == (
        "StorageProfile fast names VolumeSnapshotClass snapshots, which does not exist; "
        "1 crons are frozen: fedora-image-cron"
    )
    assert summarize(finding) == (
        "warning",
        "StorageProfile fast",
        "status.snapshotClass",
        "snapshots",
        "an existing VolumeSnapshotClass with driver csi.example",
    )
    assert fix_command(finding) == (
        'kubectl patch storageprofile fast --type merge -p \'{"spec":{"snapshotClass":"other"}}\''
    )


def test_before_cdi_1_65_they_freeze_when_a_snapshot_is_due() -> None:
    finding = only_finding(CHECK, DEFAULT, a_storage_profile(), OTHER, a_cron(), a_cdi("v1.63.1"))
    assert "1 crons freeze as soon as a snapshot is due" in finding.summary


def test_the_fix_takes_the_class_that_cdi_would_take() -> None:
    finding = only_finding(CHECK, DEFAULT, a_storage_profile(), OTHER, PREFERRED, a_cron())
    assert '{"snapshotClass":"zz"}' in fix_command(finding)


def test_what_an_administrator_chose_comes_first() -> None:
    profile = a_storage_profile(spec={"snapshotClass": "typo"})
    finding = only_finding(CHECK, DEFAULT, profile, a_snapshot_class(), a_cron())
    assert (finding.field, finding.observed) == ("spec.snapshotClass", "typo")


def test_a_class_of_another_driver_is_no_better() -> None:
    finding = only_finding(CHECK, DEFAULT, a_storage_profile(), a_snapshot_class(driver="csi.other"), OTHER, a_cron())
    assert "which has the driver csi.other" in finding.summary


@pytest.mark.parametrize(
    "world",
    [
        pytest.param([a_storage_class(), a_storage_profile(), OTHER], id="no cron"),
        pytest.param(
            [DEFAULT, a_storage_profile(status={"dataImportCronSourceFormat": "pvc"}), OTHER, a_cron()],
            id="images are kept as volumes",
        ),
    ],
)
def test_it_is_a_hint_where_no_cron_needs_a_snapshot(world: list[Manifest]) -> None:
    assert only_finding(CHECK, *world).severity.value == "info"


def test_no_class_of_the_driver_at_all_is_the_cause_and_leaves_no_fix() -> None:
    world = (DEFAULT, a_storage_profile(), a_cron())
    assert only_finding(CHECK, *world).fix is None
    assert cause_ids((snapshot_class_missing,), CHECK, *world) == {"snapshot-class-missing"}


KEY = "cdi.kubevirt.io/snapshotClassForDataImportCron"


def annotated(name: str) -> Manifest:
    return merge(a_storage_profile(), {"metadata": {"annotations": {KEY: name}}})


def test_the_class_of_the_annotation_goes_first_since_cdi_1_65() -> None:
    world = (a_storage_class(virt="true"), a_cron(), a_snapshot_class(), annotated("gone"))
    found = only_finding(CHECK, merge(a_cdi(), {"status": {"observedVersion": "v1.65.0"}}), *world)
    assert summarize(found)[:4] == ("warning", "StorageProfile fast", f"metadata.annotations[{KEY}]", "gone")
    assert "get snapshots that are never ready" in found.summary
    name = a_snapshot_class()["metadata"]["name"]
    assert fix_command(found) == f"kubectl annotate storageprofile fast {KEY}={name} --overwrite"
    old = merge(a_cdi(), {"status": {"observedVersion": "v1.64.0"}})
    assert status(CHECK, old, *world) == "pass"
