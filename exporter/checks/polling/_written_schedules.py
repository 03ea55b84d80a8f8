"""Where schedules are written: in the administrator's entries, else in the cron itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from exporter.checks.check import Context
from exporter.checks.fixes import Fix, command
from exporter.checks.shared.entries import EntrySlot, edit_entry, entry_slots
from exporter.cluster.resource import Ref
from exporter.cluster.resources import DATA_IMPORT_CRONS, HYPERCONVERGEDS
from exporter.cluster.snapshot import View, joint
from exporter.joins.acting_hco import acting_hyperconvergeds
from exporter.joins.admission import FieldChange, admit, apply_changes
from exporter.joins.entries import ENTRY_KIND, Origin, Stage, listed_entries
from exporter.kube.contract import Key
from exporter.model.hco import HyperConverged, StatusEntry


@dataclass(frozen=True, slots=True)
class WrittenSchedule:
    """A schedule and the object to edit if it is wrong."""

    name: str
    """Name of the entry or cron."""
    schedule: str
    about: Ref
    field: str
    since: datetime | None
    slot: EntrySlot | None = None
    """Its place in HCO's list of entries, if it is written there."""

    def fix(self, ctx: Context, path: str, value: str) -> Fix | None:
        """Set a field of the entry; None where that is no entry (a cron's spec is immutable), or is refused."""
        if self.slot is None:
            return None
        after = apply_changes(self.slot.entry.written, [FieldChange(tuple(path.split("/")[1:]), value)])
        if admit(after, ctx.platform.cdi_minor).admitted is False:
            return None
        edited = edit_entry(ctx, self.slot, self.slot.operation("add", path, value), hco=self.about)
        return replace(edited, verify=command(ctx.platform.client, "get", "dataimportcron", "-A"))


@joint(acting_hyperconvergeds, listed_entries, DATA_IMPORT_CRONS)
def written_schedules(view: View) -> Mapping[Ref, WrittenSchedule]:
    """All schedules: those of entries that count, and those of crons that no entry stands for."""
    found: dict[Ref, WrittenSchedule] = {}
    names: set[str] = set()
    for key, hco in acting_hyperconvergeds(view).items():
        slots = {slot.name: slot for slot in entry_slots(hco)}
        taken = {entry.name: entry for entry in reversed(hco.status.data_import_cron_templates)}
        for item in listed_entries(view):
            names.add(item.name)
            if item.stage is not Stage.DISABLED and item.origin is not Origin.COMMON:
                found[Ref(ENTRY_KIND, key.namespace, item.name)] = _entry_schedule(
                    key, hco, item.name, slots.get(item.name), taken.get(item.name)
                )
    for key, cron in view[DATA_IMPORT_CRONS]:
        if cron.metadata.name not in names:
            ref = DATA_IMPORT_CRONS.ref(*key)
            found[ref] = WrittenSchedule(
                key.name, cron.spec.schedule, ref, "spec.schedule", cron.metadata.creation_timestamp
            )
    return found


def _entry_schedule(
    key: Key, hco: HyperConverged, name: str, slot: EntrySlot | None, taken: StatusEntry | None
) -> WrittenSchedule:
    written = slot.entry if slot else None
    spec = (written and written.spec) or (taken and taken.spec)
    return WrittenSchedule(
        name=name,
        schedule=spec.schedule if spec else "",
        about=HYPERCONVERGEDS.ref(*key),
        field=f"{hco.layout.entries}[name={name}].spec.schedule",
        since=hco.metadata.spec_edited,
        slot=slot,
    )
