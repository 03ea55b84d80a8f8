"""Old images of a boot source that are not collected."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from exporter.base.phrases import counted
from exporter.checks.check import PASSED, Context, Failed, Threshold, Verdict, check
from exporter.checks.fixes import Fix, command
from exporter.checks.shared.costs import size_of
from exporter.checks.shared.storage import CAUSES, snapshot_causes
from exporter.cluster.resources import DATA_IMPORT_CRONS
from exporter.joins.images import StoredImage, image_users, images_by_cron
from exporter.model.cdi import DataImportCron
from exporter.model.wire import ABSENT
from exporter.report import Severity

_KEPT_BY_DEFAULT: Final = 3
_GRACE: Final = Threshold("grace", timedelta(hours=24), "how long an image too many may stay")
_OLDEST: Final = datetime.min.replace(tzinfo=UTC)


@check(
    id="old-images-pile-up",
    severity=Severity.WARNING,
    over=DATA_IMPORT_CRONS,
    reads=(images_by_cron, image_users),
    optional=CAUSES,
    summary="A boot source keeps more old images than it should",
    meaning=(
        "After each import CDI deletes the oldest claims and snapshots beyond importsToKeep (3 if the cron does not say). "
        "More are left: garbageCollect is Never, a deletion hangs, or CDI does not get that far."
    ),
    impact="Every image takes its full size, often 30Gi; in the end the storage is full and no import works.",
    diagnosis="`oc get persistentvolumeclaim,volumesnapshot -n NAMESPACE -l cdi.kubevirt.io/dataImportCron=NAME`.",
    mitigation=(
        "Set garbageCollect to Outdated and importsToKeep to 1 in the entry, and delete the old images. An image that a "
        "DataSource still uses is not in the command."
    ),
    thresholds=(_GRACE,),
    alert_for=timedelta(hours=1),
    scenarios=("F38",),
)
def old_images_pile_up(cron: DataImportCron, ctx: Context) -> Verdict:
    """Judge claims and snapshots apart, as CDI does. What was superseded or deleted within a day is on its way out."""
    keep = _KEPT_BY_DEFAULT if cron.spec.imports_to_keep is None else cron.spec.imports_to_keep
    left = [i for i in ctx.join(images_by_cron).get(ctx.ref, ()) if _stays(i, cron, ctx)]
    for kind, noun in (("VolumeSnapshot", "snapshots"), ("PersistentVolumeClaim", "claims")):
        images = sorted((i for i in left if i.ref.kind == kind), key=_last_use, reverse=True)
        if len(images) > max(keep, 1):
            return _fail(cron, noun, images, max(keep, 1), ctx)
    return PASSED


def _stays(image: StoredImage, cron: DataImportCron, ctx: Context) -> bool:
    deleted = image.metadata.deletion_timestamp
    told = cron.condition("UpToDate")
    unfinished = image.ref.name == cron.current_import and (told is ABSENT or not told.true)
    return not unfinished and (deleted is None or ctx.older(deleted, ctx.limit(_GRACE)))


def _last_use(image: StoredImage) -> datetime:
    return image.last_use or _OLDEST


def _fail(cron: DataImportCron, noun: str, images: list[StoredImage], keep: int, ctx: Context) -> Failed:
    never = cron.spec.garbage_collect == "Never"
    return Failed(
        summary=f"{counted(len(images), noun[:-1])} of DataImportCron {cron.metadata.name} are kept instead of {keep}"
        + ("; garbageCollect is Never" if never else ""),
        field="spec.garbageCollect" if never else "spec.importsToKeep",
        observed=f"{counted(len(images), noun[:-1])}, the oldest {images[-1].ref.name}",
        expected=f"at most {keep}",
        # This one made it one too many.
        since=sorted(i.metadata.creation_timestamp or _OLDEST for i in images)[keep],
        grace=ctx.limit(_GRACE),
        causes=() if never else snapshot_causes(cron, ctx),
        fix=_delete(cron, images[keep:], ctx),
    )


def _delete(cron: DataImportCron, images: list[StoredImage], ctx: Context) -> Fix | None:
    """Never what is in use: by a DataSource, or as the newest image of the DataImportCron."""
    used, last = ctx.join(image_users), cron.status.last_imported_p_v_c
    newest = {cron.current_import, last.name if last else ""}
    idle = [
        i.ref for i in images if i.ref not in used and not i.metadata.deletion_timestamp and i.ref.name not in newest
    ]
    if not idle:
        return None
    client, kind, namespace = ctx.platform.client, idle[0].kind.lower(), idle[0].namespace
    names = [ref.name for ref in idle]
    # A claim that still has its DataVolume would be made again.
    kinds = "datavolume,persistentvolumeclaim" if kind == "persistentvolumeclaim" else kind
    return Fix(
        command(client, "delete", kinds, *names, "-n", namespace, "--ignore-not-found"),
        command(client, "get", kind, "-n", namespace),
        f"Deletes {counted(len(names), 'old image')}{size_of([cron], len(names))} that no DataSource stands for; clones "
        "of them that are still running fail",
    )
