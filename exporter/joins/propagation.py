"""What each hop should hold, computed from the hop before it: HCO spec -> HCO status -> SSP -> DataImportCrons.

Sources of the rules: HCO controllers/handlers/golden-images, SSP internal/operands/data-sources. Pure functions on
entries; the joints at the end apply them to a cluster.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from exporter.cluster import View, joint
from exporter.joins.platform import DOWNSTREAM_IMAGES, DOWNSTREAM_NAMESPACE, UPSTREAM_IMAGES
from exporter.kube.contract import Key
from exporter.model.cdi import DataImportCronSpec, owned_by_ssp
from exporter.model.hco import ARCHITECTURES, SSP, Entry, HyperConverged, StatusEntry
from exporter.model.wire import ABSENT, find
from exporter.watched import DATA_SOURCES, HYPERCONVERGEDS, PERSISTENT_VOLUME_CLAIMS, SSPS

COMMON_NAMES: Final = frozenset(
    f"{name}-image-cron"
    for name in (
        *("centos-7", "centos-stream8", "centos-stream9", "centos-stream10"),
        *("fedora", "rhel8", "rhel9", "rhel10"),
    )
)
"""Names of common entries of HCO 1.6 to 1.20. Only for when the gate is off: then status does not list them."""
_ARCHITECTURES: Final = ("amd64", "arm64", "s390x")
"""Those that SSP knows; it drops all others."""


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
class Listed:
    """One boot source as HCO's spec and status list it."""

    name: str
    origin: Origin
    stage: Stage
    entry: Entry | None
    """The administrator's entry, if there is one."""
    status: StatusEntry | None
    """HCO's own view of it, if there is one."""

    @property
    def spec(self) -> DataImportCronSpec:
        """What counts: HCO's view, else the administrator's."""
        return (self.status and self.status.spec) or (self.entry and self.entry.spec) or DataImportCronSpec()


def listed_by(hco: HyperConverged) -> tuple[Listed, ...]:
    """Every boot source that HCO's spec or status names, by name."""
    wanted = {e.name: e for e in hco.entries}
    taken = {e.name: e for e in hco.status.data_import_cron_templates}
    return tuple(_listed(hco, name, wanted.get(name), taken.get(name)) for name in sorted({*wanted, *taken}))


def _listed(hco: HyperConverged, name: str, entry: Entry | None, status: StatusEntry | None) -> Listed:
    return Listed(name, _origin(name, entry, status), _stage(hco, name, entry, status), entry, status)


def _origin(name: str, entry: Entry | None, status: StatusEntry | None) -> Origin:
    if status is not None:
        common = status.status.common_template
        modified = status.status.modified
    else:
        common = name in COMMON_NAMES
        modified = entry is not None and entry.spec is not None
    if not common:
        return Origin.CUSTOM
    return Origin.MODIFIED if modified else Origin.COMMON


def _stage(hco: HyperConverged, name: str, entry: Entry | None, status: StatusEntry | None) -> Stage:
    if entry is not None and not entry.enabled:
        return Stage.DISABLED
    if status is not None:
        deployed = find(status.status.conditions, "Deployed")
        return Stage.NOT_DEPLOYED if deployed is not ABSENT and deployed.false else Stage.ENABLED
    gated = name in COMMON_NAMES and not hco.gate.on
    return Stage.DISABLED if gated else Stage.NOT_PROPAGATED


@dataclass(frozen=True, slots=True)
class Expected:
    """One DataImportCron that SSP should make of an entry, or the reason why it does not."""

    key: Key
    entry: Entry
    managed: str
    architecture: str = ""
    collapsed_into: str = ""
    """Name of the entry that wins because it manages the same DataSource."""
    opted_out: bool = False
    """A claim named like the DataSource exists: SSP leaves the DataSource to it."""

    @property
    def deployed(self) -> bool:
        """SSP should make it."""
        return not self.collapsed_into and not self.opted_out


def architectures(entry: Entry) -> tuple[str, ...]:
    """The architectures of an entry as SSP reads them: trimmed, unknown ones dropped."""
    text = entry.metadata.annotations.get(ARCHITECTURES, "")
    return tuple(a for a in (part.strip() for part in text.split(",")) if a in _ARCHITECTURES)


def expand(entry: Entry, ssp: SSP, image_namespace: str, common_sources: frozenset[str]) -> list[Expected]:
    """The crons of one entry: one, or one per architecture."""
    namespace = entry.metadata.namespace or image_namespace
    managed = entry.spec.managed_data_source if entry.spec else ""
    if not ssp.spec.enable_multiple_architectures:
        return [Expected(Key(namespace, entry.name), entry, managed)]
    found = architectures(entry)
    if found:
        return [Expected(Key(namespace, f"{entry.name}-{a}"), entry, f"{managed}-{a}", a) for a in found]
    cluster = ssp.spec.cluster
    known = (*cluster.control_plane_architectures, *cluster.workload_architectures) if cluster else ()
    default = f"-{known[0]}" if known and managed in common_sources else ""
    return [Expected(Key(namespace, entry.name), entry, managed + default)]


def collapse(expected: Iterable[Expected]) -> list[Expected]:
    """SSP keys its crons by namespace and managed DataSource: the last in list order wins, silently."""
    every = list(expected)
    winners = {(e.key.namespace, e.managed): e for e in every}
    return [e if winners[e.key.namespace, e.managed] is e else _beaten(e, winners) for e in every]


def _beaten(loser: Expected, winners: Mapping[tuple[str, str], Expected]) -> Expected:
    winner = winners[loser.key.namespace, loser.managed]
    return Expected(loser.key, loser.entry, loser.managed, loser.architecture, collapsed_into=winner.entry.name)


@joint(HYPERCONVERGEDS)
def listed(view: View) -> tuple[Listed, ...]:
    """Every boot source that HCO names; nothing if there is no HCO."""
    return tuple(item for _, hco in view[HYPERCONVERGEDS] for item in listed_by(hco))


@joint(SSPS, DATA_SOURCES)
def image_namespace(view: View) -> str:
    """The golden image namespace that is compiled into SSP: where it keeps DataSources of its own."""
    owned = sorted({k.namespace for k, row in view[DATA_SOURCES].rows.items() if owned_by_ssp(row.metadata)})
    if owned:
        return owned[0]
    downstream = any(k.namespace == DOWNSTREAM_NAMESPACE for k in view[SSPS].rows)
    return DOWNSTREAM_IMAGES if downstream else UPSTREAM_IMAGES


@joint(SSPS, DATA_SOURCES, PERSISTENT_VOLUME_CLAIMS)
def expected_crons(view: View) -> Mapping[Key, Expected]:
    """The DataImportCrons that SSP's spec stands for, with those that it does not make and why."""
    images = view.join(image_namespace)
    sources = view[DATA_SOURCES].rows
    claims = view[PERSISTENT_VOLUME_CLAIMS].rows
    common = frozenset(k.name for k, row in sources.items() if k.namespace == images and owned_by_ssp(row.metadata))
    entries = [(e, ssp) for _, ssp in view[SSPS] for e in ssp.spec.common_templates.data_import_cron_templates]
    found = collapse(x for entry, ssp in entries for x in expand(entry, ssp, images, common))

    def opted_out(item: Expected) -> bool:
        target = Key(item.key.namespace, item.managed)
        source = sources.get(target)
        return target.namespace == images and target in claims and (source is None or not source.cron)

    return {
        e.key: Expected(e.key, e.entry, e.managed, e.architecture, e.collapsed_into, opted_out=opted_out(e))
        for e in found
    }
