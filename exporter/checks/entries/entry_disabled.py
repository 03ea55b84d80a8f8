"""An entry is switched off by its annotation."""

from __future__ import annotations

from datetime import timedelta

from exporter.checks.check import Cause, Context, Failed, Verdict, check
from exporter.checks.fixes import Fix, advice
from exporter.checks.shared.costs import NOTHING
from exporter.checks.shared.entries import EntrySlot, edit_entry, entry_slots, refusal_of
from exporter.cluster.resources import HYPERCONVERGEDS
from exporter.model.field_path import pointer_step
from exporter.model.hco import ENABLE, HyperConverged
from exporter.report import Severity


@check(
    id="entry-disabled",
    severity=Severity.INFO,
    over=HYPERCONVERGEDS,
    summary="A boot source is switched off",
    meaning=f"The annotation {ENABLE} of an entry is false, so HCO does not list it and SSP makes no DataImportCron of it.",
    impact="Its DataSource gets no newer image; without an image of its own, virtual machines cannot be made from it.",
    diagnosis="The finding names the entry.",
    mitigation="Nothing to do if that is meant; else switch it on with the command of the finding.",
    alert_for=timedelta(hours=1),
    scenarios=("F05",),
)
def entry_disabled(hco: HyperConverged, ctx: Context) -> Verdict:
    """Judge each entry whose annotation says false; odd values are another finding."""
    return [
        Failed(
            summary=f"Boot source {slot.name} is switched off in HyperConverged {hco.metadata.name}",
            field=f"{slot.field}.metadata.annotations[{ENABLE}]",
            observed=slot.entry.metadata.annotations[ENABLE],
            expected="true, unless it is switched off on purpose",
            causes=(Cause("disabled-entry-matches-nothing", ctx.ref, slot.name),),
            fix=_fix(slot, ctx),
            part=slot.name,
        )
        for slot in entry_slots(hco)
        if slot.entry.metadata.annotations.get(ENABLE, "true").lower() == "false"
    ]


def _fix(slot: EntrySlot, ctx: Context) -> Fix:
    """An entry without a spec is there only to switch a common boot source off, and is not admitted otherwise."""
    note = "The image is imported: this needs access to its registry, and storage"
    if slot.entry.spec is None:
        return edit_entry(ctx, slot, slot.operation("remove", ""), cost=NOTHING, note=note)
    if reason := refusal_of(slot.entry.written, ctx):
        return advice(f"Before you switch it on, correct the entry: CDI refuses it because {reason}")
    path = f"/metadata/annotations/{pointer_step(ENABLE)}"
    return edit_entry(ctx, slot, slot.operation("replace", path, "true"), cost=NOTHING, note=note)
