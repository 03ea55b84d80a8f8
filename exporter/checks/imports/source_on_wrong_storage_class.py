"""An image that lies on another StorageClass than the one that counts now."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from exporter.base.excerpts import count_of, list_some
from exporter.checks.check import PASSED, Cause, Context, Failed, Threshold, Verdict, check
from exporter.checks.fixes import Fix, advice, command, object_args
from exporter.checks.shared.costs import size_of
from exporter.checks.shared.outage import severity_for, without_image
from exporter.checks.shared.refs import class_ref, cron_ref
from exporter.checks.shared.storage import (
    CAUSES,
    instant_if_recent,
    made_default,
    snapshots_unknown,
    storage_causes,
    target_class,
)
from exporter.checks.shared.together import together
from exporter.cluster.resource import Ref
from exporter.cluster.resources import (
    DATA_IMPORT_CRONS,
    PERSISTENT_VOLUME_CLAIMS,
    STORAGE_CLASSES,
    VOLUME_SNAPSHOT_CLASSES,
    VOLUME_SNAPSHOTS,
)
from exporter.joins.defaults import defaults
from exporter.joins.images import StoredImage, images_by_cron
from exporter.model.cdi import STORAGE_CLASS, DataImportCron
from exporter.model.wire import ABSENT
from exporter.report import Severity

_GRACE: Final = Threshold("grace", timedelta(minutes=15), "how long CDI may take to move an image to another class")
_FREEZES: Final = (
    "rival-cron",
    "invalid-schedule",
    "schedule-refused-by-cronjob",
    "image-stream-missing",
    "image-stream-tag-missing",
    "source-claim-missing",
)
"""What ends each reconcile in an error, so that the move is never made."""


@check(
    id="source-on-wrong-storage-class",
    severity=Severity.WARNING,
    over=DATA_IMPORT_CRONS,
    reads=(
        VOLUME_SNAPSHOT_CLASSES,
        VOLUME_SNAPSHOTS,
        DATA_IMPORT_CRONS,
        STORAGE_CLASSES,
        PERSISTENT_VOLUME_CLAIMS,
        defaults,
        images_by_cron,
    ),
    optional=(*CAUSES, without_image),
    summary="The image of a boot source lies on another StorageClass than wanted",
    meaning=(
        "The default StorageClass has changed since the import. CDI 1.61 and later delete the image and import it again on "
        "the new class; this waits as long as a finalizer or a running clone holds the old one. Earlier versions leave it."
    ),
    impact=(
        "Virtual machines are cloned across classes, which copies every byte, and no snapshot is made of the image. A cron "
        "that waits for a deletion neither polls nor imports."
    ),
    diagnosis=(
        "Compare the cron's annotation cdi.kubevirt.io/storage.import.storageClass with `oc get storageclass`; look for a "
        "deletionTimestamp and finalizers on its snapshot, DataVolume and claim; CDI's log says `waiting for old sources`."
    ),
    mitigation=(
        "If a deletion hangs, end the clone or remove the pod that uses the claim, and let the storage driver finish; remove "
        "a finalizer by hand only when the data behind it is known to be gone. Do not delete the image, which is the only "
        "copy: before CDI 1.61 the next newer image goes to the other class by itself."
    ),
    thresholds=(_GRACE,),
    undated="a class that was default before leaves no trace",
    alert_for=timedelta(minutes=15),
    scenarios=("F37",),
)
def source_on_wrong_storage_class(cron: DataImportCron, ctx: Context) -> Verdict:
    """Judge CDI's own note and the claim of the newest image against the class that wins now.

    Where several have not followed the default, the class has a finding of its own, which the first of them brings.
    """
    wanted = target_class(cron, ctx)
    if not _elsewhere(cron, wanted, ctx):
        return PASSED
    own = _failed(cron, wanted, ctx)
    left = (
        {} if cron.spec.explicit_storage_class else ctx.once(wanted, lambda: dict.fromkeys(_left_behind(wanted, ctx)))
    )
    common = lambda: _of_all([*left], wanted, own, ctx)  # noqa: E731
    return together("source-on-wrong-storage-class", own, ctx.ref, class_ref(wanted), left, common)


def _elsewhere(cron: DataImportCron, wanted: str, ctx: Context) -> bool:
    places = {cron.metadata.annotations.get(STORAGE_CLASS, ""), _class_of_claim(cron, ctx)}
    return bool(wanted) and not places <= {"", wanted}


def _left_behind(wanted: str, ctx: Context) -> list[Ref]:
    """The crons that name no class and whose images lie elsewhere, without a deletion that is under way."""
    implicit = [cron for _, cron in ctx[DATA_IMPORT_CRONS] if not cron.spec.explicit_storage_class]
    found = [cron_ref(cron) for cron in implicit if target_class(cron, ctx) == wanted and _elsewhere(cron, wanted, ctx)]
    return [ref for ref in found if not _held_images(ref, ctx)]


def _of_all(crons: list[Ref], wanted: str, first: Failed, ctx: Context) -> Failed:
    implicit = sum(not cron.spec.explicit_storage_class for _, cron in ctx[DATA_IMPORT_CRONS])
    some = count_of(len(crons), implicit, "boot source")
    does = "has moved none of them" if ctx.platform.cdi_since(61) else "before 1.61 moves no image by itself"
    return Failed(
        summary=f"The default StorageClass is {wanted}, and the images of {some} without a class of their own are elsewhere "
        f"({list_some(ref.name for ref in crons)})",
        field=first.field,
        observed=f"{first.observed}; CDI {does}",
        expected=wanted,
        since=first.since,
        grace=first.grace,
        severity=severity_for(crons, ctx),
        affects=tuple(crons),
    )


def _held_images(cron: Ref, ctx: Context) -> list[StoredImage]:
    return [i for i in ctx.join(images_by_cron).get(cron, ()) if i.metadata.deletion_timestamp is not None]


def _failed(cron: DataImportCron, wanted: str, ctx: Context) -> Failed:
    noted, lies = cron.metadata.annotations.get(STORAGE_CLASS, ""), _class_of_claim(cron, ctx)
    by_note = noted not in ("", wanted)
    held = _held_images(ctx.ref, ctx)
    winner = ctx[STORAGE_CLASSES].get("", wanted)
    return Failed(
        summary=f"The image of DataImportCron {cron.metadata.name} is on StorageClass {noted if by_note else lies} instead of {wanted}"
        + "".join(f"; {_describe_storage(image)}" for image in held[:1]),
        field=f"metadata.annotations[{STORAGE_CLASS}]" if by_note else "spec.storageClassName of the claim",
        observed=noted if by_note else lies,
        expected=wanted,
        since=min((i.metadata.deletion_timestamp for i in held if i.metadata.deletion_timestamp), default=None)
        or (None if winner is ABSENT else instant_if_recent(made_default(winner), ctx.limit(_GRACE), ctx)),
        grace=ctx.limit(_GRACE),
        causes=_causes(cron, ctx),
        fix=_fix(cron, wanted, held, ctx),
    )


def _class_of_claim(cron: DataImportCron, ctx: Context) -> str:
    claim = ctx[PERSISTENT_VOLUME_CLAIMS].get(cron.metadata.namespace, cron.current_import)
    return "" if claim is ABSENT else claim.spec.storage_class_name or ""


def _describe_storage(image: StoredImage) -> str:
    return f"{image.ref} is being deleted, held by finalizer {', '.join(image.metadata.finalizers) or '(none)'}"


def _causes(cron: DataImportCron, ctx: Context) -> tuple[Cause, ...]:
    found = [
        *storage_causes(cron, ctx),
        Cause("snapshot-api-missing"),
        Cause("cdi-degraded"),
        *(Cause(check, ctx.ref) for check in _FREEZES),
    ]
    if not ctx.platform.cdi_since(61) and cron.spec.explicit_storage_class is None:
        # This CDI does not follow when a newer default wins: with one default less there is nothing to follow.
        found += [Cause("multiple-virt-default-storage-classes"), Cause("multiple-default-storage-classes")]
    return tuple(found)


def _fix(cron: DataImportCron, wanted: str, held: list[StoredImage], ctx: Context) -> Fix:
    """Never delete the image, which is the only one: CDI moves it itself, or there is a reason why it cannot."""
    client = ctx.platform.client
    verify = command(client, "get", *object_args(ctx.ref), "-o", "jsonpath={.metadata.annotations}")
    if held:
        return advice(
            f"CDI waits for {held[0].ref} to go: end the clone or remove the pod that uses it, and let the storage driver "
            "finish. Remove a finalizer only if the data behind it is known to be gone",
            verify,
        )
    if not ctx.platform.cdi_since(61):
        return advice(
            f"Keep the image: CDI before 1.61 leaves it where it is. The next newer image goes to {wanted} by itself; "
            "until then virtual machines are cloned across classes",
            verify,
        )
    if snapshots_unknown(ctx):
        return advice(
            "Install the CRDs of VolumeSnapshots: without them CDI fails whenever it moves an image. Do not delete the "
            "image, which is the only copy: CDI would not import it again",
            verify,
        )
    risk = (
        "Restarts cdi-deployment: CDI reconciles everything once, running imports go on; it then deletes this image and "
        f"imports it again to {wanted}{size_of([cron])}"
    )
    if not ctx.platform.cdi_namespace:
        return advice("Restart CDI's deployment cdi-deployment: it then moves the image itself", verify)
    where = ("-n", ctx.platform.cdi_namespace)
    run = command(client, "rollout", "restart", "deployment/cdi-deployment", *where)
    return Fix(run, verify, risk, imports=(cron_ref(cron),))
