"""An image whose snapshot is a name for nothing, or that its driver refuses to make."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from exporter.base.excerpts import both_ends
from exporter.checks.check import PASSED, Cause, Context, Failed, Threshold, Verdict, check
from exporter.checks.fixes import Fix, advice, command, object_args
from exporter.checks.shared.costs import size_of
from exporter.checks.shared.refs import cron_ref
from exporter.checks.shared.storage import CAUSES, snapshot_causes
from exporter.cluster.resources import (
    DATA_IMPORT_CRONS,
    VOLUME_SNAPSHOT_CLASSES,
    VOLUME_SNAPSHOT_CONTENTS,
    VOLUME_SNAPSHOTS,
)
from exporter.joins.images import image_users
from exporter.model.cdi import CRON_LABEL
from exporter.model.storage import VolumeSnapshot
from exporter.model.wire import ABSENT
from exporter.report import Severity

_LOST: Final = Threshold("grace", timedelta(minutes=5), "how long the content of a snapshot may be missing")
_ERROR: Final = Threshold("error-grace", timedelta(minutes=10), "how long a snapshot may have an error")


@check(
    id="snapshot-content-lost",
    severity=Severity.CRITICAL,
    over=VOLUME_SNAPSHOTS,
    reads=(VOLUME_SNAPSHOT_CONTENTS, DATA_IMPORT_CRONS, image_users),
    optional=CAUSES,
    summary="The data behind an image's snapshot is gone or cannot be made",
    meaning=(
        "A VolumeSnapshot only names a VolumeSnapshotContent, which names the data in the storage system. Either that "
        "content does not exist, though the snapshot still says ready, or the driver reports an error."
    ),
    impact="Virtual machines made from this image wait for their disk for ever, while the DataSource may still say Ready.",
    diagnosis=(
        "`oc get volumesnapshot NAME -n NAMESPACE -o yaml`: status.boundVolumeSnapshotContentName and status.error; then "
        "`oc get volumesnapshotcontent`."
    ),
    mitigation=(
        "Content that is gone: delete the snapshot, and the cron imports the image again. An error of the driver: repair "
        "what it names (snapshot class, credentials, space in the storage system); the driver tries again by itself, and a "
        "new snapshot would fail like this one."
    ),
    thresholds=(_LOST, _ERROR),
    undated="a VolumeSnapshotContent that is deleted leaves no trace",
    alert_for=timedelta(minutes=10),
    scenarios=("F48", "F42"),
)
def snapshot_content_lost(snapshot: VolumeSnapshot, ctx: Context) -> Verdict:
    """Judge snapshots that a cron made or that a DataSource stands for."""
    cron, users = snapshot.metadata.labels.get(CRON_LABEL, ""), ctx.join(image_users).get(ctx.ref, ())
    status = snapshot.status
    if status is None or snapshot.metadata.deletion_timestamp is not None or not (cron or users):
        return PASSED
    severity = None if users else Severity.WARNING
    what = f"VolumeSnapshot {snapshot.metadata.name}" + (f" of cron {cron}" if cron else "")
    content = status.bound_volume_snapshot_content_name
    if snapshot.ready and content and ctx[VOLUME_SNAPSHOT_CONTENTS].get("", content) is ABSENT:
        return Failed(
            summary=f"{what} says ready, but its content {content} does not exist: its data is lost",
            field="status.boundVolumeSnapshotContentName",
            observed=content,
            expected="an existing VolumeSnapshotContent",
            grace=ctx.limit(_LOST),
            severity=severity,
            fix=_import_again(snapshot, cron, ctx),
        )
    if status.error is None:
        return PASSED
    return Failed(
        summary=f"{what} has an error: {both_ends(status.error.message, 200)}",
        field="status.error",
        observed=both_ends(status.error.message),
        expected="readyToUse true and no error",
        since=status.error.time,
        grace=ctx.limit(_ERROR),
        # Drivers leave errors of later, harmless steps on snapshots that are ready.
        severity=Severity.WARNING if snapshot.ready else severity,
        part="error",
        causes=_causes(snapshot, cron, ctx),
        fix=_mend_the_driver(ctx),
    )


def _causes(snapshot: VolumeSnapshot, name: str, ctx: Context) -> tuple[Cause, ...]:
    cron = ctx[DATA_IMPORT_CRONS].get(snapshot.metadata.namespace, name)
    refusing = Cause(
        "snapshot-class-refuses", VOLUME_SNAPSHOT_CLASSES.ref("", snapshot.spec.volume_snapshot_class_name)
    )
    return (refusing, *(() if cron is ABSENT else snapshot_causes(cron, ctx)))


def _import_again(snapshot: VolumeSnapshot, name: str, ctx: Context) -> Fix:
    """The data is gone already. While the claim that it was taken of is there, CDI takes a new one of it."""
    client, namespace = ctx.platform.client, snapshot.metadata.namespace
    cron = ctx[DATA_IMPORT_CRONS].get(namespace, name) if name else ABSENT
    if cron is ABSENT:
        return advice("The data is lost, and no DataImportCron makes it again: copy or upload the image again")
    again = f"CDI takes a new one of the claim {ctx.ref.name} if that is still there, else it imports the image again"
    return Fix(
        command(client, "delete", *object_args(ctx.ref)),
        command(client, "get", *object_args(ctx.ref)),
        f"Deletes the VolumeSnapshot, whose data is gone already; {again}{size_of([cron])}",
        imports=(cron_ref(cron),),
    )


def _mend_the_driver(ctx: Context) -> tuple[Fix, ...]:
    """A snapshot that is deleted is made again and fails again."""
    look = command(ctx.platform.client, "describe", *object_args(ctx.ref))
    text = (
        "Correct what the driver reports: snapshot class, its credentials, space in the storage system. The snapshot "
        "controller tries again by itself; a snapshot that is deleted is made again and fails in the same way"
    )
    return Fix(look, note="Shows what the driver says"), advice(text)
