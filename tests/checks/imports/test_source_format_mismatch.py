from __future__ import annotations

from datetime import timedelta

import pytest

from exporter.checks.imports.import_failing import import_failing
from exporter.checks.imports.source_format_mismatch import source_format_mismatch
from exporter.checks.storage import STORAGE
from tests.checks.imports.manifests import VOLUME, a_failing_volume, a_first_import, outdated_conditions, pvc_cron
from tests.checks.storage.assertions import advice_of, cause_ids, fix_command, only_finding, summarize
from tests.worlds import (
    NOW,
    SSP_OWNED,
    Manifest,
    a_claim,
    a_cron,
    a_snapshot,
    a_snapshot_class,
    a_storage_class,
    a_storage_profile,
    ago,
    an_hco,
    merge,
    status,
)

CHECK = source_format_mismatch
DEFAULT = a_storage_class(virt="true")
SNAPSHOT = a_storage_profile()
PVC = a_storage_profile(status={"dataImportCronSourceFormat": "pvc"})
NO_FORMAT = a_storage_profile(status={"dataImportCronSourceFormat": ""})
LEAVING: Manifest = {"deletionTimestamp": ago(minutes=3)}


@pytest.mark.parametrize(
    "world",
    [
        pytest.param([a_cron(), SNAPSHOT, a_snapshot()], id="snapshot"),
        pytest.param([pvc_cron(), PVC, a_claim()], id="pvc"),
        pytest.param([pvc_cron(), NO_FORMAT, a_claim()], id="pvc is what a profile means that says nothing"),
        pytest.param([a_first_import(), SNAPSHOT, a_claim()], id="nothing imported yet"),
        pytest.param(
            [pvc_cron(status=outdated_conditions(minutes=20)), SNAPSHOT], id="the import in the new format is running"
        ),
        pytest.param([a_cron(), SNAPSHOT, a_snapshot(), a_claim(metadata=LEAVING)], id="the claim goes"),
        pytest.param(
            [a_cron(), SNAPSHOT, a_snapshot(status={"readyToUse": False}), a_claim()], id="the snapshot is not ready"
        ),
        pytest.param(
            [a_cron(), SNAPSHOT, a_snapshot(metadata={"creationTimestamp": ago(minutes=9)}), a_claim()],
            id="the snapshot is new",
        ),
    ],
)
def test_passes(world: list[Manifest]) -> None:
    assert status(CHECK, DEFAULT, *world) == "pass"


def test_without_a_class_there_is_no_format_to_compare() -> None:
    assert status(CHECK, a_cron(), PVC) == "pass"


@pytest.mark.parametrize(
    "profiles",
    [pytest.param([], id="no profile"), pytest.param([a_storage_profile(status=None)], id="no status")],
)
def test_a_profile_that_has_not_said_is_unknown(profiles: list[Manifest]) -> None:
    assert status(CHECK, DEFAULT, a_cron(), *profiles) == "unknown"


def test_a_snapshot_where_a_volume_is_wanted_is_the_only_image_and_stays() -> None:
    finding = only_finding(CHECK, DEFAULT, a_cron(status=outdated_conditions("Outdated", days=6)), PVC, a_snapshot())
    assert finding.summary == (
        "The image of DataImportCron fedora-image-cron has format snapshot; StorageProfile fast asks for pvc"
    )
    assert summarize(finding) == (
        "warning",
        "DataImportCron fedora-image-cron",
        "status.sourceFormat",
        "snapshot",
        "pvc",
    )
    assert finding.since == NOW - timedelta(days=6)
    assert finding.fix is None
    assert "Keep the snapshot, which is the only image" in advice_of(finding)


def test_a_volume_where_a_snapshot_is_wanted_needs_a_reconcile() -> None:
    finding = only_finding(CHECK, DEFAULT, pvc_cron(), SNAPSHOT, a_claim(), an_hco())
    assert (finding.observed, finding.expected, finding.since) == ("pvc", "snapshot", None)
    assert fix_command(finding) == "oc rollout restart deployment/cdi-deployment -n openshift-cnv"


def test_where_cdi_runs_is_not_guessed() -> None:
    cron = merge(pvc_cron(), {"metadata": {"annotations": dict.fromkeys(SSP_OWNED)}})
    assert only_finding(CHECK, DEFAULT, cron, SNAPSHOT, a_claim()).fix is None


def test_claim_and_snapshot_of_one_image_are_one_too_many() -> None:
    finding = only_finding(
        CHECK, DEFAULT, a_cron(), SNAPSHOT, a_snapshot(), a_claim(metadata={"creationTimestamp": ago(days=2)})
    )
    assert finding.summary == f"DataImportCron fedora-image-cron keeps its image {VOLUME} both as claim and as snapshot"
    assert (finding.expected, finding.since) == (f"no PersistentVolumeClaim {VOLUME}", NOW - timedelta(days=2))
    assert (
        only_finding(CHECK, DEFAULT, pvc_cron(), PVC, a_snapshot(), a_claim()).expected == f"no VolumeSnapshot {VOLUME}"
    )


def test_a_class_that_one_cron_misses_explains_the_others() -> None:
    lost = a_cron("b", managed="b", spec={"template": {"spec": {"storage": {"storageClassName": "nvme"}}}})
    world = (DEFAULT, pvc_cron(), SNAPSHOT, a_snapshot_class(), lost)
    assert cause_ids(STORAGE, CHECK, *world) == {"storage-class-missing"}


def test_a_failing_import_explains_it() -> None:
    world = (DEFAULT, a_cron(status=outdated_conditions()), PVC, a_failing_volume("ImportInProgress", restarts=9))
    assert cause_ids((import_failing,), CHECK, *world) == {"import-failing"}
