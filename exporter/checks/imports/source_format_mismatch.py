"""An image that is kept as a volume where snapshots are wanted, or the other way round."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from exporter.base.excerpts import count_of, list_some
from exporter.checks.check import PASSED, Cause, Context, Failed, Threshold, Unknown, Verdict, check
from exporter.checks.fixes import Fix, advice, command, object_args
from exporter.checks.shared.outage import severity_for, without_image
from exporter.checks.shared.refs import cron_ref, profile_ref
from exporter.checks.shared.storage import storage_causes, target_class
from exporter.checks.shared.together import together
from exporter.cluster.resource import Ref
from exporter.cluster.resources import (
    DATA_IMPORT_CRONS,
    DATA_VOLUMES,
    PERSISTENT_VOLUME_CLAIMS,
    STORAGE_PROFILES,
    VOLUME_SNAPSHOTS,
)
from exporter.joins.defaults import defaults
from exporter.model.cdi import STORAGE_CLASS, DataImportCron
from exporter.model.storage import StorageProfile
from exporter.model.wire import ABSENT
from exporter.report import Severity

_GRACE: Final = Threshold("grace", timedelta(minutes=30), "how long the change from one format to the other may take")


@check(
    id="source-format-mismatch",
    severity=Severity.WARNING,
    over=DATA_IMPORT_CRONS,
    reads=(STORAGE_PROFILES, PERSISTENT_VOLUME_CLAIMS, VOLUME_SNAPSHOTS, defaults),
    optional=(without_image,),
    summary="The image of a boot source is not in the format that its StorageProfile asks for",
    meaning=(
        "The profile says pvc or snapshot, and the cron has kept the other one for too long. CDI before 1.60 does not go "
        "back from snapshot to pvc; later ones may miss a change of the profile while another cron's class cannot be found."
    ),
    impact="Clones are slow, or the source cannot be used at all: CDI may adopt the snapshot again and again and never make a claim.",
    diagnosis=(
        "Compare status.sourceFormat of the cron with status.dataImportCronSourceFormat of the StorageProfile, and see "
        "which of claim and snapshot exist under the name in status.currentImports."
    ),
    mitigation=(
        "Make CDI reconcile the DataImportCron, for which a restart of cdi-deployment is enough. CDI before 1.60 does not go "
        "back from snapshot to pvc: the next newer image comes as a volume."
    ),
    thresholds=(_GRACE,),
    alert_for=timedelta(minutes=15),
    scenarios=("F44",),
)
def source_format_mismatch(cron: DataImportCron, ctx: Context) -> Verdict:
    """Judge what CDI wrote after its last success against the profile of the class that counts now."""
    wanted = _settled_on(cron, ctx)
    if not wanted:
        return PASSED
    profile = ctx[STORAGE_PROFILES].get("", wanted)
    if profile is ABSENT or profile.status is None:
        return Unknown(f"StorageProfile {wanted} has no status yet")
    if cron.status.source_format == profile.source_format:
        return _both(cron, ctx)
    own = _mismatch(cron, profile, ctx)
    every = ctx.once(wanted, lambda: dict.fromkeys(_mismatching(profile, ctx)))
    common = lambda: _of_all([*every], profile, own, ctx)  # noqa: E731
    return together("source-format-mismatch", own, ctx.ref, profile_ref(wanted), every, common)


def _settled_on(cron: DataImportCron, ctx: Context) -> str:
    """The class whose format counts for its image; "" if there is no image, or if it has not moved there yet."""
    wanted = target_class(cron, ctx)
    # An image that has not moved to the wanted class yet cannot have its format: that is another finding.
    moving = cron.metadata.annotations.get(STORAGE_CLASS, wanted) != wanted
    return wanted if cron.status.source_format and not moving else ""


def _mismatching(profile: StorageProfile, ctx: Context) -> list[Ref]:
    rows = (cron for _, cron in ctx[DATA_IMPORT_CRONS] if _settled_on(cron, ctx) == profile.metadata.name)
    return [cron_ref(cron) for cron in rows if cron.status.source_format != profile.source_format]


def _of_all(crons: list[Ref], profile: StorageProfile, first: Failed, ctx: Context) -> Failed:
    name = profile.metadata.name
    on_it = sum(_settled_on(cron, ctx) == name for _, cron in ctx[DATA_IMPORT_CRONS])
    return Failed(
        summary=f"StorageProfile {name} asks for format {profile.source_format}, and {count_of(len(crons), on_it, 'boot source')} "
        f"of this class has not followed ({list_some(ref.name for ref in crons)})",
        field="status.dataImportCronSourceFormat",
        observed=f"sourceFormat {first.observed} of the DataImportCrons",
        expected=profile.source_format,
        since=first.since,
        grace=first.grace,
        severity=severity_for(crons, ctx),
        affects=tuple(crons),
    )


def _mismatch(cron: DataImportCron, profile: StorageProfile, ctx: Context) -> Failed:
    actual, expected, told = cron.status.source_format, profile.source_format, cron.condition("UpToDate")
    # While an import is running the field tells of the one before; it is written after a success.
    since = told.last_transition_time if told is not ABSENT and told.false else None
    return Failed(
        summary=f"The image of DataImportCron {cron.metadata.name} has format {actual}; StorageProfile {profile.metadata.name} asks for {expected}",
        field="status.sourceFormat",
        observed=actual,
        expected=expected,
        since=since,
        grace=ctx.limit(_GRACE),
        causes=_causes(cron, ctx),
        fix=_wait(ctx) if expected == "pvc" and not ctx.platform.cdi_since(60) else _reconcile(ctx),
    )


def _both(cron: DataImportCron, ctx: Context) -> Verdict:
    """Of claim and snapshot of the same name one goes as soon as the other is ready."""
    namespace, name, told = cron.metadata.namespace, cron.current_import, cron.condition("UpToDate")
    claim, snapshot = ctx[PERSISTENT_VOLUME_CLAIMS].get(namespace, name), ctx[VOLUME_SNAPSHOTS].get(namespace, name)
    if claim is ABSENT or snapshot is ABSENT or told is ABSENT or not told.true or not snapshot.ready:
        return PASSED
    if claim.metadata.deletion_timestamp or snapshot.metadata.deletion_timestamp:
        return PASSED
    kind = "VolumeSnapshot" if cron.status.source_format == "pvc" else "PersistentVolumeClaim"
    since: list[datetime | None] = [claim.metadata.creation_timestamp, snapshot.metadata.creation_timestamp]
    return Failed(
        summary=f"DataImportCron {cron.metadata.name} keeps its image {name} both as claim and as snapshot",
        field="status.currentImports",
        observed=f"a claim and a ready snapshot of format {cron.status.source_format}",
        expected=f"no {kind} {name}",
        since=max((at for at in since if at), default=None),
        grace=ctx.limit(_GRACE),
        part="both",
        causes=_causes(cron, ctx),
        fix=_reconcile(ctx),
    )


def _causes(cron: DataImportCron, ctx: Context) -> tuple[Cause, ...]:
    volume = DATA_VOLUMES.ref(cron.metadata.namespace, cron.current_import)
    return (
        Cause("import-failing", volume),
        Cause("snapshot-content-lost", volume._replace(kind="VolumeSnapshot")),
        Cause("source-on-wrong-storage-class", ctx.ref),
        # CDI gives up telling any cron of a changed profile as soon as one cron's class cannot be found.
        Cause("storage-class-missing"),
        *storage_causes(cron, ctx),
        Cause("cdi-degraded"),
    )


def _wait(ctx: Context) -> Fix:
    """The snapshot is the only image. CDI adopts it for as long as it is of the newest digest."""
    return advice(
        "Keep the snapshot, which is the only image: CDI before 1.60 does not go back from snapshot to pvc. The next newer "
        "image comes as a volume by itself; until then virtual machines can be cloned from the snapshot",
        command(ctx.platform.client, "get", *object_args(ctx.ref), "-o", "jsonpath={.status.sourceFormat}"),
    )


def _reconcile(ctx: Context) -> Fix | None:
    client, namespace = ctx.platform.client, ctx.platform.cdi_namespace
    if not namespace:
        return None
    return Fix(
        command(client, "rollout", "restart", "deployment/cdi-deployment", "-n", namespace),
        command(client, "get", *object_args(ctx.ref), "-o", "jsonpath={.status.sourceFormat}"),
        "Restarts cdi-deployment: CDI reconciles everything once, running imports go on; the image is made again in the "
        "other format",
    )
