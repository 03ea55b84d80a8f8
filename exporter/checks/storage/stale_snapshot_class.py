"""A StorageProfile that names a VolumeSnapshotClass which is gone: its snapshot crons freeze without a word."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from exporter.base.excerpts import list_some
from exporter.base.phrases import counted
from exporter.checks.check import PASSED, Cause, Context, Failed, Threshold, Verdict, check
from exporter.checks.fixes import Fix, advice, command, merge_patch
from exporter.checks.shared.costs import NOTHING, Cost, size_of
from exporter.checks.shared.refs import cron_ref
from exporter.checks.shared.storage import instant_if_recent
from exporter.checks.storage._profiles import crons_on, driver_of, snapshot_classes_of
from exporter.cluster.resources import DATA_IMPORT_CRONS, STORAGE_CLASSES, STORAGE_PROFILES, VOLUME_SNAPSHOT_CLASSES
from exporter.joins.defaults import defaults
from exporter.model.storage import CRON_SNAPSHOT_CLASS, StorageProfile
from exporter.model.wire import ABSENT
from exporter.report import Severity

_ANNOTATION: Final = f"metadata.annotations[{CRON_SNAPSHOT_CLASS}]"
_GRACE: Final = Threshold("grace", timedelta(minutes=5), "how long CDI may take to notice another class")


@check(
    id="stale-snapshot-class",
    severity=Severity.WARNING,
    over=STORAGE_PROFILES,
    reads=(DATA_IMPORT_CRONS, STORAGE_CLASSES, VOLUME_SNAPSHOT_CLASSES, defaults),
    summary="A StorageProfile names a VolumeSnapshotClass that does not exist or has another driver",
    meaning=(
        "CDI never clears status.snapshotClass when the class is deleted, and it refuses to update a profile whose "
        "spec.snapshotClass does not exist. Each reconcile of a snapshot cron then ends in an error before it writes "
        "anything: before CDI 1.65 when a snapshot is due, since then always. From CDI 1.65 on the annotation "
        f"`{CRON_SNAPSHOT_CLASS}` of the profile goes before both, and is used without looking for the class."
    ),
    impact=(
        "Boot sources of the class are frozen: no polls, no imports, and their conditions keep saying what was true "
        "before, often UpToDate=True. CDI's own alert stays silent."
    ),
    diagnosis="`oc get storageprofile NAME -o yaml` and `oc get volumesnapshotclass`; CDI's log shows `not found`.",
    mitigation="Create the class again, or name an existing class of the driver in spec.snapshotClass.",
    thresholds=(_GRACE,),
    undated="a VolumeSnapshotClass that is deleted leaves no trace",
    alert_for=timedelta(minutes=15),
    scenarios=("F43",),
)
def stale_snapshot_class(profile: StorageProfile, ctx: Context) -> Verdict:
    """Judge the classes that spec, status and, for CDI 1.65 and later, the annotation name."""
    driver = driver_of(profile, ctx)
    for field, name in _named(profile, ctx):
        problem = _problem(name, driver, ctx)
        if problem:
            return _fail(profile, field, name, problem, ctx)
    return PASSED


def _named(profile: StorageProfile, ctx: Context) -> Iterator[tuple[str, str]]:
    if ctx.platform.cdi_since(65):
        yield _ANNOTATION, profile.metadata.annotations.get(CRON_SNAPSHOT_CLASS, "")
    yield "spec.snapshotClass", profile.spec.snapshot_class
    yield "status.snapshotClass", profile.status.snapshot_class if profile.status else ""


def _problem(name: str, driver: str, ctx: Context) -> str:
    row = ctx[VOLUME_SNAPSHOT_CLASSES].get("", name) if name else None
    if row is None:
        return ""
    if row is ABSENT:
        return "which does not exist"
    return f"which has the driver {row.driver}" if driver and row.driver != driver else ""


def _fail(profile: StorageProfile, field: str, named: str, problem: str, ctx: Context) -> Failed:
    name, driver = profile.metadata.name, driver_of(profile, ctx)
    # A profile of format pvc takes no snapshots of images, so nothing of a boot source freezes.
    frozen = [cron.metadata.name for cron in crons_on(name, ctx)] if profile.source_format == "snapshot" else []
    return Failed(
        summary=f"StorageProfile {name} names VolumeSnapshotClass {named}, {problem}"
        + (f"; {len(frozen)} crons {_changed_at(field, ctx)}: {list_some(frozen)}" if frozen else ""),
        field=field,
        observed=named,
        expected=f"an existing VolumeSnapshotClass with driver {driver or 'of the StorageClass'}",
        since=instant_if_recent(profile.metadata.creation_timestamp, ctx.limit(_GRACE), ctx),
        grace=ctx.limit(_GRACE),
        severity=None if frozen else Severity.INFO,
        causes=(Cause("snapshot-class-missing", ctx.ref),),
        fix=_fixes(name, named, driver, field, ctx),
    )


def _changed_at(field: str, ctx: Context) -> str:
    if field == _ANNOTATION:
        return "get snapshots that are never ready"
    return "are frozen" if ctx.platform.cdi_since(65) else "freeze as soon as a snapshot is due"


def _fixes(name: str, lost: str, driver: str, field: str, ctx: Context) -> tuple[Fix, ...]:
    again = advice(f"Create VolumeSnapshotClass {lost} of driver {driver or 'the StorageClass'} again: nothing is lost")
    candidates = snapshot_classes_of(driver, ctx)
    if not candidates:
        return (again,)
    client, target, other = ctx.platform.client, ("storageprofile", name), candidates[0].metadata.name
    cost = _taken_again(name, ctx)
    annotate = command(client, "annotate", *target, f"{CRON_SNAPSHOT_CLASS}={other}", "--overwrite")
    change = Fix(
        annotate if field == _ANNOTATION else merge_patch(client, target, {"spec": {"snapshotClass": other}}),
        command(client, "get", *target, "-o", "jsonpath={.status.snapshotClass}"),
        cost.risk,
        imports=cost.imports,
    )
    return again, change


def _taken_again(name: str, ctx: Context) -> Cost:
    """CDI 1.65 and later deletes a snapshot of another class, and imports the image again."""
    kept = [c for c in crons_on(name, ctx) if c.status.source_format == "snapshot" and c.status.last_imported_p_v_c]
    if not kept or ctx.platform.cdi_since(65) is False:
        return NOTHING
    text = f"CDI deletes {counted(len(kept), 'snapshot')} of the other class and imports again{size_of(kept)}"
    return Cost(text, tuple(map(cron_ref, kept)))
