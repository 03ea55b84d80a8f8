"""The StorageClass that images go to is being deleted, and still counts until it is gone."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from exporter.checks.check import PASSED, Context, Failed, Threshold, Verdict, check
from exporter.checks.shared.storage import cdi_defaults
from exporter.cluster.resources import STORAGE_CLASSES
from exporter.joins.defaults import defaults
from exporter.model.storage import StorageClass
from exporter.report import Severity

_GRACE: Final = Threshold("grace", timedelta(minutes=5), "how long a deletion may take")


@check(
    id="default-storage-class-being-deleted",
    severity=Severity.WARNING,
    over=STORAGE_CLASSES,
    reads=(defaults,),
    summary="The default StorageClass is being deleted",
    meaning=(
        "The class that CDI picks for images has a deletionTimestamp; a finalizer holds it. CDI goes on using it until it "
        "is gone, and then takes the next default, or none."
    ),
    impact="As soon as the finalizer goes, all boot sources move to another class, or have none.",
    diagnosis="`oc get storageclass NAME -o jsonpath='{.metadata.finalizers}'` shows what holds it.",
    mitigation=(
        "Annotate the class that shall take over as virt default now: a newer one wins at once, an older one wins when "
        "this class is gone. A deletion cannot be taken back; to keep the class, create it again afterwards."
    ),
    thresholds=(_GRACE,),
    alert_for=timedelta(minutes=15),
    scenarios=("F33", "F34"),
)
def default_storage_class_being_deleted(row: StorageClass, ctx: Context) -> Verdict:
    """Judge the class that wins."""
    deleted, known = row.metadata.deletion_timestamp, cdi_defaults(ctx)
    if deleted is None or row.metadata.name != known.effective:
        return PASSED
    heirs = [name for name in (*known.virt, *known.kubernetes) if name != row.metadata.name]
    after = f"{heirs[0]} takes over" if heirs else "no StorageClass is default any more"
    return Failed(
        summary=f"Default StorageClass {row.metadata.name} is being deleted; when it is gone, {after}",
        field="metadata.deletionTimestamp",
        observed=f"deleted {deleted:%Y-%m-%dT%H:%M:%SZ}, held by {', '.join(row.metadata.finalizers) or 'nothing'}",
        expected="a default StorageClass that stays",
        since=deleted,
        grace=ctx.limit(_GRACE),
    )
