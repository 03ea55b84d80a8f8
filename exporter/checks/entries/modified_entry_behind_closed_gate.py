"""An entry that was meant as custom carries the name of a common boot source, and the gate is closed."""

from __future__ import annotations

from datetime import timedelta

from exporter.checks.check import PASSED, Context, Failed, Verdict, check
from exporter.checks.fixes import Fix, advice
from exporter.checks.shared.costs import NOTHING
from exporter.checks.shared.entries import DRIFT, EntrySlot, edit_entry, entry_slots, refusal_of
from exporter.cluster.resources import HYPERCONVERGEDS
from exporter.joins.entries import COMMON_NAMES
from exporter.model.hco import HyperConverged
from exporter.report import Severity


@check(
    id="modified-entry-behind-closed-gate",
    severity=Severity.WARNING,
    over=HYPERCONVERGEDS,
    summary="An entry is ignored because it has a common name and the gate is closed",
    meaning=(
        "An entry with the name of a common boot source modifies that one and obeys the gate with it. The example of a "
        "custom source in older documents has such a name."
    ),
    impact="The boot source is not imported at all, though an enabled entry with a spec asks for it.",
    diagnosis="HyperConverged lists the entry in its spec and not in its status, and the gate is false.",
    mitigation="Give the entry a name of its own, with the command of the finding, or open the gate.",
    thresholds=(DRIFT,),
    alert_for=timedelta(hours=1),
    scenarios=("F02",),
)
def modified_entry_behind_closed_gate(hco: HyperConverged, ctx: Context) -> Verdict:
    """Judge the enabled entries that HCO has dropped. Its status does not tell common names while the gate is closed."""
    if hco.gate.on:
        return PASSED
    taken = {e.name for e in hco.status.data_import_cron_templates}
    ignored = [s for s in entry_slots(hco) if s.name in COMMON_NAMES and s.name not in taken]
    return [_fail(slot, hco, ctx) for slot in ignored if slot.entry.enabled and slot.entry.spec is not None]


def _fail(slot: EntrySlot, hco: HyperConverged, ctx: Context) -> Failed:
    used = {s.name for s in entry_slots(hco)}
    name = next(n for n in (f"{'my-' * i}{slot.name}" for i in range(1, len(used) + 2)) if n not in used)
    return Failed(
        summary=f"Entry {slot.name} is ignored: it has the name of a common boot source, and {hco.gate.path} is false",
        field=f"{slot.field}.metadata.name",
        observed=f"{slot.name}, with the gate closed",
        expected=f"a name of its own, such as {name}",
        since=hco.metadata.spec_edited,
        grace=ctx.limit(DRIFT),
        fix=_rename(slot, name, ctx),
        part=slot.name,
    )


def _rename(slot: EntrySlot, name: str, ctx: Context) -> Fix:
    if reason := refusal_of(slot.entry.written, ctx):
        return advice(f"Before it gets a name of its own, correct the entry: CDI refuses it because {reason}")
    note = "The entry is custom from then on; should the gate open again, two entries may manage one DataSource"
    return edit_entry(ctx, slot, slot.operation("replace", "/metadata/name", name), cost=NOTHING, note=note)
