"""Which DataImportCrons SSP makes of its entries, and which of them are there. Pure.

Source of the rules: SSP internal/operands/data-sources.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from exporter.cluster.resource import Ref
from exporter.cluster.resources import DATA_IMPORT_CRONS, DATA_SOURCES, PERSISTENT_VOLUME_CLAIMS, SSPS
from exporter.cluster.snapshot import View, joint
from exporter.joins.platform import image_namespace
from exporter.kube.contract import Key
from exporter.model.cdi import DataImportCronSpec, PlatformOptions, owned_by_ssp
from exporter.model.hco import ARCHITECTURES, BootSourceEntry, HyperConverged
from exporter.model.ssp import SSP

SSP_ARCHITECTURES: Final = ("amd64", "arm64", "s390x")
"""Those that SSP knows; it drops all others. With multi-arch on, an entry becomes a cron and a DataSource for each
of these that it has."""


@dataclass(frozen=True, slots=True)
class SspInputs:
    """What SSP takes into account besides its entries."""

    image_namespace: str
    """Where entries without a namespace go."""
    multi_arch: bool = False
    architectures: tuple[str, ...] = ()
    """Those of the cluster, the control plane's first."""
    common_sources: frozenset[str] = field(default_factory=frozenset)
    """DataSources that common templates use: SSP keeps them."""


@dataclass(frozen=True, slots=True)
class ExpectedCron:
    """One DataImportCron that SSP should make of an entry, or the reason why it does not."""

    key: Key
    entry: BootSourceEntry
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
        registry = replace(source.registry, platform=PlatformOptions(architecture=self.architecture))
        volume = replace(spec.template.spec, source=replace(source, registry=registry))
        return replace(spec, template=replace(spec.template, spec=volume))


def architectures(entry: BootSourceEntry) -> tuple[str, ...]:
    """The architectures of an entry as SSP reads them: trimmed, unknown ones dropped."""
    text = entry.metadata.annotations.get(ARCHITECTURES, "")
    return tuple(a for a in (part.strip() for part in text.split(",")) if a in SSP_ARCHITECTURES)


def expand(entry: BootSourceEntry, inputs: SspInputs) -> list[ExpectedCron]:
    """The crons of one entry: one, or one per architecture."""
    namespace = entry.metadata.namespace or inputs.image_namespace
    managed = entry.spec.managed_data_source if entry.spec else ""
    if not inputs.multi_arch:
        return [ExpectedCron(Key(namespace, entry.name), entry, managed)]
    found = architectures(entry)
    if found:
        return [ExpectedCron(Key(namespace, f"{entry.name}-{a}"), entry, f"{managed}-{a}", a) for a in found]
    return [ExpectedCron(Key(namespace, entry.name), entry, _by_default(managed, inputs))]


def _by_default(managed: str, inputs: SspInputs) -> str:
    """The DataSource that an entry without architectures manages: that of the default one, if templates know it."""
    if managed not in inputs.common_sources:
        return managed
    names = [f"{managed}-{a}" for a in inputs.architectures]
    return next((n for n in names if n in inputs.common_sources), names[0] if names else managed)


def collapse(expected: Iterable[ExpectedCron]) -> list[ExpectedCron]:
    """SSP keys its crons by namespace and managed DataSource: the last in list order wins, silently."""
    every = list(expected)
    winners = {(e.key.namespace, e.managed): e for e in every}
    return [e if winners[e.key.namespace, e.managed] is e else _beaten(e, winners) for e in every]


def _beaten(loser: ExpectedCron, winners: Mapping[tuple[str, str], ExpectedCron]) -> ExpectedCron:
    return replace(loser, collapsed_into=winners[loser.key.namespace, loser.managed].entry.name)


def plan(entries: Iterable[BootSourceEntry], inputs: SspInputs) -> list[ExpectedCron]:
    """The crons that a list of entries stands for, with those that lose their DataSource to another."""
    return collapse(x for entry in entries for x in expand(entry, inputs))


def ssp_inputs_of(hco: HyperConverged, images: str) -> SspInputs:
    """What SSP will take into account, as far as HCO tells."""
    info = hco.status.node_info
    known = (*info.control_plane_architectures, *info.workloads_architectures) if info else ()
    return SspInputs(images, hco.multi_arch, known)


@joint(image_namespace)
def planned_crons(view: View) -> Mapping[Key, ExpectedCron]:
    """The DataImportCrons that SSP's spec stands for, before it looks which claims are there."""
    images = image_namespace(view)
    sources = view[DATA_SOURCES].rows
    common = frozenset(k.name for k, row in sources.items() if k.namespace == images and owned_by_ssp(row.metadata))
    found = [
        item
        for _, ssp in view[SSPS]
        for item in plan(ssp.spec.common_templates.data_import_cron_templates, ssp_inputs(ssp, images, common))
    ]
    return {e.key: e for e in found}


def ssp_inputs(ssp: SSP, images: str, common: frozenset[str]) -> SspInputs:
    """What SSP takes into account, as its own spec tells."""
    cluster = ssp.spec.cluster
    known = (*cluster.control_plane_architectures, *cluster.workload_architectures) if cluster else ()
    return SspInputs(images, ssp.spec.enable_multiple_architectures, known, common)


@joint(planned_crons, PERSISTENT_VOLUME_CLAIMS)
def expected_crons(view: View) -> Mapping[Key, ExpectedCron]:
    """The DataImportCrons that SSP's spec stands for, with those that it does not make and why."""
    images = image_namespace(view)
    sources, table = view[DATA_SOURCES].rows, view[PERSISTENT_VOLUME_CLAIMS]
    claims = {*table.rows, *table.rejected}  # one that cannot be read is there all the same
    if images:
        table.require(images)

    def opted_out(item: ExpectedCron) -> bool:
        """Only for DataSources that SSP keeps, which are those of common templates, and while they are unlabelled."""
        target = Key(item.key.namespace, item.managed)
        source = sources.get(target)
        kept = source is None or (not source.cron and owned_by_ssp(source.metadata))
        return target.namespace == images and target in claims and kept

    return {key: replace(e, opted_out=opted_out(e)) for key, e in planned_crons(view).items()}


@joint(expected_crons)
def crons_by_entry(view: View) -> Mapping[str, tuple[ExpectedCron, ...]]:
    """The same by the name of the entry that they are made of."""
    found: dict[str, list[ExpectedCron]] = {}
    for expected in expected_crons(view).values():
        found.setdefault(expected.entry.name, []).append(expected)
    return {name: tuple(several) for name, several in found.items()}


@joint(expected_crons, DATA_IMPORT_CRONS)
def absent_crons(view: View) -> Mapping[Ref, ExpectedCron]:
    """Those of the expected crons that are not there, whether they should be or not.

    Raises UndecodableError if that cannot be told: an object without a name may be the cron, or the claim for whose
    sake SSP does not make it.
    """
    crons, claims = view[DATA_IMPORT_CRONS], view[PERSISTENT_VOLUME_CLAIMS]
    absent = {key: e for key, e in expected_crons(view).items() if crons.lacks(key)}
    for key, expected in absent.items():
        claims.lacks(Key(key.namespace, expected.managed))
    return {DATA_IMPORT_CRONS.ref(*key): e for key, e in absent.items()}


def entry_of(cron: str, names: Collection[str]) -> str:
    """The entry that a cron was made of, by its name, which may end in an architecture; "" if it is none of these."""
    if cron in names:
        return cron
    return next((n for a in SSP_ARCHITECTURES if (n := cron.removesuffix(f"-{a}")) != cron and n in names), "")
