"""An enabled entry has no source: it blocks all others."""

from __future__ import annotations

from datetime import timedelta

from exporter.checks.check import Context, Failed, Verdict, check
from exporter.checks.fixes import Fix, advice
from exporter.checks.shared.admission import known_manifest
from exporter.checks.shared.costs import NOTHING, made_of
from exporter.checks.shared.entries import EntrySlot, edit_entry, entry_slots, remove_entry
from exporter.cluster.resources import HYPERCONVERGEDS
from exporter.joins.admission import FieldChange, admit, has_source, merged_spec
from exporter.joins.entries import ListedEntry, Origin, Stage, entries_of
from exporter.joins.proposed_crons import crons_by_name
from exporter.model.hco import ENABLE, HyperConverged
from exporter.report import Severity


@check(
    id="entry-without-source",
    severity=Severity.CRITICAL,
    over=HYPERCONVERGEDS,
    optional=(crons_by_name,),
    summary="An entry names no source",
    meaning=(
        "The spec of an entry replaces that of the common boot source of the same name as a whole; nothing is merged "
        "but an empty schedule. An entry that sets just a storage class, as an example in the documentation does, has "
        "lost its source."
    ),
    impact=(
        "From HCO 1.16 on the operator stumbles over the entry and passes on no change at all; before, CDI refuses the "
        "DataImportCron and SSP is degraded. Other boot sources may not be applied either."
    ),
    diagnosis="Look for the entry in HyperConverged: `spec.template.spec.source` is missing or empty.",
    mitigation="Copy the complete spec of the boot source from HyperConverged's status into the entry, then change what you need.",
    alert_for=timedelta(minutes=5),
    scenarios=("F10",),
)
def entry_without_source(hco: HyperConverged, ctx: Context) -> Verdict:
    """Judge each entry that counts: enabled, and not behind a closed gate."""
    items = {item.name: item for item in entries_of(hco)}
    broken = [s for s in entry_slots(hco) if items[s.name].stage is not Stage.DISABLED and s.entry.enabled]
    return [_fail(s, items[s.name], hco, ctx) for s in broken if not has_source(s.entry.written)]


def _fail(slot: EntrySlot, item: ListedEntry, hco: HyperConverged, ctx: Context) -> Failed:
    return Failed(
        summary=f"Entry {slot.name} in HyperConverged {hco.metadata.name} has no source, which blocks other boot sources too",
        field=f"{slot.field}.spec.template.spec.source",
        observed="not set" if slot.entry.spec else "not set, nor anything else of the spec",
        expected="registry or pvc",
        since=hco.metadata.spec_edited,
        fix=_fixes(slot, item, ctx),
        part=slot.name,
    )


def _fixes(slot: EntrySlot, item: ListedEntry, ctx: Context) -> tuple[Fix, ...]:
    """Complete the entry by what is known of this boot source; else drop it if there is a common one, or switch it off."""
    known = item.status.written if item.status is not None else known_manifest(slot.name, ctx)
    if known is not None and slot.entry.spec is not None:
        whole = merged_spec(known, slot.entry.written)
        if admit({**slot.entry.written, "spec": whole}, ctx.platform.cdi_minor).admitted is not False:
            note = "Completes the entry by the spec that this boot source had; what you have set stays"
            return (edit_entry(ctx, slot, slot.operation("add", "/spec", whole), note=note),)
    if item.origin is not Origin.CUSTOM:
        return (
            remove_entry(ctx, slot, risk="Deletes your entry; add what you have changed again, with a complete spec"),
        )
    if made_of(slot.name, ctx) != ():
        return (advice("Write the complete spec of the boot source into the entry: a source, and a size"),)
    off = slot.operations([FieldChange(("metadata", "annotations", ENABLE), "false")])
    note = (
        "Switches the entry off, so that it blocks no other boot source; write a complete spec before you switch it on"
    )
    return (edit_entry(ctx, slot, *off, cost=NOTHING, note=note),)
