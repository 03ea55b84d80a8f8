"""StorageProfiles as CDI keeps them: one per StorageClass, what the administrator sets over what CDI knows.

Source of the rules: CDI pkg/controller/storageprofile-controller.go and pkg/storagecapabilities.
"""

from __future__ import annotations

from typing import Final

from exporter.cluster.resources import STORAGE_CLASSES, STORAGE_PROFILES, VOLUME_SNAPSHOT_CLASSES
from exporter.kube.contract import Key
from exporter.model.storage import (
    CLONE_STRATEGY,
    ClaimPropertySet,
    StorageClass,
    StorageProfile,
    StorageProfileStatus,
    VolumeSnapshotClass,
)
from exporter.model.wire import Metadata, copy_with
from exporter.whatif.document import Action, Actor
from exporter.whatif.draft import Draft, changed_fields
from exporter.whatif.rules import Rule

_RWX_BLOCK: Final = ClaimPropertySet(access_modes=("ReadWriteMany",), volume_mode="Block")
_RWO_BLOCK: Final = ClaimPropertySet(access_modes=("ReadWriteOnce",), volume_mode="Block")
_RWO_FILE: Final = ClaimPropertySet(access_modes=("ReadWriteOnce",), volume_mode="Filesystem")
_RWX_FILE: Final = ClaimPropertySet(access_modes=("ReadWriteMany",), volume_mode="Filesystem")
_KNOWN: Final = {
    "rbd.csi.ceph.com": (_RWX_BLOCK, _RWO_BLOCK, _RWO_FILE),
    "cephfs.csi.ceph.com": (_RWX_FILE,),
    "ebs.csi.aws.com": (_RWO_BLOCK,),
    "disk.csi.azure.com": (_RWO_BLOCK,),
}
"""What CDI derives claims from, by the end of the provisioner's name."""
_ADVISED: Final = ("rbd.csi.ceph.com", "csi.trident.netapp.io", "pd.csi.storage.gke.io", "vpc.file.csi.ibm.io")
"""Ends of the names of provisioners for which CDI advises snapshots."""


def profiles_follow(draft: Draft) -> None:
    """Bring the StorageProfiles up to date with the classes, the snapshot classes and their own specs."""
    classes = draft.rows(STORAGE_CLASSES)
    for key in sorted(draft.rows(STORAGE_PROFILES)):
        if key not in classes and key in draft.cluster[STORAGE_CLASSES].rows:
            draft.drop(STORAGE_PROFILES, key)
            ref = STORAGE_PROFILES.ref(*key)
            draft.log(Actor.CDI, Action.DELETE, ref, f"CDI deletes {ref} with its StorageClass", Rule.PROFILE)
    for key, row in sorted(classes.items()):
        if draft.get(STORAGE_PROFILES, key) is None and key not in draft.cluster[STORAGE_CLASSES].rows:
            _create(draft, key, row)
        _update(draft, key, row)


def _create(draft: Draft, key: Key, row: StorageClass) -> None:
    ref, provisioner = STORAGE_PROFILES.ref(*key), row.provisioner
    sets, depends = _claim_sets(draft, provisioner)
    status = StorageProfileStatus(provisioner=provisioner, claim_property_sets=sets)
    meta = Metadata(name=key.name, creation_timestamp=draft.at)
    draft.put(STORAGE_PROFILES, key, StorageProfile(metadata=meta, status=status if sets else None))
    unknown = "" if sets else f"what CDI knows about provisioner {provisioner or 'without a name'}"
    draft.log(Actor.CDI, Action.CREATE, ref, f"CDI creates {ref}", Rule.PROFILE, depends=depends, unknown=unknown)


def _claim_sets(draft: Draft, provisioner: str) -> tuple[tuple[ClaimPropertySet, ...], str]:
    """How claims are made with a provisioner, by the profile of another class of it, or by CDI's table."""
    for key, profile in sorted(draft.cluster[STORAGE_PROFILES].rows.items()):
        status = profile.status
        if status and status.provisioner == provisioner and not profile.spec.claim_property_sets:
            same = f"whether the parameters of the class mean what those of {key.name} mean to the same driver"
            return status.claim_property_sets, same
    known = next((sets for end, sets in _KNOWN.items() if provisioner.endswith(end)), ())
    return known, "whether this version of CDI knows the driver as later ones do" if known else ""


def _update(draft: Draft, key: Key, row: StorageClass) -> None:
    """Only where something has changed that the profile follows from: nothing is computed that objects tell."""
    profile, before = draft.get(STORAGE_PROFILES, key), draft.cluster[STORAGE_PROFILES].rows.get(key)
    if profile is None or profile.status is None or not _has_changed(draft, key, row, profile, before):
        return
    classes = _snapshot_classes(draft, row.provisioner)
    spec, status = profile.spec, profile.status
    ref = STORAGE_PROFILES.ref(*key)
    if spec.snapshot_class and draft.get(VOLUME_SNAPSHOT_CLASSES, Key("", spec.snapshot_class)) is None:
        summary = f"{ref} keeps its status: VolumeSnapshotClass {spec.snapshot_class} of its spec does not exist"
        draft.log(Actor.CDI, Action.FREEZE, ref, summary, Rule.SNAPSHOT_CLASS)
        return
    advised = _is_advised(row.provisioner, before) and bool(classes)
    new = copy_with(
        status,
        claim_property_sets=spec.claim_property_sets or status.claim_property_sets,
        clone_strategy=spec.clone_strategy or row.metadata.annotations.get(CLONE_STRATEGY, "") or status.clone_strategy,
        data_import_cron_source_format=spec.data_import_cron_source_format or ("snapshot" if advised else "pvc"),
        snapshot_class=_chosen(spec.snapshot_class, status.snapshot_class, classes),
    )
    fields = changed_fields(_describe(status), _describe(new))
    draft.put(STORAGE_PROFILES, key, copy_with(profile, status=new))
    if fields:
        words = ", ".join(f"{f.path.removeprefix('status.')} {f.after or 'not set'}" for f in fields)
        draft.log(Actor.CDI, Action.CHANGE, ref, f"{ref} gets {words}", Rule.PROFILE, fields=fields)


def _has_changed(
    draft: Draft, key: Key, row: StorageClass, profile: StorageProfile, before: StorageProfile | None
) -> bool:
    old_class = draft.cluster[STORAGE_CLASSES].rows.get(key)
    strategy = CLONE_STRATEGY in row.metadata.annotations
    if before is None or before.spec != profile.spec or old_class is None:
        return True
    old = [c for c in draft.cluster[VOLUME_SNAPSHOT_CLASSES].rows.values() if c.driver == row.provisioner]
    new = [c for c in draft.rows(VOLUME_SNAPSHOT_CLASSES).values() if c.driver == row.provisioner]
    return sorted(old, key=_by_name) != sorted(new, key=_by_name) or (strategy and old_class != row)


def _by_name(row: VolumeSnapshotClass) -> str:
    return row.metadata.name


def _snapshot_classes(draft: Draft, provisioner: str) -> list[VolumeSnapshotClass]:
    """Those of a driver, the one that CDI takes first: annotated as default, then by name."""
    rows = [c for c in draft.rows(VOLUME_SNAPSHOT_CLASSES).values() if c.driver == provisioner]
    return sorted(rows, key=lambda c: (not c.default, c.metadata.name))


def _is_advised(provisioner: str, before: StorageProfile | None) -> bool:
    """By CDI's table, or since the profile says so today without its spec doing so."""
    told = before is not None and not before.spec.data_import_cron_source_format and before.source_format == "snapshot"
    return told or provisioner.endswith(_ADVISED)


def _chosen(named: str, today: str, classes: list[VolumeSnapshotClass]) -> str:
    """A class of another driver in spec is ignored, and the name of one that is gone stays."""
    names = [c.metadata.name for c in classes]
    return named if named in names else next(iter(names), today)


def _describe(status: StorageProfileStatus) -> dict[str, str]:
    sets = "; ".join(f"{'+'.join(s.access_modes)} {s.volume_mode}" for s in status.claim_property_sets)
    return {
        "status.claimPropertySets": sets,
        "status.cloneStrategy": status.clone_strategy,
        "status.dataImportCronSourceFormat": status.data_import_cron_source_format,
        "status.snapshotClass": status.snapshot_class,
    }


def driver_of(draft: Draft, storage_class: str) -> str:
    """The provisioner of a class; "" if the class does not exist."""
    row = draft.get(STORAGE_CLASSES, Key("", storage_class))
    return row.provisioner if row is not None else ""


def can_snapshot(draft: Draft, storage_class: str) -> bool:
    """CDI finds a snapshot class for images on this class."""
    profile = draft.get(STORAGE_PROFILES, Key("", storage_class))
    named = profile.status.snapshot_class if profile is not None and profile.status else ""
    row = draft.get(VOLUME_SNAPSHOT_CLASSES, Key("", named)) if named else None
    return row is not None and row.driver == driver_of(draft, storage_class)
