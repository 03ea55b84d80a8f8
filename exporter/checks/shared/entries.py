"""What the checks on entries share: where an entry stands in HyperConverged, and patches that edit just this one.

HyperConverged's list of entries is atomic: a merge patch would replace it as a whole, and what we keep of it is not
the whole. So every edit is a JSON patch by position that first tests the name: if the list has changed meanwhile it
fails, rather than edit another entry.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from exporter.checks.check import Context, Threshold
from exporter.checks.fixes import Fix, command, object_args
from exporter.checks.shared.costs import Cost, replacement, replacement_of
from exporter.cluster.resource import Ref
from exporter.cluster.resources import DATA_IMPORT_CRONS, HYPERCONVERGEDS, SSPS
from exporter.cluster.snapshot import View, joint
from exporter.joins.acting_hco import acting_hyperconvergeds
from exporter.joins.admission import REMOVE, FieldChange, admit, apply_changes
from exporter.joins.ssp_crons import entry_of
from exporter.model.cdi import DataImportCron, owned_by_ssp
from exporter.model.field_path import FieldPath, pointer_step
from exporter.model.hco import BootSourceEntry, HyperConverged
from exporter.model.raw import Raw
from exporter.model.ssp import SSP
from exporter.model.wire import ABSENT

DRIFT: Final = Threshold("grace", timedelta(minutes=10), "how long a change may take from one hop to the next")
JUST_EDITED: Final = "an operator has not seen the newest spec, and nothing tells since when"
"""Why it is unknown whether something is late."""
Operation = dict[str, Any]
"""One operation of a JSON patch."""


@dataclass(frozen=True, slots=True)
class EntrySlot:
    """An entry of the administrator, at its place in HyperConverged."""

    entry: BootSourceEntry
    path: FieldPath
    """The list that it is in."""
    position: int

    @property
    def name(self) -> str:
        """The entry's name."""
        return self.entry.name

    @property
    def field(self) -> str:
        """The path to the entry, for people."""
        return f"{self.path}[name={self.name}]"

    @property
    def pointer(self) -> str:
        """The JSON pointer to the entry."""
        return f"{self.path.pointer}/{self.position}"

    def operation(self, verb: str, path: str, value: object = None) -> Operation:
        """`add`, `replace`, `remove` or `test` of something below the entry."""
        told = {} if verb == "remove" else {"value": value}
        return {"op": verb, "path": self.pointer + path, **told}

    def operations(self, changes: Sequence[FieldChange]) -> Iterator[Operation]:
        """These changes of the entry. `add` fails below what is missing, so what is missing is added as one object."""
        entry = self.entry.written
        for change in changes:
            path, value, here, depth = change.path, change.value, entry, 0
            while depth < len(path) - 1 and isinstance(here.get(path[depth]), dict):
                here, depth = here[path[depth]], depth + 1
            pointer = "".join(f"/{pointer_step(step)}" for step in path[: depth + 1])
            for step in reversed(path[depth + 1 :]):
                value = {step: value}
            gone = change.value is REMOVE and (depth < len(path) - 1 or path[depth] not in here)
            if not gone:
                remove = change.value is REMOVE
                yield self.operation("remove", pointer) if remove else self.operation("add", pointer, value)
            entry = apply_changes(entry, [change])


def entry_slots(hco: HyperConverged) -> tuple[EntrySlot, ...]:
    """The administrator's entries in the order of the list."""
    return tuple(EntrySlot(entry, hco.layout.entries, position) for position, entry in enumerate(hco.entries))


def edit_entry(
    ctx: Context,
    slot: EntrySlot,
    *operations: Operation,
    risk: str = "",
    note: str = "",
    cost: Cost | None = None,
    hco: Ref | None = None,
) -> Fix:
    """Change one entry, provided that it still stands where it stood; `hco` as for `patch_hco`.

    `cost`: what follows from it; without it that SSP replaces what was made of the entry. `risk`: what else is lost.
    """
    cost = replacement(slot.name, ctx) if cost is None else cost
    told = "; ".join(filter(None, (risk, cost.risk)))
    fix = patch_hco(
        ctx, slot.operation("test", "/metadata/name", slot.name), *operations, risk=told, note=note, hco=hco
    )
    return replace(fix, imports=cost.imports)


def patch_hco(ctx: Context, *operations: Operation, risk: str = "", note: str = "", hco: Ref | None = None) -> Fix:
    """A JSON patch of HyperConverged: of `hco`, or of the subject if that is it."""
    client, target = ctx.platform.client, object_args(hco or ctx.ref, ctx.platform.hco_resource)
    text = json.dumps(operations, separators=(",", ":"), sort_keys=True)
    names = "jsonpath={.status.dataImportCronTemplates[*].metadata.name}"
    return Fix(
        command(client, "patch", *target, "--type", "json", "-p", text),
        command(client, "get", *target, "-o", names),
        risk,
        note,
    )


def remove_entry(ctx: Context, slot: EntrySlot, *, risk: str = "", note: str = "") -> Fix:
    """Take the entry out of the list."""
    return edit_entry(ctx, slot, slot.operation("remove", ""), risk=risk, note=note)


def refusal_of(manifest: Raw, ctx: Context) -> str:
    """Why CDI would not admit this DataImportCron or entry, or might not; "" if it would."""
    verdict = admit(manifest, ctx.platform.cdi_minor)
    return next((r.reason for r in (*verdict.refusals, *verdict.disputed)), "")


def ssp_refs(ctx: Context) -> tuple[Ref, ...]:
    """The SSP objects; a cluster has one."""
    return tuple(SSPS.ref(*key) for key in sorted(ctx[SSPS].rows))


def ssp_last_edit(ctx: Context) -> datetime | None:
    """When the list of boot sources in SSP was last changed, if the server tells."""
    return latest(*(row.metadata.spec_edited for _, row in ctx[SSPS]))


def is_just_edited(row: HyperConverged | SSP) -> bool:
    """An operator has not seen the newest spec, and nothing tells since when: it may have been edited a second ago.

    So in dumps, from which `oc get` leaves out managedFields. What the operator has not done yet is then unknown.
    """
    generation, seen = row.metadata.generation, row.status.observed_generation
    return row.metadata.spec_edited is None and None not in (generation, seen) and generation != seen


def ssp_is_just_edited(ctx: Context) -> bool:
    """SSP may not have had time yet to do what it is asked to."""
    return any(is_just_edited(ssp) for _, ssp in ctx[SSPS])


def ssp_works(ctx: Context) -> bool:
    """SSP is there and nothing keeps it from reconciling: what it has deleted or recreated then stays as it should."""
    rows = [row for _, row in ctx[SSPS]]
    return bool(rows) and not any(row.paused or _is_unwell(row) for row in rows)


def _is_unwell(ssp: SSP) -> bool:
    degraded, status = ssp.condition("Degraded"), ssp.status
    return status.observed_generation != ssp.metadata.generation or (degraded is not ABSENT and degraded.true)


def latest(*instants: datetime | None) -> datetime | None:
    """The latest of those that are known."""
    return max((i for i in instants if i is not None), default=None)


@dataclass(frozen=True, slots=True)
class WrittenEntry:
    """An entry of the administrator, and the HyperConverged that it stands in."""

    hco: Ref
    slot: EntrySlot


@joint(acting_hyperconvergeds)
def written_entries(view: View) -> Mapping[str, WrittenEntry]:
    """The administrator's entries by name."""
    return {
        slot.name: WrittenEntry(HYPERCONVERGEDS.ref(*key), slot)
        for key, hco in acting_hyperconvergeds(view).items()
        for slot in entry_slots(hco)
    }


def edit_entry_of(cron: DataImportCron, ctx: Context, *changes: FieldChange, note: str = "") -> Fix | None:
    """Patch the entry that this cron was made of.

    None if it was made of none, or of one that HCO brings along, or if CDI would refuse the result.
    """
    entries = ctx.consult(written_entries, {})
    found = entries.get(entry_of(cron.metadata.name, entries.keys())) if owned_by_ssp(cron.metadata) else None
    if found is None:
        return None
    operations = tuple(found.slot.operations(changes))
    admitted = admit(apply_changes(found.slot.entry.written, changes), ctx.platform.cdi_minor).admitted
    if not operations or not admitted:
        return None
    fix = edit_entry(ctx, found.slot, *operations, note=note, cost=replacement_of([cron]), hco=found.hco)
    target = object_args(DATA_IMPORT_CRONS.ref(cron.metadata.namespace, cron.metadata.name))
    return replace(fix, verify=command(ctx.platform.client, "get", *target, "-o", "jsonpath={.spec}"))
