"""How the entry behind a DataImportCron is edited: a cron's own spec cannot change, and SSP reverts edits of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from exporter.checks.shared.entries import Slot, edit, slots
from exporter.checks.check import Context
from exporter.checks.fixes import Fix, command, named
from exporter.cluster.snapshot import Ref, View, joint
from exporter.joins.propagation import entry_of
from exporter.model.cdi import DataImportCron, owned_by_ssp
from exporter.cluster.resources import HYPERCONVERGEDS

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
        slot.name: Written(Ref("HyperConverged", *key), slot)
        for key, hco in view[HYPERCONVERGEDS]
        for slot in slots(hco)
    }


@dataclass(frozen=True, slots=True)
class Change:
    """One operation on an entry: `add` also replaces what is there, `remove` takes no value."""

    verb: str
    path: str
    """JSON pointer below the entry."""
    value: object = None


def edit_entry_of(cron: DataImportCron, ctx: Context, *changes: Change, risk: str = "") -> Fix | None:
    """Patch the entry that this cron was made of. None if it was made of none, or of one that HCO brings along."""
    entries = ctx.consult(written, {})
    found = entries.get(entry_of(cron.metadata.name, entries.keys())) if owned_by_ssp(cron.metadata) else None
    if found is None:
        return None
    operations = [found.slot.operation(c.verb, c.path, c.value) for c in changes]
    fix = edit(ctx, found.slot, *operations, risk=f"{risk}; {_RISK}" if risk else _RISK, hco=found.hco)
    target = named(Ref("DataImportCron", cron.metadata.namespace, cron.metadata.name))
    return replace(fix, verify=command(ctx.platform.client, "get", *target, "-o", "jsonpath={.spec}"))
