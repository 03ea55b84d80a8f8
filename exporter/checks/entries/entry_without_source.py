"""An enabled entry has no source: it blocks all others."""

from __future__ import annotations

from datetime import timedelta

from exporter.checks.check import Context, Failed, Verdict, check
from exporter.checks.fixes import Fix, advice
from exporter.checks.shared.admission import known_manifest
from exporter.checks.shared.costs import NOTHING, made_of
from exporter.checks.shared.entries import Slot, drop, edit, slots
from exporter.cluster.resources import HYPERCONVERGEDS
from exporter.joins.admission import Change, has_source, judge, merged_spec
from exporter.joins.entries import Listed, Origin, Stage, listed_by
from exporter.joins.proposed_crons import standing_crons
from exporter.model.hco import ENABLE, HyperConverged
from exporter.report import Severity


@check(
    id="entry-without-source",
    severity=Severity.CRITICAL,
    over=HYPERCONVERGEDS,
    optional=(standing_crons,),
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
    items = {item.name: item for item in listed_by(hco)}
    broken = [s for s in slots(hco) if items[s.name].stage is not Stage.DISABLED and s.entry.enabled]
    return [_failed(s, items[s.name], hco, ctx) for s in broken if not has_source(s.entry.written)]


def _failed(slot: Slot, item: Listed, hco: HyperConverged, ctx: Context) -> Failed:
    return Failed(
        summary=f"Entry {slot.name} in HyperConverged {hco.metadata.name} has no source, which blocks other boot sources too",
        field=f"{slot.field}.spec.template.spec.source",
        observed="not set" if slot.entry.spec else "not set, nor anything else of the spec",
        expected="registry or pvc",
        since=hco.metadata.spec_edited,
        fix=_fixes(slot, item, ctx),
        part=slot.name,
    )


def _fixes(slot: Slot, item: Listed, ctx: Context) -> tuple[Fix, ...]:
    """Complete the entry by what is known of this boot source; else drop it if there is a common one, or switch it off."""
    known = item.status.written if item.status is not None else known_manifest(slot.name, ctx)
    if known is not None and slot.entry.spec is not None:
        whole = merged_spec(known, slot.entry.written)
        if judge({**slot.entry.written, "spec": whole}, ctx.platform.cdi_minor).admitted is not False:
            note = "Completes the entry by the spec that this boot source had; what you have set stays"
            return (edit(ctx, slot, slot.operation("add", "/spec", whole), note=note),)
    if item.origin is not Origin.CUSTOM:
        return (drop(ctx, slot, risk="Deletes your entry; add what you have changed again, with a complete spec"),)
    if made_of(slot.name, ctx) != ():
        return (advice("Write the complete spec of the boot source into the entry: a source, and a size"),)
    off = slot.operations([Change(("metadata", "annotations", ENABLE), "false")])
    note = (
        "Switches the entry off, so that it blocks no other boot source; write a complete spec before you switch it on"
    )
    return (edit(ctx, slot, *off, cost=NOTHING, note=note),)
