"""An entry carries an annotation that looks like the one that switches it off, but is not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from exporter.checks.check import Context, Failed, Verdict, check
from exporter.checks.fixes import Fix
from exporter.checks.shared.costs import NOTHING, Cost, deletion_of
from exporter.checks.shared.entries import EntrySlot, edit_entry, entry_slots
from exporter.cluster.resources import HYPERCONVERGEDS
from exporter.joins.admission import FieldChange
from exporter.joins.admission.switches import meant_value, mistyped_switches
from exporter.joins.proposed_crons import crons_by_name
from exporter.model.field_path import pointer_step
from exporter.model.hco import ENABLE, HyperConverged
from exporter.report import Severity


@check(
    id="enable-annotation-mistyped",
    severity=Severity.WARNING,
    over=HYPERCONVERGEDS,
    optional=(crons_by_name,),
    summary="The annotation that switches an entry on or off is misspelt",
    meaning=(
        f"An entry is off if its annotation {ENABLE} has any value but true. A key that only resembles this one is "
        "carried along and ignored; an odd value, such as no or 0, switches off."
    ),
    impact="A boot source that was to be off is imported as before, or one that was to be on is not.",
    diagnosis="Read the annotations of the entry that the finding names in HyperConverged.",
    mitigation="Correct key and value with the command of the finding: the key as above, the value true or false.",
    alert_for=timedelta(hours=1),
    scenarios=("F04",),
)
def enable_annotation_mistyped(hco: HyperConverged, ctx: Context) -> Verdict:
    """Judge each entry. With the right key in place a wrong one beside it does no harm, nor does one that says true."""
    found: list[Failed] = []
    for slot in entry_slots(hco):
        value = slot.entry.metadata.annotations.get(ENABLE)
        if value is None:
            meta = slot.entry.metadata
            wrong = mistyped_switches(meta.annotations, meta.labels)
            found.extend(_fail(slot, switch.key, switch.where, ctx) for switch in wrong)
        elif value.lower() not in ("true", "false"):
            found.append(_is_odd(slot, value, ctx))
    return found


def _fail(slot: EntrySlot, key: str, where: str, ctx: Context) -> Failed:
    value = getattr(slot.entry.metadata, where)[key]
    return Failed(
        summary=f"Entry {slot.name} is still on: {where[:-1]} {key}={value} has no effect, the annotation is {ENABLE}",
        field=f"{slot.field}.metadata.{where}[{key}]",
        observed=f"{key}: {value}",
        expected=f"annotation {ENABLE}: {meant_value(key, value)}",
        fix=(_remove_key(slot, key, where, ctx), *_replace_key(slot, key, where, meant_value(key, value), ctx)),
        part=f"{slot.name}/{key}",
    )


def _is_odd(slot: EntrySlot, value: str, ctx: Context) -> Failed:
    return Failed(
        summary=f"Entry {slot.name} is off, because its annotation {ENABLE} is {value!r} and not true or false",
        field=f"{slot.field}.metadata.annotations[{ENABLE}]",
        observed=value,
        expected="true or false",
        fix=edit_entry(
            ctx,
            slot,
            slot.operation("replace", f"/metadata/annotations/{pointer_step(ENABLE)}", meant_value(ENABLE, value)),
            cost=NOTHING,
            note="Read whether this is what was meant: the value in the command is a guess from the one that is there",
        ),
        part=slot.name,
    )


def _remove_key(slot: EntrySlot, key: str, where: str, ctx: Context) -> Fix:
    """Leave the entry on, as it is."""
    remove = slot.operation("remove", f"/metadata/{where}/{pointer_step(key)}")
    return edit_entry(
        ctx,
        slot,
        remove,
        cost=NOTHING,
        note="If the boot source is to stay on, as it is: removes the key without effect",
    )


def _replace_key(slot: EntrySlot, key: str, where: str, value: str, ctx: Context) -> Iterator[Fix]:
    """Switch it off as was meant, in one patch."""
    add = tuple(slot.operations([FieldChange(("metadata", "annotations", ENABLE), value)]))
    remove = slot.operation("remove", f"/metadata/{where}/{pointer_step(key)}")
    note = "If the boot source is to be off, as the key says"
    yield edit_entry(ctx, slot, *add, remove, cost=Cost(deletion_of(slot.name, ctx)), note=note)
