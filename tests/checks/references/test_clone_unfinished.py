"""Clones that do not get finished, and what is named as the reason."""

from __future__ import annotations

from datetime import timedelta

import pytest

from exporter.checks.imports import IMPORTS
from exporter.checks.references.clone_unfinished import clone_unfinished
from exporter.checks.storage import STORAGE
from exporter.cluster.resources import (
    PERSISTENT_VOLUME_CLAIMS,
    STORAGE_CLASSES,
    VIRTUAL_MACHINES,
    VOLUME_SNAPSHOT_CONTENTS,
)
from exporter.kube.contract import State
from exporter.model.wire import SUPPRESS
from tests.checks.datasources.sources import a_placeholder
from tests.checks.references.consumers import SUPPRESSION, a_clone, a_mounting_machine, owned_by, source_ref
from tests.checks.storage.assertions import cause_ids, only_finding, summarize
from tests.worlds import (
    IMAGES,
    NOW,
    Manifest,
    a_claim,
    a_data_source,
    a_machine,
    a_snapshot,
    a_storage_class,
    evaluate_manifests,
    manifest,
    merge,
    status,
)

CHECK = clone_unfinished
FAST = a_storage_class("fast", virt="true")
IMAGE = f"PersistentVolumeClaim {IMAGES}/fedora-0123456789ab"
OF_SNAPSHOT: Manifest = {"source": {"snapshot": {"name": "fedora-0123456789ab", "namespace": IMAGES}}}
HOLDER = a_mounting_machine(
    "maint",
    volume={"persistentVolumeClaim": {"claimName": "fedora-0123456789ab"}},
    namespace=IMAGES,
    created=True,
    printableStatus="Running",
)


@pytest.mark.parametrize(
    "volume",
    [
        pytest.param(a_clone(phase="Succeeded"), id="finished"),
        pytest.param(a_clone(hours=0.9), id="younger than an hour"),
        pytest.param(a_clone(phase="CloneInProgress", hours=5), id="copied byte by byte, which takes hours"),
        pytest.param(a_clone(phase="WaitForFirstConsumer"), id="its machine is stopped"),
        pytest.param(a_clone(phase="PendingPopulation"), id="no pod mounts it"),
        pytest.param(a_clone(source={"source": {"http": {"url": "http://x"}}}), id="an import"),
        pytest.param(a_clone(metadata={"deletionTimestamp": "2026-08-21T11:59:00Z"}), id="being deleted"),
        pytest.param(
            a_clone(metadata={"labels": {"cdi.kubevirt.io/dataImportCron": "fedora-image-cron"}}), id="a cron's own"
        ),
    ],
)
def test_passes(volume: Manifest) -> None:
    assert status(CHECK, FAST, volume) == "pass"


@pytest.mark.parametrize(
    "phase",
    [
        *("", "Pending", "PVCBound", "CloneScheduled", "SnapshotForSmartCloneInProgress", "CSICloneInProgress"),
        *("CloneFromSnapshotSourceInProgress", "RebindInProgress", "NamespaceTransferInProgress", "Failed", "Unknown"),
    ],
)
def test_a_clone_that_lasts_is_found_whatever_its_phase(phase: str) -> None:
    finding = only_finding(CHECK, FAST, a_clone(phase=phase))
    shown = phase or "not set"
    assert finding.summary == (
        f"DataVolume web-1-root is not finished, cloned from {IMAGE} (phase {shown}): "
        "nothing that can be seen explains it"
    )
    assert summarize(finding) == (
        "warning",
        "PersistentVolumeClaim fedora-0123456789ab",
        "DataVolume shop/web-1-root: status.phase",
        f"phase {shown} since 2026-08-21T05:00:00Z; Bound False Pending: PVC Pending",
        "phase Succeeded",
    )
    assert finding.since == NOW - timedelta(hours=7)


def test_a_byte_by_byte_copy_is_found_after_six_hours() -> None:
    assert "CloneInProgress" in only_finding(CHECK, FAST, a_clone(phase="CloneInProgress")).summary


@pytest.mark.parametrize(
    "world",
    [
        pytest.param([a_clone(**owned_by("web-1"))], id="its owner"),
        pytest.param([a_clone(), a_machine(status={"printableStatus": "Provisioning"})], id="its volume template"),
        pytest.param(
            [a_clone(), a_mounting_machine("web-1", volume={"dataVolume": {"name": "web-1-root"}})],
            id="a mount",
        ),
    ],
)
def test_the_machine_that_waits_is_named(world: list[Manifest]) -> None:
    finding = only_finding(CHECK, FAST, *world)
    assert finding.summary.startswith("VirtualMachine web-1 waits for its disk, cloned from ")
    assert finding.dependents == {"VirtualMachine": 1}


def test_many_machines_that_wait_for_the_same_are_one_finding() -> None:
    many = [a_clone(f"web-{i:03d}-root", **owned_by(f"web-{i:03d}")) for i in range(201)]
    finding = only_finding(CHECK, FAST, *many)
    assert finding.summary == (
        f"201 VirtualMachines wait for clones of {IMAGE} (phase CSICloneInProgress): "
        "nothing that can be seen explains it: web-000, web-001, web-002 and 198 more"
    )
    assert finding.dependents == {"VirtualMachine": 201}


@pytest.mark.parametrize(
    ("world", "reason"),
    [
        pytest.param([a_clone(), HOLDER], f"its source is in use by VirtualMachine {IMAGES}/maint", id="in use"),
        pytest.param(
            [a_clone(), a_claim(status={"phase": "Lost"})],
            "its source is Lost",
            id="the source is lost",
        ),
        pytest.param(
            [a_clone(), a_claim(spec={"resources": {"requests": {"storage": "60Gi"}}})],
            "it requests 30Gi, and its source has 60Gi",
            id="smaller than the source",
        ),
        pytest.param(
            [a_clone(), a_claim(spec={"storageClassName": "slow"})],
            "it goes from StorageClass slow to fast, so that it is copied by pods",
            id="another class",
        ),
        pytest.param(
            [
                a_clone(),
                a_claim(spec={"storageClassName": "slow"}),
                manifest("cdi.kubevirt.io/v1beta1", "CDI", "cdi", spec={"cloneStrategyOverride": "csi-clone"}),
            ],
            "it goes from StorageClass slow to fast, and cloneStrategyOverride of CDI is csi-clone, which works "
            "within one "
            "class only",
            id="a forced strategy across classes",
        ),
        pytest.param(
            [a_clone(source=OF_SNAPSHOT), a_snapshot()],
            "the content content-fedora-0123456789ab of the snapshot does not exist",
            id="the content of the snapshot is gone",
        ),
        pytest.param(
            [
                a_clone(source=OF_SNAPSHOT),
                a_snapshot(
                    status={
                        "readyToUse": False,
                        "boundVolumeSnapshotContentName": None,
                        "error": {"message": "driver is away"},
                    }
                ),
            ],
            "the snapshot is not ready: driver is away",
            id="the snapshot is not ready",
        ),
        pytest.param(
            [a_clone(message="rpc error: code = ResourceExhausted desc = not enough free space")],
            "StorageClass fast has no room for it",
            id="no room",
        ),
        pytest.param(
            [
                merge(
                    a_clone(phase="CloneScheduled"),
                    {"status": {"conditions": [{"type": "Bound", "status": "False", "reason": "CloneWithoutSource"}]}},
                ),
                a_data_source(),
            ],
            f"its source does not exist: it was an image of DataSource {IMAGES}/fedora, of which CDI deletes old ones",
            id="the source is gone",
        ),
    ],
)
def test_what_can_be_seen_is_named(world: list[Manifest], reason: str) -> None:
    finding = only_finding(CHECK, FAST, *world)
    assert finding.summary.endswith(f"): {reason}")


def test_clones_to_a_class_that_does_not_exist_are_about_the_class() -> None:
    others = {"source": {"pvc": {"name": "rhel9-0123456789ab", "namespace": IMAGES}}}
    finding = only_finding(CHECK, a_clone(), a_clone("web-2-root", others))
    assert str(finding.object.kind) == "StorageClass"
    assert finding.summary == (
        "2 DataVolumes wait for clones of 2 sources (phase CSICloneInProgress): its StorageClass fast does not exist: "
        "web-1-root, web-2-root"
    )


def test_without_any_default_class_that_is_the_cause() -> None:
    clone = merge(a_clone(phase=""), {"spec": {"storage": {"storageClassName": None}}})
    assert cause_ids(STORAGE, CHECK, clone, a_storage_class("plain")) == {"no-default-storage-class"}


def test_a_quota_is_about_the_namespace_of_the_clones() -> None:
    finding = only_finding(CHECK, FAST, a_clone(phase="Pending", message="exceeded quota: small"))
    assert (finding.object.kind, finding.object.name) == ("Namespace", "shop")


def test_a_lost_snapshot_content_explains_it() -> None:
    world = [FAST, a_clone(source=OF_SNAPSHOT), a_snapshot(), a_data_source()]
    assert cause_ids(IMPORTS, CHECK, *world) == {"snapshot-content-lost"}


def test_what_a_reference_stands_for_is_what_is_cloned() -> None:
    own = a_clone("disk", {"sourceRef": source_ref("fedora", IMAGES)}, phase="CloneFromSnapshotSourceInProgress")
    finding = only_finding(CHECK, FAST, own, a_data_source())
    assert (finding.object.kind, finding.object.name) == ("VolumeSnapshot", "fedora-0123456789ab")


def test_a_placeholder_without_an_image_is_told_by_another_check() -> None:
    own = a_clone("disk", {"sourceRef": source_ref("win11", IMAGES)}, phase="Pending")
    assert status(CHECK, FAST, own, a_placeholder()) == "pass"


def test_one_with_a_suppression_stands_for_itself() -> None:
    quiet = a_clone("web-2-root", metadata={"annotations": {SUPPRESS: SUPPRESSION}})
    report = evaluate_manifests(CHECK, FAST, a_clone(), quiet).report
    assert {(f.object.kind, f.object.name, f.suppressed is None) for f in report.findings} == {
        ("PersistentVolumeClaim", "fedora-0123456789ab", True),
        ("DataVolume", "web-2-root", False),
    }


@pytest.mark.parametrize(
    "unseen", [VIRTUAL_MACHINES, PERSISTENT_VOLUME_CLAIMS, STORAGE_CLASSES, VOLUME_SNAPSHOT_CONTENTS], ids=str
)
def test_it_is_found_also_where_its_reason_cannot_be_seen(unseen: object) -> None:
    states = {unseen: State.FORBIDDEN}
    world = [m for m in (FAST, HOLDER, a_claim()) if m["kind"] != getattr(unseen, "kind", "")]
    assert only_finding(CHECK, a_clone(), *world, states=states).check == "clone-unfinished"


def test_what_uses_the_source_can_be_stopped() -> None:
    """The safe way first: no command can give a machine another disk."""
    first, second = only_finding(CHECK, FAST, a_clone(), HOLDER).fixes
    assert (first.kind.value, second.kind.value) == ("none", "costs")
    assert first.note.startswith(f"Give VirtualMachine {IMAGES}/maint a disk that is cloned from the image")
    assert second.command == f"virtctl stop maint -n {IMAGES}"
    assert second.risk == f"Shuts down VirtualMachine {IMAGES}/maint, until `virtctl start`"


def test_many_that_use_the_source_are_for_their_owners() -> None:
    holders = [merge(HOLDER, {"metadata": {"name": f"maint-{n}"}}) for n in range(9)]
    (only,) = only_finding(CHECK, FAST, a_clone(), *holders).fixes
    assert only.kind.value == "none"
    assert only.note.startswith(f"Give VirtualMachine {IMAGES}/maint-0")
    assert only.note.count("VirtualMachine") == 5
    assert "and 4 more" in only.note


ACROSS = [a_clone(), a_claim(spec={"storageClassName": "slow"})]


def test_a_forced_strategy_can_be_removed() -> None:
    cdi = manifest("cdi.kubevirt.io/v1beta1", "CDI", "cdi", spec={"cloneStrategyOverride": "snapshot"})
    (only,) = only_finding(CHECK, FAST, *ACROSS, cdi).fixes
    assert only.command == """kubectl patch cdi cdi --type merge -p '{"spec":{"cloneStrategyOverride":null}}'"""
    assert only.kind.value == "safe"


@pytest.mark.parametrize(
    ("world", "note"),
    [
        ([a_clone(), a_claim(spec={"resources": {"requests": {"storage": "60Gi"}}})], "Request at least the size"),
        ([a_clone(spec={"storage": {"storageClassName": "gone"}})], "Create StorageClass gone, or name another one"),
        ([a_clone(message="not enough free space")], "Make room in the storage behind StorageClass fast"),
        ([a_clone(message="exceeded quota: mine, requested: x")], "Raise the quota of namespace shop"),
    ],
    ids=["size", "class", "room", "quota"],
)
def test_what_only_its_owner_can_do_is_said(world: list[Manifest], note: str) -> None:
    (only,) = only_finding(CHECK, FAST, *world).fixes
    assert (only.kind.value, only.command) == ("none", "")
    assert only.note.startswith(note)
