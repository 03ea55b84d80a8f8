"""An entry that shall switch a boot source off, and of that name there is none."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from difflib import get_close_matches
from typing import Final

from exporter.checks.check import Context, Failed, Verdict, check
from exporter.checks.fixes import Fix
from exporter.checks.shared.costs import NOTHING, Cost, deletion_of
from exporter.checks.shared.entries import EntrySlot, edit_entry, entry_slots
from exporter.cluster.resources import HYPERCONVERGEDS
from exporter.joins.entries import ListedEntry, Origin, Stage, entries_of
from exporter.joins.proposed_crons import crons_by_name
from exporter.model.hco import HyperConverged
from exporter.model.hco_layout import Release
from exporter.report import Severity

_NEWEST_KNOWN: Final[Release] = (1, 20)
"""The newest HCO of which we know all common names. A newer one may have more, which it does not list while disabled."""
_ALIKE: Final = 0.6
_MOST_NAMES: Final = 20
"""Names that a name is compared with. HCO brings about a dozen common boot sources along."""


@check(
    id="disabled-entry-matches-nothing",
    severity=Severity.WARNING,
    over=HYPERCONVERGEDS,
    optional=(crons_by_name,),
    summary="An entry switches off a boot source that does not exist",
    meaning=(
        "An entry with the annotation that disables it, and without a source of its own, is there to switch off the common "
        "boot source of its name. No common boot source has this name: it is misspelt, or one that HCO has given up."
    ),
    impact="The boot source that was meant is still imported and offered.",
    diagnosis="Compare the name with those in status.dataImportCronTemplates of HyperConverged.",
    mitigation="Correct the name with the command of the finding, or remove the entry.",
    alert_for=timedelta(hours=1),
)
def disabled_entry_matches_nothing(hco: HyperConverged, ctx: Context) -> Verdict:
    """Judge disabled entries that are not common. One with a source is an own boot source that is switched off."""
    listed = {item.name: item for item in entries_of(hco)}
    there = [item for item in listed.values() if item.origin is not Origin.CUSTOM and item.stage is Stage.ENABLED]
    there = there[:_MOST_NAMES]
    return [
        _failed(slot, meant, ctx)
        for slot in entry_slots(hco)
        if not slot.entry.enabled and listed[slot.name].origin is Origin.CUSTOM
        for meant in [_meant(slot, there)]
        if slot.entry.spec is None and (meant or _knows_all_names(hco))
    ]


def _knows_all_names(hco: HyperConverged) -> bool:
    return hco.release is not None and hco.release <= _NEWEST_KNOWN


def _meant(slot: EntrySlot, there: list[ListedEntry]) -> str:
    """The boot source that this name stands for most likely: by its DataSource, or by its letters; "" if none."""
    by_source = [item.name for item in there if item.spec.managed_data_source == slot.name]
    return next(iter((*by_source, *get_close_matches(slot.name, [i.name for i in there], 1, _ALIKE))), "")


def _failed(slot: EntrySlot, meant: str, ctx: Context) -> Failed:
    return Failed(
        summary=f"Entry {slot.name} switches nothing off: there is no boot source of this name"
        + (f"; {meant} may be meant, which is still imported" if meant else ""),
        field=f"{slot.field}.metadata.name",
        observed=slot.name,
        expected=meant or "the name of a common boot source, or no such entry",
        severity=None if meant else Severity.INFO,
        fix=tuple(_fixes(slot, meant, ctx)),
        part=slot.name,
    )


def _fixes(slot: EntrySlot, meant: str, ctx: Context) -> Iterator[Fix]:
    """Remove what has no effect; or switch off what was meant."""
    leave = "Removes the entry, which has no effect: everything stays as it is"
    yield edit_entry(ctx, slot, slot.operation("remove", ""), cost=NOTHING, note=leave)
    if meant:
        cost, note = Cost(deletion_of(meant, ctx)), f"If {meant} is to be off"
        yield edit_entry(ctx, slot, slot.operation("replace", "/metadata/name", meant), cost=cost, note=note)
