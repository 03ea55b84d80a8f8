"""Two entries want to manage the same DataSource: SSP silently drops one."""

from __future__ import annotations

from datetime import timedelta

from exporter.checks.check import Context, Failed, Verdict, check
from exporter.checks.fixes import Fix
from exporter.checks.shared.entries import EntrySlot, edit_entry, entry_slots, patch_hco
from exporter.cluster.resources import HYPERCONVERGEDS
from exporter.joins.propagation import expected_ssp_entries, reconcile
from exporter.joins.proposed_crons import crons_by_name
from exporter.joins.ssp_crons import ExpectedCron, plan, ssp_inputs_of
from exporter.model.hco import ENABLE, HyperConverged
from exporter.report import Severity


@check(
    id="duplicate-managed-data-source",
    severity=Severity.WARNING,
    over=HYPERCONVERGEDS,
    optional=(crons_by_name,),
    summary="Two entries manage the same DataSource",
    meaning=(
        "SSP keeps one entry per namespace and managedDataSource. Of several the last in alphabetical order wins. "
        "Nothing tells: no event, no condition."
    ),
    impact="One image never comes. If the winner is a custom entry, a common DataSource silently holds another image.",
    diagnosis="`oc get hyperconverged -A -o yaml`: compare managedDataSource of all entries in the status.",
    mitigation="Give the entries different DataSources, or switch off the one that is not wanted.",
    alert_for=timedelta(hours=1),
    scenarios=("F13",),
)
def duplicate_managed_data_source(hco: HyperConverged, ctx: Context) -> Verdict:
    """Judge what SSP will make of the entries, by the model of the propagation."""
    done = reconcile(hco)
    expected = plan(expected_ssp_entries(done), ssp_inputs_of(done, ctx.platform.image_namespace))
    losers = {e.entry.name: e for e in reversed(expected) if e.collapsed_into and e.managed}
    mine = {slot.name: slot for slot in entry_slots(hco)}
    managed = {entry.spec.managed_data_source for entry in hco.entries if entry.spec}
    return [_fail(losers[name], mine, managed, hco, ctx) for name in sorted(losers)]


def _fail(
    loser: ExpectedCron, mine: dict[str, EntrySlot], managed: set[str], hco: HyperConverged, ctx: Context
) -> Failed:
    name, winner = loser.entry.name, loser.collapsed_into
    shown = name if name in mine else winner
    return Failed(
        summary=f"Entries {name} and {winner} both manage DataSource {loser.managed}: {winner} wins, {name} is dropped",
        field=f"{hco.layout.entries}[name={shown}].spec.managedDataSource",
        observed=f"{loser.managed} in {name} and {winner}",
        expected="a DataSource of its own for each entry",
        since=hco.metadata.spec_edited,
        fix=_fix(name, mine, managed, hco, ctx),
        part=name,
    )


def _fix(loser: str, mine: dict[str, EntrySlot], managed: set[str], hco: HyperConverged, ctx: Context) -> Fix | None:
    """Switch a common loser off, which states what is the case already; give a custom one a DataSource of its own."""
    slot = mine.get(loser)
    if slot is None:
        if not mine:
            return None
        off = {"metadata": {"name": loser, "annotations": {ENABLE: "false"}}}
        addition = {"op": "add", "path": f"{hco.layout.entries.pointer}/-", "value": off}
        return patch_hco(
            ctx,
            addition,
            note="States what is the case already: the winner stays. To keep the common image, edit the winner",
        )
    if slot.entry.spec is None:
        return None
    path, own = "/spec/managedDataSource", loser.removesuffix("-cron").removesuffix("-image")
    if own in managed:
        return None
    return edit_entry(
        ctx,
        slot,
        slot.operation("test", path, slot.entry.spec.managed_data_source),
        slot.operation("replace", path, own),
        note=f"Imports one image more; templates that are to use it must name DataSource {own}",
    )
