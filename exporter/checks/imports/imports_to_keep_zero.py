"""A boot source that deletes every image as soon as it is imported."""

from __future__ import annotations

from datetime import timedelta

from exporter.checks.check import PASSED, Context, Failed, Verdict, check
from exporter.checks.shared.entries import edit_entry_of, written_entries
from exporter.cluster.resources import DATA_IMPORT_CRONS
from exporter.joins.admission import FieldChange
from exporter.model.cdi import DataImportCron
from exporter.report import Severity


@check(
    id="imports-to-keep-zero",
    severity=Severity.WARNING,
    over=DATA_IMPORT_CRONS,
    optional=(written_entries,),
    summary="A boot source keeps none of its images",
    meaning="With importsToKeep 0 the collection of old images takes the current one too, and CDI imports it again at once.",
    impact="The image is downloaded in an endless loop, and virtual machines find it only now and then.",
    diagnosis="`oc get datavolume -n NAMESPACE -w`: the volume of the cron comes and goes.",
    mitigation="Set importsToKeep to 1 or more in the entry.",
    alert_for=timedelta(minutes=15),
    scenarios=("F49",),
)
def imports_to_keep_zero(cron: DataImportCron, ctx: Context) -> Verdict:
    """Judge the spec; without collection the number does not matter."""
    if cron.spec.imports_to_keep != 0 or cron.spec.garbage_collect == "Never":
        return PASSED
    return Failed(
        summary=f"DataImportCron {cron.metadata.name} keeps 0 imports: each image is deleted when it is done and imported again",
        field="spec.importsToKeep",
        observed="0",
        expected="1 or more",
        since=cron.metadata.creation_timestamp,
        fix=edit_entry_of(cron, ctx, FieldChange(("spec", "importsToKeep"), 1)),
    )
