"""Images of a StorageClass are kept as snapshots, and nothing can take one."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from exporter.base.phrases import counted
from exporter.checks.check import PASSED, Context, Failed, Threshold, Unknown, Verdict, check
from exporter.checks.fixes import Fix, advice, command, merge_patch
from exporter.checks.shared.costs import NOTHING, Cost, size_of
from exporter.checks.shared.refs import cron_ref
from exporter.checks.shared.storage import instant_if_recent
from exporter.checks.storage._profiles import crons_on, driver_of, snapshot_classes_of
from exporter.cluster.resources import DATA_IMPORT_CRONS, STORAGE_CLASSES, STORAGE_PROFILES, VOLUME_SNAPSHOT_CLASSES
from exporter.joins.defaults import defaults
from exporter.model.storage import StorageProfile
from exporter.report import Severity

_GRACE: Final = Threshold("grace", timedelta(minutes=5), "how long a class may be missing")


@check(
    id="snapshot-class-missing",
    severity=Severity.WARNING,
    over=STORAGE_PROFILES,
    reads=(DATA_IMPORT_CRONS, STORAGE_CLASSES, VOLUME_SNAPSHOT_CLASSES, defaults),
    summary="Images shall be kept as snapshots, but the driver has no VolumeSnapshotClass",
    meaning=(
        "The effective dataImportCronSourceFormat of the profile is snapshot, and no VolumeSnapshotClass names its driver. "
        "CDI obeys an administrator's choice of the format without looking for a class."
    ),
    impact=(
        "Images are downloaded, but the snapshot is never ready; the DataSource already points to it, so new virtual "
        "machines wait for ever."
    ),
    diagnosis="`oc get volumesnapshotclass` and compare the driver with `oc get storageprofile NAME -o yaml`.",
    mitigation="Create a VolumeSnapshotClass of the driver, or let the profile keep images as volumes (format pvc).",
    thresholds=(_GRACE,),
    undated="a VolumeSnapshotClass that is deleted leaves no trace",
    alert_for=timedelta(minutes=10),
    scenarios=("F42",),
)
def snapshot_class_missing(profile: StorageProfile, ctx: Context) -> Verdict:
    """Judge the effective format against the snapshot classes of the driver."""
    name = profile.metadata.name
    if profile.source_format != "snapshot":
        return PASSED
    driver = driver_of(profile, ctx)
    if not driver:
        return Unknown("the profile does not tell its driver")
    if snapshot_classes_of(driver, ctx):
        return PASSED
    relying = [cron.metadata.name for cron in crons_on(name, ctx)]
    chosen = bool(profile.spec.data_import_cron_source_format)
    return Failed(
        summary=f"StorageProfile {name} keeps images as snapshots, but no VolumeSnapshotClass has its driver {driver}"
        + (
            f"; {counted(len(relying), 'DataImportCron')} {'imports' if len(relying) == 1 else 'import'} there"
            if relying
            else ""
        ),
        field=f"{'spec' if chosen else 'status'}.dataImportCronSourceFormat",
        observed="snapshot",
        expected=f"a VolumeSnapshotClass with driver {driver}, or format pvc",
        since=instant_if_recent(profile.metadata.creation_timestamp, ctx.limit(_GRACE), ctx),
        grace=ctx.limit(_GRACE),
        severity=None if relying else Severity.INFO,
        fix=(advice(f"Create a VolumeSnapshotClass of driver {driver}: nothing is lost"), _keep_volumes(name, ctx)),
    )


def _keep_volumes(name: str, ctx: Context) -> Fix:
    client, target, cost = ctx.platform.client, ("storageprofile", name), _converted(name, ctx)
    return Fix(
        merge_patch(client, target, {"spec": {"dataImportCronSourceFormat": "pvc"}}),
        command(client, "get", *target, "-o", "jsonpath={.status.dataImportCronSourceFormat}"),
        cost.risk,
        "Images of this class are kept as volumes then; clones may be slower",
        cost.imports,
    )


def _converted(name: str, ctx: Context) -> Cost:
    """Snapshots that are there are deleted, and their images imported again as volumes."""
    kept = [c for c in crons_on(name, ctx) if c.status.source_format == "snapshot" and c.status.last_imported_p_v_c]
    if not kept:
        return NOTHING
    text = f"CDI deletes {counted(len(kept), 'snapshot')} and imports as volumes again{size_of(kept)}"
    return Cost(text, tuple(map(cron_ref, kept)))
