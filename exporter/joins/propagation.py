"""What each hop should hold, computed from the hop before it: HCO spec -> HCO status -> SSP -> DataImportCrons.

Sources of the rules: HCO controllers/handlers/golden-images, SSP internal/operands/data-sources. Pure functions on
entries; the joints at the end apply them to a cluster. Drift is the difference between what a function here gives and
what the cluster holds; what a fix will lead to is what the functions give for the object that it has changed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from exporter.cluster import Ref, View, joint
from exporter.joins.platform import DOWNSTREAM_IMAGES, DOWNSTREAM_NAMESPACE, UPSTREAM_IMAGES
from exporter.kube.contract import Key
from exporter.model.cdi import BIND_IMMEDIATE, DataImportCronSpec, Platform, Source, owned_by_ssp
from exporter.model.core import ClaimSpec
from exporter.model.hco import ARCHITECTURES, SSP, Entry, EntryStatus, HyperConverged, StatusEntry
from exporter.model.quantity import bytes_of
from exporter.model.wire import ABSENT, Condition, find
from exporter.watched import DATA_IMPORT_CRONS, DATA_SOURCES, HYPERCONVERGEDS, PERSISTENT_VOLUME_CLAIMS, SSPS

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
        return Stage.ENABLED if _deployed(status) else Stage.NOT_DEPLOYED
    gated = name in COMMON_NAMES and not hco.gate.on
    return Stage.DISABLED if gated else Stage.NOT_PROPAGATED


def _deployed(entry: StatusEntry) -> bool:
    deployed = find(entry.status.conditions, "Deployed")
    return deployed is ABSENT or not deployed.false


# -- hop 1: HCO's spec -> HCO's status ----------------------------------------------------------------------


def taken_up(hco: HyperConverged) -> tuple[StatusEntry, ...]:
    """What HCO's status should list, by name: the common entries if the gate is open, and the enabled entries of spec.

    The common ones are compiled into HCO, so only those are known that its status lists already.
    """
    return tuple(found for item in listed_by(hco) if (found := _taken_up(hco, item)) is not None)


def _taken_up(hco: HyperConverged, item: Listed) -> StatusEntry | None:
    entry, status = item.entry, item.status
    common = item.origin is not Origin.CUSTOM
    if (entry is not None and not entry.enabled) or (common and not hco.gate.on):
        return None
    if entry is None:
        return None if status is None or not common else _supported(hco, status)
    said = EntryStatus(common_template=common, modified=common)
    below = status.metadata.annotations if status and common else {}
    meta = replace(entry.metadata, annotations={**below, **entry.metadata.annotations})
    taken = StatusEntry(metadata=meta, spec=_inherited(hco, item), status=said, written=entry.written)
    return _supported(hco, replace(taken, unreadable=entry.unreadable))


def _inherited(hco: HyperConverged, item: Listed) -> DataImportCronSpec | None:
    """The administrator's spec replaces the common one as a whole; only an empty schedule is inherited."""
    spec = item.entry.spec if item.entry else None
    if spec is None or spec.schedule or item.origin is Origin.CUSTOM:
        return spec
    return replace(spec, schedule=hco.status.data_import_schedule)


def _supported(hco: HyperConverged, entry: StatusEntry) -> StatusEntry:
    """With multi-arch on: only the architectures that the cluster has. HCO does not trim what it splits."""
    wanted = entry.status.original_supported_architectures or entry.metadata.annotations.get(ARCHITECTURES, "")
    info = hco.status.node_info
    if not hco.multi_arch or info is None or not wanted:
        return entry
    left = ",".join(a for a in wanted.split(",") if a in info.workloads_architectures)
    meta = replace(entry.metadata, annotations={**entry.metadata.annotations, ARCHITECTURES: left})
    refused = () if left else (Condition(type="Deployed", status="False", reason="UnsupportedArchitectures"),)
    said = replace(entry.status, original_supported_architectures=wanted, conditions=refused)
    return replace(entry, metadata=meta, status=said)


def settled(hco: HyperConverged) -> HyperConverged:
    """The HyperConverged as HCO leaves it after it has reconciled the spec."""
    done = replace(hco.status, observed_generation=hco.metadata.generation, data_import_cron_templates=taken_up(hco))
    return replace(hco, status=done)


# -- hop 2: HCO's status -> SSP's spec ----------------------------------------------------------------------


def passed_on(hco: HyperConverged) -> tuple[Entry, ...]:
    """What SSP's spec should list: HCO's status without what it keeps back, each to be bound immediately."""
    return tuple(_passed_on(hco, e) for e in hco.status.data_import_cron_templates if _deployed(e))


def _passed_on(hco: HyperConverged, entry: StatusEntry) -> Entry:
    annotations = {BIND_IMMEDIATE: "true", **entry.metadata.annotations}
    if not hco.multi_arch:
        annotations.pop(ARCHITECTURES, None)
    meta = replace(entry.metadata, annotations=annotations)
    return Entry(metadata=meta, spec=entry.spec, written=entry.written, unreadable=entry.unreadable)


# -- hop 3: SSP's spec -> DataImportCrons -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Layout:
    """What SSP takes into account besides its entries."""

    image_namespace: str
    """Where entries without a namespace go."""
    multi_arch: bool = False
    architectures: tuple[str, ...] = ()
    """Those of the cluster, the control plane's first."""
    common_sources: frozenset[str] = field(default_factory=frozenset)
    """DataSources that common templates use: SSP keeps them."""


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

    @property
    def spec(self) -> DataImportCronSpec:
        """The spec that the cron should have."""
        spec = replace(self.entry.spec or DataImportCronSpec(), managed_data_source=self.managed)
        source = spec.template.spec.source
        if not self.architecture or source is None or source.registry is None:
            return spec
        registry = replace(source.registry, platform=Platform(architecture=self.architecture))
        volume = replace(spec.template.spec, source=replace(source, registry=registry))
        return replace(spec, template=replace(spec.template, spec=volume))


def architectures(entry: Entry) -> tuple[str, ...]:
    """The architectures of an entry as SSP reads them: trimmed, unknown ones dropped."""
    text = entry.metadata.annotations.get(ARCHITECTURES, "")
    return tuple(a for a in (part.strip() for part in text.split(",")) if a in _ARCHITECTURES)


def expand(entry: Entry, layout: Layout) -> list[Expected]:
    """The crons of one entry: one, or one per architecture."""
    namespace = entry.metadata.namespace or layout.image_namespace
    managed = entry.spec.managed_data_source if entry.spec else ""
    if not layout.multi_arch:
        return [Expected(Key(namespace, entry.name), entry, managed)]
    found = architectures(entry)
    if found:
        return [Expected(Key(namespace, f"{entry.name}-{a}"), entry, f"{managed}-{a}", a) for a in found]
    return [Expected(Key(namespace, entry.name), entry, _by_default(managed, layout))]


def _by_default(managed: str, layout: Layout) -> str:
    """The DataSource that an entry without architectures manages: that of the default one, if templates know it."""
    if managed not in layout.common_sources:
        return managed
    names = [f"{managed}-{a}" for a in layout.architectures]
    return next((n for n in names if n in layout.common_sources), names[0] if names else managed)


def collapse(expected: Iterable[Expected]) -> list[Expected]:
    """SSP keys its crons by namespace and managed DataSource: the last in list order wins, silently."""
    every = list(expected)
    winners = {(e.key.namespace, e.managed): e for e in every}
    return [e if winners[e.key.namespace, e.managed] is e else _beaten(e, winners) for e in every]


def _beaten(loser: Expected, winners: Mapping[tuple[str, str], Expected]) -> Expected:
    return replace(loser, collapsed_into=winners[loser.key.namespace, loser.managed].entry.name)


def plan(entries: Iterable[Entry], layout: Layout) -> list[Expected]:
    """The crons that a list of entries stands for, with those that lose their DataSource to another."""
    return collapse(x for entry in entries for x in expand(entry, layout))


def hco_layout(hco: HyperConverged, images: str) -> Layout:
    """What SSP will take into account, as far as HCO tells."""
    info = hco.status.node_info
    known = (*info.control_plane_architectures, *info.workloads_architectures) if info else ()
    return Layout(images, hco.multi_arch, known)


# -- differences --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that two copies of a spec disagree on, as text; "" where it is not set."""

    path: str
    expected: str
    observed: str


def differences(
    expected: DataImportCronSpec, observed: DataImportCronSpec, *, only_set: bool = False
) -> list[Difference]:
    """The fields in which a copy differs. `only_set`: what the original leaves out may have been filled in."""
    want, have = _fields(expected), _fields(observed)
    return [
        Difference(path, want[path], have[path])
        for path in want
        if not _same(path, want[path], have[path]) and (want[path] or not only_set)
    ]


def _fields(spec: DataImportCronSpec) -> dict[str, str]:
    volume = spec.template.spec
    source = volume.source or Source()
    registry, claim = source.registry, source.pvc
    return {
        "schedule": spec.schedule,
        "managedDataSource": spec.managed_data_source,
        "garbageCollect": spec.garbage_collect,
        "importsToKeep": "" if spec.imports_to_keep is None else str(spec.imports_to_keep),
        "retentionPolicy": spec.retention_policy,
        "template.spec.source": "" if registry or claim else ", ".join(source.kinds),
        "template.spec.source.registry.url": registry.url if registry else "",
        "template.spec.source.registry.imageStream": registry.image_stream if registry else "",
        "template.spec.source.registry.pullMethod": registry.pull_method if registry else "",
        "template.spec.source.registry.secretRef": registry.secret_ref if registry else "",
        "template.spec.source.registry.certConfigMap": registry.cert_config_map if registry else "",
        "template.spec.source.registry.platform.architecture": (
            registry.platform.architecture if registry and registry.platform else ""
        ),
        "template.spec.source.pvc": f"{claim.namespace}/{claim.name}" if claim else "",
        **_claim("template.spec.storage", volume.storage),
        **_claim("template.spec.pvc", volume.pvc),
        "template.spec.contentType": volume.content_type,
    }


def _claim(path: str, claim: ClaimSpec | None) -> dict[str, str]:
    claim = claim or ClaimSpec()
    requests = claim.resources.requests if claim.resources else None
    return {
        f"{path}.storageClassName": claim.storage_class_name,
        f"{path}.volumeMode": claim.volume_mode,
        f"{path}.accessModes": ", ".join(claim.access_modes),
        f"{path}.resources.requests.storage": requests.storage if requests else "",
    }


def _same(path: str, one: str, other: str) -> bool:
    """Go writes quantities in its own way: 1024Mi comes back as 1Gi."""
    if path.endswith("requests.storage") and one and other:
        size, other_size = bytes_of(one), bytes_of(other)
        return one == other if size is None or other_size is None else size == other_size
    return one == other


# -- the same, applied to a cluster -------------------------------------------------------------------------


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


@joint(image_namespace)
def planned_crons(view: View) -> Mapping[Key, Expected]:
    """The DataImportCrons that SSP's spec stands for, before it looks which claims are there."""
    images = image_namespace(view)
    sources = view[DATA_SOURCES].rows
    common = frozenset(k.name for k, row in sources.items() if k.namespace == images and owned_by_ssp(row.metadata))
    found = [
        item
        for _, ssp in view[SSPS]
        for item in plan(ssp.spec.common_templates.data_import_cron_templates, _layout(ssp, images, common))
    ]
    return {e.key: e for e in found}


def _layout(ssp: SSP, images: str, common: frozenset[str]) -> Layout:
    cluster = ssp.spec.cluster
    known = (*cluster.control_plane_architectures, *cluster.workload_architectures) if cluster else ()
    return Layout(images, ssp.spec.enable_multiple_architectures, known, common)


@joint(planned_crons, PERSISTENT_VOLUME_CLAIMS)
def expected_crons(view: View) -> Mapping[Key, Expected]:
    """The DataImportCrons that SSP's spec stands for, with those that it does not make and why."""
    images = image_namespace(view)
    sources, table = view[DATA_SOURCES].rows, view[PERSISTENT_VOLUME_CLAIMS]
    claims = {*table.rows, *table.rejected}  # one that cannot be read is there all the same

    def opted_out(item: Expected) -> bool:
        """Only for DataSources that SSP keeps, which are those of common templates, and while they are unlabelled."""
        target = Key(item.key.namespace, item.managed)
        source = sources.get(target)
        kept = source is None or (not source.cron and owned_by_ssp(source.metadata))
        return target.namespace == images and target in claims and kept

    return {key: replace(e, opted_out=opted_out(e)) for key, e in planned_crons(view).items()}


@joint(expected_crons, DATA_IMPORT_CRONS)
def absent_crons(view: View) -> Mapping[Ref, Expected]:
    """Those of the expected crons that are not there, whether they should be or not."""
    table = view[DATA_IMPORT_CRONS]
    there = {*table.rows, *table.rejected}
    return {Ref("DataImportCron", *key): e for key, e in expected_crons(view).items() if key not in there}


def entry_of(cron: str, names: Collection[str]) -> str:
    """The entry that a cron was made of, by its name, which may end in an architecture; "" if it is none of these."""
    if cron in names:
        return cron
    return next((n for a in _ARCHITECTURES if (n := cron.removesuffix(f"-{a}")) != cron and n in names), "")
