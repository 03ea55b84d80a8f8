"""Where schedules are written: in the administrator's entries, else in the cron itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from exporter.checks.check import Context
from exporter.checks.fixes import Fix, command
from exporter.checks.shared.entries import Slot, edit, slots
from exporter.cluster.resource import Ref
from exporter.cluster.resources import DATA_IMPORT_CRONS, HYPERCONVERGEDS
from exporter.cluster.snapshot import View, joint
from exporter.joins.admission import Change, changed, judge
from exporter.joins.entries import ENTRY_KIND, Origin, Stage, listed
from exporter.kube.contract import Key
from exporter.model.hco import HyperConverged


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A schedule and the object to edit if it is wrong."""

    name: str
    """Name of the entry or cron."""
    schedule: str
    about: Ref
    field: str
    since: datetime | None
    slot: Slot | None = None
    """Its place in HCO's list of entries, if it is written there."""

    def fix(self, ctx: Context, path: str, value: str) -> Fix | None:
        """Set a field of the entry; None where that is no entry (a cron's spec is immutable), or is refused."""
        if self.slot is None:
            return None
        after = changed(self.slot.entry.written, [Change(tuple(path.split("/")[1:]), value)])
        if judge(after, ctx.platform.cdi_minor).admitted is False:
            return None
        edited = edit(ctx, self.slot, self.slot.operation("add", path, value), hco=self.about)
        return replace(edited, verify=command(ctx.platform.client, "get", "dataimportcron", "-A"))


@joint(HYPERCONVERGEDS, listed, DATA_IMPORT_CRONS)
def scheduled(view: View) -> Mapping[Ref, Scheduled]:
    """All schedules: those of entries that count, and those of crons that no entry stands for."""
    found: dict[Ref, Scheduled] = {}
    names: set[str] = set()
    for key, hco in view[HYPERCONVERGEDS]:
        for item in listed(view):
            names.add(item.name)
            if item.stage is not Stage.DISABLED and item.origin is not Origin.COMMON:
                found[Ref(ENTRY_KIND, key.namespace, item.name)] = _of_entry(key, hco, item.name)
    for key, cron in view[DATA_IMPORT_CRONS]:
        if cron.metadata.name not in names:
            ref = DATA_IMPORT_CRONS.ref(*key)
            found[ref] = Scheduled(key.name, cron.spec.schedule, ref, "spec.schedule", cron.metadata.creation_timestamp)
    return found


def _of_entry(key: Key, hco: HyperConverged, name: str) -> Scheduled:
    slot = {s.name: s for s in slots(hco)}.get(name)
    written = slot.entry if slot else None
    taken = next((e for e in hco.status.data_import_cron_templates if e.name == name), None)
    spec = (written and written.spec) or (taken and taken.spec)
    return Scheduled(
        name=name,
        schedule=spec.schedule if spec else "",
        about=HYPERCONVERGEDS.ref(*key),
        field=f"{hco.layout.entries}[name={name}].spec.schedule",
        since=hco.metadata.spec_edited,
        slot=slot,
    )
