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
from exporter.checks.fixes import Fix, command, named
from exporter.cluster.resource import Ref
from exporter.cluster.resources import DATA_IMPORT_CRONS, HYPERCONVERGEDS, SSPS
from exporter.cluster.snapshot import View, joint
from exporter.joins.admission import REMOVE, Change, changed, judge
from exporter.joins.ssp_crons import entry_of
from exporter.model.cdi import DataImportCron, owned_by_ssp
from exporter.model.field_path import pointer_step
from exporter.model.hco import Entry, HyperConverged
from exporter.model.ssp import SSP
from exporter.model.wire import ABSENT

DRIFT: Final = Threshold("grace", timedelta(minutes=10), "how long a change may take from one hop to the next")
JUST_EDITED: Final = "an operator has not seen the newest spec, and nothing tells since when"
"""Why it is unknown whether something is late."""
Operation = dict[str, Any]
"""One operation of a JSON patch."""


@dataclass(frozen=True, slots=True)
class Slot:
    """An entry of the administrator, at its place in HyperConverged."""

    entry: Entry
    field: str
    """The path to the entry, for people."""
    pointer: str
    """The JSON pointer to the entry."""

    @property
    def name(self) -> str:
        """The entry's name."""
        return self.entry.name

    def operation(self, verb: str, path: str, value: object = None) -> Operation:
        """`add`, `replace`, `remove` or `test` of something below the entry."""
        told = {} if verb == "remove" else {"value": value}
        return {"op": verb, "path": self.pointer + path, **told}

    def operations(self, changes: Sequence[Change]) -> Iterator[Operation]:
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
            entry = changed(entry, [change])


def slots(hco: HyperConverged) -> tuple[Slot, ...]:
    """The administrator's entries in the order of the list."""
    path = hco.layout.entries
    return tuple(Slot(e, f"{path}[name={e.name}]", f"{path.pointer}/{i}") for i, e in enumerate(hco.entries))


def edit(ctx: Context, slot: Slot, *operations: Operation, risk: str, hco: Ref | None = None) -> Fix:
    """Change one entry, provided that it still stands where it stood; `hco` as for `patch`."""
    return patch(ctx, slot.operation("test", "/metadata/name", slot.name), *operations, risk=risk, hco=hco)


def patch(ctx: Context, *operations: Operation, risk: str, hco: Ref | None = None) -> Fix:
    """A JSON patch of HyperConverged: of `hco`, or of the subject if that is it."""
    client, target = ctx.platform.client, named(hco or ctx.ref, ctx.platform.hco_resource)
    text = json.dumps(operations, separators=(",", ":"), sort_keys=True)
    names = "jsonpath={.status.dataImportCronTemplates[*].metadata.name}"
    return Fix(
        command(client, "patch", *target, "--type", "json", "-p", text),
        command(client, "get", *target, "-o", names),
        risk,
    )


def drop(ctx: Context, slot: Slot, *, risk: str) -> Fix:
    """Take the entry out of the list."""
    return edit(ctx, slot, slot.operation("remove", ""), risk=risk)


def ssp_refs(ctx: Context) -> tuple[Ref, ...]:
    """The SSP objects; a cluster has one."""
    return tuple(SSPS.ref(*key) for key in sorted(ctx[SSPS].rows))


def ssp_edited(ctx: Context) -> datetime | None:
    """When the list of boot sources in SSP was last changed, if the server tells."""
    return latest(*(row.metadata.spec_edited for _, row in ctx[SSPS]))


def just_edited(row: HyperConverged | SSP) -> bool:
    """An operator has not seen the newest spec, and nothing tells since when: it may have been edited a second ago.

    So in dumps, from which `oc get` leaves out managedFields. What the operator has not done yet is then unknown.
    """
    generation, seen = row.metadata.generation, row.status.observed_generation
    return row.metadata.spec_edited is None and None not in (generation, seen) and generation != seen


def ssp_just_edited(ctx: Context) -> bool:
    """SSP may not have had time yet to do what it is asked to."""
    return any(just_edited(ssp) for _, ssp in ctx[SSPS])


def ssp_works(ctx: Context) -> bool:
    """SSP is there and nothing keeps it from reconciling: what it has deleted or recreated then stays as it should."""
    rows = [row for _, row in ctx[SSPS]]
    return bool(rows) and not any(row.paused or _unwell(row) for row in rows)


def _unwell(ssp: SSP) -> bool:
    degraded, status = ssp.condition("Degraded"), ssp.status
    return status.observed_generation != ssp.metadata.generation or (degraded is not ABSENT and degraded.true)


def latest(*instants: datetime | None) -> datetime | None:
    """The latest of those that are known."""
    return max((i for i in instants if i is not None), default=None)


_RISK: Final = "SSP replaces the cron; with retentionPolicy None there is no image until the new import is done"


@dataclass(frozen=True, slots=True)
class Written:
    """An entry of the administrator, and the HyperConverged that it stands in."""

    hco: Ref
    slot: Slot


@joint(HYPERCONVERGEDS)
def written(view: View) -> Mapping[str, Written]:
    """The administrator's entries by name."""
    return {
        slot.name: Written(HYPERCONVERGEDS.ref(*key), slot) for key, hco in view[HYPERCONVERGEDS] for slot in slots(hco)
    }


def edit_entry_of(cron: DataImportCron, ctx: Context, *changes: Change, risk: str = "") -> Fix | None:
    """Patch the entry that this cron was made of.

    None if it was made of none, or of one that HCO brings along, or if CDI would refuse the result.
    """
    entries = ctx.consult(written, {})
    found = entries.get(entry_of(cron.metadata.name, entries.keys())) if owned_by_ssp(cron.metadata) else None
    if found is None:
        return None
    operations = tuple(found.slot.operations(changes))
    admitted = judge(changed(found.slot.entry.written, changes), ctx.platform.cdi_minor).admitted
    if not operations or admitted is False:
        return None
    fix = edit(ctx, found.slot, *operations, risk=f"{risk}; {_RISK}" if risk else _RISK, hco=found.hco)
    target = named(DATA_IMPORT_CRONS.ref(cron.metadata.namespace, cron.metadata.name))
    return replace(fix, verify=command(ctx.platform.client, "get", *target, "-o", "jsonpath={.spec}"))
