"""Images that no cron looks after any more."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from exporter.base.excerpts import list_some
from exporter.base.phrases import counted
from exporter.checks.check import PASSED, Cause, Context, Failed, Threshold, Verdict, check
from exporter.checks.fixes import Fix, advice, command
from exporter.cluster.resources import DATA_IMPORT_CRONS, DATA_SOURCES
from exporter.joins.entries import COMMON_NAMES
from exporter.joins.images import StoredImage, image_users, images_by_cron
from exporter.joins.references import waiting
from exporter.model.cdi import CRON_LABEL
from exporter.model.clones import IMAGE
from exporter.model.wire import ABSENT
from exporter.report import Severity

_GRACE: Final = Threshold("grace", timedelta(hours=1), "how long an image may stay without its DataImportCron")


@check(
    id="orphaned-image",
    severity=Severity.INFO,
    over=images_by_cron,
    reads=(DATA_IMPORT_CRONS, image_users),
    optional=(waiting,),
    summary="Images are left of a cron that does not exist any more",
    meaning=(
        "Claims or snapshots carry the label of a cron that is gone: with retentionPolicy All CDI leaves them when the gate "
        "closes, an entry is renamed or removed, or a platform upgrade drops an operating system."
    ),
    impact="They take storage for nothing. If a DataSource still stands for one, virtual machines boot an image that nobody updates.",
    diagnosis="`oc get persistentvolumeclaim,volumesnapshot -n NAMESPACE -l cdi.kubevirt.io/dataImportCron=NAME`.",
    mitigation=(
        "Delete them by their label, or bring the entry back: a cron of the same source adopts an image of the same digest "
        "without a download. Keep those that a DataSource in use stands for."
    ),
    thresholds=(_GRACE,),
    alert_for=timedelta(hours=24),
    scenarios=("F01", "F39", "F64"),
)
def orphaned_image(images: tuple[StoredImage, ...], ctx: Context) -> Verdict:
    """Judge all that is left of one cron together."""
    left = [image for image in images if image.metadata.deletion_timestamp is None]
    if not left or ctx[DATA_IMPORT_CRONS].get(ctx.ref.namespace, ctx.ref.name) is not ABSENT:
        return PASSED
    names = list_some(image.ref.name for image in left)
    used = sorted({user for image in left for user in ctx.join(image_users).get(image.ref, ())})
    them = "it" if len(left) == 1 else "them"
    use = f"; DataSource {list_some(user.name for user in used)} still uses {them}" if used else ""
    return Failed(
        summary=f"{counted(len(left), 'image')} of cron {ctx.ref.name} in {ctx.ref.namespace} "
        f"{'is' if len(left) == 1 else 'are'} left though the cron is gone: {names}{use}",
        field=f"metadata.labels[{CRON_LABEL}]",
        observed=ctx.ref.name,
        expected="the name of an existing DataImportCron",
        # CDI notes the last use with each poll, so the cron was there until then.
        since=max((used_at for image in left if (used_at := image.last_use)), default=None),
        grace=ctx.limit(_GRACE),
        causes=(
            Cause("cron-not-created", ctx.ref),
            *((Cause("common-boot-images-off"),) if ctx.ref.name in COMMON_NAMES else ()),
        ),
        fix=advice(_IN_USE) if used else advice(_BACK) if _awaited(left, ctx) else _fixes(left, ctx),
    )


def _awaited(left: list[StoredImage], ctx: Context) -> bool:
    """Somebody waits for the DataSource for which one of these was imported."""
    links = ctx.consult(waiting, {})
    named = ((image.ref.namespace, IMAGE.fullmatch(image.ref.name)) for image in left)
    return any(DATA_SOURCES.ref(namespace, name[1]) in links for namespace, name in named if name)


_IN_USE: Final = (
    "Keep what a DataSource stands for; bring the entry back, or point the DataSource at an image of your own"
)
_BACK: Final = "If the boot source is to come back, bring its entry back: the image is then used without a download"


def _fixes(left: list[StoredImage], ctx: Context) -> tuple[Fix, ...]:
    """Only kinds of which there is one: a command that names a kind which the cluster does not serve does nothing."""
    client, (_, namespace, name) = ctx.platform.client, ctx.ref
    kinds = ",".join(("datavolume", *sorted({image.ref.kind.lower() for image in left})))
    label = f"{CRON_LABEL}={name}"
    images = counted(len(left), "image")
    return (
        advice(_BACK),
        Fix(
            command(client, "delete", kinds, "-n", namespace, "-l", label),
            command(client, "get", kinds, "-n", namespace, "-l", label),
            f"Deletes {images} for good; a DataImportCron that comes back downloads its image again",
        ),
    )
