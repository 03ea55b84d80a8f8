"""A VolumeSnapshotClass with which no snapshot of an image can be taken."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from exporter.base.excerpts import both_ends, count_of, list_some
from exporter.checks.check import PASSED, Context, Failed, Threshold, Verdict, check
from exporter.checks.fixes import Fix, advice, command, merge_patch
from exporter.checks.shared.outage import severity_for, without_image
from exporter.checks.storage._profiles import snapshot_classes_of
from exporter.cluster.resource import Ref
from exporter.cluster.resources import (
    DATA_IMPORT_CRONS,
    PERSISTENT_VOLUME_CLAIMS,
    STORAGE_PROFILES,
    VOLUME_SNAPSHOT_CLASSES,
    VOLUME_SNAPSHOTS,
)
from exporter.model.cdi import CRON_LABEL
from exporter.model.storage import VolumeSnapshot, VolumeSnapshotClass
from exporter.model.wire import ABSENT
from exporter.report import Severity

_GRACE: Final = Threshold("grace", timedelta(minutes=10), "how long the snapshots of a class may fail")


@check(
    id="snapshot-class-refuses",
    severity=Severity.WARNING,
    over=VOLUME_SNAPSHOT_CLASSES,
    reads=(VOLUME_SNAPSHOTS, PERSISTENT_VOLUME_CLAIMS, STORAGE_PROFILES, DATA_IMPORT_CRONS, VOLUME_SNAPSHOT_CLASSES),
    optional=(without_image,),
    summary="No snapshot of an image can be taken with a VolumeSnapshotClass",
    meaning=(
        "Images are kept as snapshots of this class, and the driver refuses each that was asked for: the class names a "
        "backup target, credentials or parameters that do not work, or the storage system has no room."
    ),
    impact=(
        "The images are downloaded and stay as volumes, but the DataSources already point at snapshots that are never ready: "
        "virtual machines made from them wait for their disk."
    ),
    diagnosis="`oc get volumesnapshot -A -o yaml` quotes the driver in status.error; `oc get volumesnapshotclass NAME -o yaml`.",
    mitigation=(
        "Repair the class, and the driver tries again by itself: deleting snapshots only makes others that fail. Or let the "
        "StorageProfile name another class of the driver (spec.snapshotClass), or keep images as volumes "
        "(spec.dataImportCronSourceFormat pvc)."
    ),
    thresholds=(_GRACE,),
    alert_for=timedelta(minutes=10),
    scenarios=("F42", "F48"),
)
def snapshot_class_refuses(row: VolumeSnapshotClass, ctx: Context) -> Verdict:
    """Judge the snapshots of images. One that has become ready since proves that the class works."""
    name = row.metadata.name
    mine = ctx.once("snapshots by class", lambda: _images_by_class(ctx)).get(name, [])
    failing = [s for s in mine if _fails(s)]
    since = min((s.metadata.creation_timestamp for s in failing if s.metadata.creation_timestamp), default=None)
    works = [s for s in mine if s.ready and since and (s.metadata.creation_timestamp or since) > since]
    if not failing or works:
        return PASSED
    wanted = [s for s in mine if not s.ready]
    crons = tuple(
        dict.fromkeys(DATA_IMPORT_CRONS.ref(s.metadata.namespace, s.metadata.labels[CRON_LABEL]) for s in failing)
    )
    errors = [s.status.error for s in failing if s.status and s.status.error]
    return Failed(
        summary=f"VolumeSnapshotClass {name} takes no snapshots: {count_of(len(failing), len(wanted), 'snapshot')} of images "
        f"{'fails' if len(failing) == 1 else 'fail'} ({list_some(c.name for c in crons)})",
        field="status.error of the snapshots",
        observed=both_ends(errors[0].message),
        expected=f"snapshots of class {name} that become ready",
        since=min((e.time for e in errors if e.time), default=None),
        grace=ctx.limit(_GRACE),
        severity=severity_for(crons, ctx),
        affects=crons,
        fix=_fix(row, failing, ctx),
    )


def _is_image(snapshot: VolumeSnapshot) -> bool:
    return CRON_LABEL in snapshot.metadata.labels and snapshot.metadata.deletion_timestamp is None


def _fails(snapshot: VolumeSnapshot) -> bool:
    return not snapshot.ready and snapshot.status is not None and snapshot.status.error is not None


def _fix(row: VolumeSnapshotClass, failing: Sequence[VolumeSnapshot], ctx: Context) -> tuple[Fix, ...]:
    """Another class of the driver if there is one, else volumes: both by the StorageProfiles that use this class."""
    name = row.metadata.name
    profiles = [key.name for key, p in ctx[STORAGE_PROFILES] if p.status and p.status.snapshot_class == name]
    correct = advice(
        f"Correct what the driver reports about VolumeSnapshotClass {name}: parameters, credentials, space in the storage "
        "system. The driver tries again by itself"
    )
    if len(profiles) != 1:
        return (correct,)
    client, target = ctx.platform.client, ("storageprofile", profiles[0])
    others = [c.metadata.name for c in snapshot_classes_of(row.driver, ctx) if c.metadata.name != name]
    field, value = ("snapshotClass", others[0]) if others else ("dataImportCronSourceFormat", "pvc")
    change = Fix(
        merge_patch(client, target, {"spec": {field: value}}),
        command(client, "get", *target, "-o", f"jsonpath={{.status.{field}}}"),
        _risk(failing, ctx, field),
    )
    return correct, change


def _risk(failing: Sequence[VolumeSnapshot], ctx: Context, field: str) -> str:
    claims = (_claim_of(s) for s in failing)
    kept = sum(ctx[PERSISTENT_VOLUME_CLAIMS].get(ref.namespace, ref.name) is not ABSENT for ref in claims)
    ready = "boot sources of the class whose snapshots are ready are imported again"
    if field == "snapshotClass":
        return f"CDI 1.65 and later import each boot source of the class again; {ready}"
    imported = f"{kept} of {len(failing)} images are there as volumes and are not downloaded again"
    return f"{imported}; {ready}; clones of a volume may be slower than those of a snapshot"


def _claim_of(snapshot: VolumeSnapshot) -> Ref:
    return PERSISTENT_VOLUME_CLAIMS.ref(snapshot.metadata.namespace, snapshot.metadata.name)


def _images_by_class(ctx: Context) -> dict[str, list[VolumeSnapshot]]:
    found: dict[str, list[VolumeSnapshot]] = {}
    for _, snapshot in ctx[VOLUME_SNAPSHOTS]:
        if _is_image(snapshot):
            found.setdefault(snapshot.spec.volume_snapshot_class_name or "", []).append(snapshot)
    return found
