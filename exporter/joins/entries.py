"""The entries of HyperConverged: what spec and status list, where each comes from, how far it has come. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from exporter.cluster.snapshot import View, joint
from exporter.joins.acting_hco import acting_hyperconvergeds
from exporter.model.cdi import DataImportCronSpec
from exporter.model.hco import BootSourceEntry, HyperConverged, StatusEntry
from exporter.model.wire import ABSENT, find_condition

COMMON_NAMES: Final = frozenset(
    f"{name}-image-cron"
    for name in (
        *("centos-7", "centos-stream8", "centos-stream9", "centos-stream10"),
        *("fedora", "rhel8", "rhel9", "rhel10"),
    )
)
"""Names of common entries of HCO 1.6 to 1.20. Only for when the gate is off: then status does not list them."""


ENTRY_KIND: Final = "DataImportCronTemplate"
"""What findings call an entry of HyperConverged, which is no object of its own."""


class Origin(StrEnum):
    """Where a boot source comes from."""

    COMMON = "common"
    MODIFIED = "modified"
    """A common one whose spec the administrator's entry replaces; it obeys the gate."""
    CUSTOM = "custom"


class Stage(StrEnum):
    """How far an entry has come."""

    ENABLED = "enabled"
    DISABLED = "disabled"
    """By its annotation, or a common one by the gate."""
    NOT_DEPLOYED = "not_deployed"
    """HCO keeps it back: no supported architecture."""
    NOT_PROPAGATED = "not_propagated"
    """It is in HCO's spec, and HCO has not taken it up."""


@dataclass(frozen=True, slots=True)
class ListedEntry:
    """One boot source as HCO's spec and status list it."""

    name: str
    origin: Origin
    stage: Stage
    entry: BootSourceEntry | None
    """The administrator's entry, if there is one."""
    status: StatusEntry | None
    """HCO's own view of it, if there is one."""

    @property
    def spec(self) -> DataImportCronSpec:
        """What counts: HCO's view, else the administrator's."""
        return (self.status and self.status.spec) or (self.entry and self.entry.spec) or DataImportCronSpec()


def entries_of(hco: HyperConverged) -> tuple[ListedEntry, ...]:
    """Every boot source that HCO's spec or status names, by name."""
    wanted = {e.name: e for e in hco.entries}
    taken = {e.name: e for e in hco.status.data_import_cron_templates}
    return tuple(_list_entry(hco, name, wanted.get(name), taken.get(name)) for name in sorted({*wanted, *taken}))


def _list_entry(
    hco: HyperConverged, name: str, entry: BootSourceEntry | None, status: StatusEntry | None
) -> ListedEntry:
    return ListedEntry(name, _origin(name, entry, status), _stage(hco, name, entry, status), entry, status)


def _origin(name: str, entry: BootSourceEntry | None, status: StatusEntry | None) -> Origin:
    if status is not None:
        common = status.status.common_template
        modified = status.status.modified
    else:
        common = name in COMMON_NAMES
        modified = entry is not None and entry.spec is not None
    if not common:
        return Origin.CUSTOM
    return Origin.MODIFIED if modified else Origin.COMMON


def _stage(hco: HyperConverged, name: str, entry: BootSourceEntry | None, status: StatusEntry | None) -> Stage:
    if entry is not None and not entry.enabled:
        return Stage.DISABLED
    if status is not None:
        return Stage.ENABLED if is_deployed(status) else Stage.NOT_DEPLOYED
    gated = name in COMMON_NAMES and not hco.gate.on
    return Stage.DISABLED if gated else Stage.NOT_PROPAGATED


def is_deployed(entry: StatusEntry) -> bool:
    """HCO passes the entry on to SSP; it says Deployed=False of what it keeps back."""
    deployed = find_condition(entry.status.conditions, "Deployed")
    return deployed is ABSENT or not deployed.false


@joint(acting_hyperconvergeds)
def listed_entries(view: View) -> tuple[ListedEntry, ...]:
    """Every boot source that HCO names; nothing if there is no HCO."""
    return tuple(item for hco in acting_hyperconvergeds(view).values() for item in entries_of(hco))
