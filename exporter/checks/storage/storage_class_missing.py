"""A boot source that names a StorageClass which does not exist: there is no fallback."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from exporter.checks.check import PASSED, Context, Failed, Threshold, Verdict, check
from exporter.checks.fixes import Fix
from exporter.checks.shared.entries import edit_entry_of, written_entries
from exporter.checks.shared.storage import cdi_defaults, instant_if_recent
from exporter.cluster.resources import DATA_IMPORT_CRONS, STORAGE_CLASSES
from exporter.joins.admission import REMOVE, FieldChange
from exporter.joins.defaults import defaults
from exporter.model.cdi import DataImportCron
from exporter.model.wire import ABSENT
from exporter.report import Severity

_EMPTY: Final = "has an empty storageClassName: that names no class, and the default does not count"
_GRACE: Final = Threshold("grace", timedelta(minutes=5), "how long after each other a cron and its class may be made")


@check(
    id="storage-class-missing",
    severity=Severity.WARNING,
    over=DATA_IMPORT_CRONS,
    reads=(STORAGE_CLASSES, defaults),
    optional=(written_entries,),
    summary="A boot source names a StorageClass that does not exist",
    meaning=(
        "The cron's template has a storageClassName of its own. CDI uses that class or none: it does not fall back to a "
        "default. An empty name that is written down is a name, too."
    ),
    impact=(
        "Nothing can be imported for this source, and an image kept as snapshot is deleted. CDI also stops passing changes "
        "of StorageProfiles on to all other boot sources while one class cannot be found."
    ),
    diagnosis="`oc get storageclass` and compare with `oc get dataimportcron NAME -n NAMESPACE -o yaml`.",
    mitigation=(
        "Create the class, or change or remove storageClassName. For a source of HyperConverged edit its entry, since SSP "
        "reverts edits elsewhere; any other cron must be deleted and made anew, because CDI does not let its spec change."
    ),
    thresholds=(_GRACE,),
    undated="a StorageClass that is deleted leaves no trace",
    alert_for=timedelta(minutes=10),
    scenarios=("F36",),
)
def storage_class_missing(cron: DataImportCron, ctx: Context) -> Verdict:
    """Judge the class that the cron names."""
    name = cron.spec.explicit_storage_class
    if name is None or (name and ctx[STORAGE_CLASSES].get("", name) is not ABSENT):
        return PASSED
    spec = cron.spec.template.spec
    part = "storage" if spec.storage and spec.storage.storage_class_name is not None else "pvc"
    made = cron.metadata.creation_timestamp
    existing = ", ".join(key.name for key, _ in ctx[STORAGE_CLASSES])
    return Failed(
        summary=f"DataImportCron {cron.metadata.name} "
        + (f"imports to StorageClass {name}, which does not exist" if name else _EMPTY),
        field=f"spec.template.spec.{part}.storageClassName",
        observed=name or '""',
        expected=f"one of: {existing}" if existing else "an existing StorageClass",
        # Its spec does not change: one without a name for the class never had one.
        since=instant_if_recent(made, ctx.limit(_GRACE), ctx) if name else made,
        grace=ctx.limit(_GRACE),
        fix=_follow_the_default(cron, part, ctx),
    )


def _follow_the_default(cron: DataImportCron, part: str, ctx: Context) -> Fix | None:
    """Name no class at all, if there is a default; which other class was meant nobody knows."""
    heir = cdi_defaults(ctx).effective
    if not heir:
        return None
    remove = FieldChange(("spec", "template", "spec", part, "storageClassName"), REMOVE)
    return edit_entry_of(cron, ctx, remove, note=f"The image goes to the default StorageClass, {heir} now")
