"""Common boot sources that are copies in HyperConverged's spec, and so do not follow HCO's defaults any more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from exporter.base.phrases import counted
from exporter.checks.check import PASSED, Context, Failed, Verdict, check
from exporter.checks.fixes import Fix
from exporter.checks.shared.costs import made_of, replacement_of
from exporter.checks.shared.entries import EntrySlot, Operation, entry_slots, patch_hco
from exporter.cluster.resources import HYPERCONVERGEDS
from exporter.joins.entries import Origin, entries_of
from exporter.joins.proposed_crons import crons_by_name
from exporter.model.hco import HyperConverged
from exporter.report import Severity


@check(
    id="common-entries-copied",
    severity=Severity.INFO,
    over=HYPERCONVERGEDS,
    optional=(crons_by_name,),
    summary="Common boot sources are frozen as copies",
    meaning=(
        "The spec holds entries with the names of common boot sources, each with the schedule that HCO itself drew, which "
        "people do not write. The web console makes such copies of all common boot sources when one of them is switched "
        "there. What the spec holds counts as modified: HCO takes it instead of its own."
    ),
    impact=(
        "These boot sources keep source, size and settings of the HCO that they were copied from. What a newer HCO "
        "changes, such as another image, or retention of images, does not reach them."
    ),
    diagnosis="`oc get hyperconverged -A -o yaml`: entries of the spec whose schedule is status.dataImportSchedule.",
    mitigation=(
        "Take the copies out of the list, as the command of the finding does. Where one was made to switch its boot source "
        "off, its name and the annotation are enough. Keep the copies that you have changed on purpose."
    ),
    alert_for=timedelta(hours=1),
)
def common_entries_copied(hco: HyperConverged, ctx: Context) -> Verdict:
    """Judge the entries with a common name and HCO's own schedule. One that names a class was changed on purpose."""
    common = {item.name for item in entries_of(hco) if item.origin is not Origin.CUSTOM}
    copies = [slot for slot in entry_slots(hco) if slot.name in common and _copied(slot, hco)]
    if not copies or not hco.gate.on:
        return PASSED  # behind a closed gate they stand for nothing, which is another finding
    names = ", ".join(slot.name for slot in copies)
    return Failed(
        summary=f"{counted(len(copies), 'common boot source')} of HyperConverged {hco.metadata.name} "
        f"{'is a copy that follows' if len(copies) == 1 else 'are copies that follow'} no newer "
        f"defaults: {names}",
        field=str(hco.layout.entries),
        observed=f"complete entries with HCO's own schedule {hco.status.data_import_schedule}",
        expected="no entries for common boot sources, or only what differs on purpose",
        fix=_thin_out(copies, ctx),
    )


def _copied(slot: EntrySlot, hco: HyperConverged) -> bool:
    spec = slot.entry.spec
    if spec is None or not hco.status.data_import_schedule or spec.explicit_storage_class is not None:
        return False
    return spec.schedule == hco.status.data_import_schedule


def _thin_out(copies: list[EntrySlot], ctx: Context) -> Fix:
    """From the end of the list to its beginning, since each removal moves what stands behind it."""
    fix = patch_hco(
        ctx,
        *(operation for slot in reversed(copies) for operation in _without(slot)),
        risk="Deletes the copies with what was changed in them by hand. Where HCO's own entry differs by now, SSP replaces "
        "the DataImportCron, and its image is imported again if its retentionPolicy is None",
    )
    crons = [cron for slot in copies for cron in made_of(slot.name, ctx) or ()]
    return replace(fix, imports=replacement_of(crons).imports)


def _without(slot: EntrySlot) -> Iterator[Operation]:
    yield slot.operation("test", "/metadata/name", slot.name)
    yield slot.operation("remove", "" if slot.entry.enabled else "/spec")
