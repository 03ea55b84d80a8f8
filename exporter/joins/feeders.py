"""Which boot source should fill a DataSource: the entries of HCO and SSP, and crons, by the DataSource they manage."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from exporter.cluster.resource import Ref
from exporter.cluster.resources import DATA_IMPORT_CRONS, HYPERCONVERGEDS, SSPS
from exporter.cluster.snapshot import View, joint
from exporter.joins.entries import COMMON_NAMES, Origin, Stage, listed_entries
from exporter.joins.platform import image_namespace
from exporter.joins.ssp_crons import SSP_ARCHITECTURES
from exporter.kube.contract import Key

_OLD_NAMES: Final = {"centos-7-image-cron": "centos7"}
COMMON_SOURCES: Final[Mapping[str, str]] = {
    _OLD_NAMES.get(name, name.removesuffix("-image-cron")): name for name in sorted(COMMON_NAMES)
}
"""The DataSources of common entries: a disabled one, or one behind a closed gate, names its DataSource nowhere."""


@dataclass(frozen=True, slots=True)
class Feeder:
    """A boot source that should fill a DataSource, or did."""

    name: str
    """Of the entry, or of a cron that stands for none."""
    cron: Ref
    """The DataImportCron that it is, or should be."""
    stage: Stage
    origin: Origin | None
    """None if HCO does not list it."""
    gated: bool = False
    """A common one, and the gate is closed."""
    opted_out: bool = False
    """Its own annotation disables it."""
    exists: bool = False
    """The cron is there."""
    since: datetime | None = None
    """When it was last touched: its cron was made, or HCO edited."""

    @property
    def wanted(self) -> bool:
        """Somebody expects it to work."""
        return self.exists or self.stage is not Stage.DISABLED


def without_architecture(name: str) -> str:
    """The name of a DataSource or cron as it would be without multi-arch."""
    stem, _, last = name.rpartition("-")
    return stem if stem and last in SSP_ARCHITECTURES else name


@joint(HYPERCONVERGEDS, SSPS, listed_entries, image_namespace, DATA_IMPORT_CRONS)
def feeders(view: View) -> Mapping[Key, tuple[Feeder, ...]]:
    """What should fill each DataSource, by its namespace and name."""
    found: dict[Key, dict[Ref, Feeder]] = {}
    for target, feeder in (*_entry_feeders(view), *_closed_gate_feeders(view), *_ssp_feeders(view)):
        found.setdefault(target, {}).setdefault(feeder.cron, feeder)
    for key, cron in view[DATA_IMPORT_CRONS]:
        ref, made = DATA_IMPORT_CRONS.ref(*key), cron.metadata.creation_timestamp
        own = found.setdefault(Key(key.namespace, cron.spec.managed_data_source), {})
        entry = own.get(ref) or Feeder(key.name, ref, Stage.ENABLED, None)
        own[ref] = replace(entry, exists=True, since=made)
    return {target: tuple(each.values()) for target, each in found.items()}


def _entry_feeders(view: View) -> Iterator[tuple[Key, Feeder]]:
    edited = max((h.metadata.spec_edited for _, h in view[HYPERCONVERGEDS] if h.metadata.spec_edited), default=None)
    gate_on = all(h.gate.on for _, h in view[HYPERCONVERGEDS])
    for item in listed_entries(view):
        place = item.status or item.entry
        managed = item.spec.managed_data_source or common_source(item.name)
        feeder = Feeder(
            name=item.name,
            cron=DATA_IMPORT_CRONS.ref((place.metadata.namespace if place else "") or image_namespace(view), item.name),
            stage=item.stage,
            origin=item.origin,
            gated=not gate_on and item.origin is not Origin.CUSTOM,
            opted_out=item.entry is not None and not item.entry.enabled,
            since=edited,
        )
        yield from _everywhere(view, managed, feeder)


def _closed_gate_feeders(view: View) -> Iterator[tuple[Key, Feeder]]:
    """While the gate is closed HCO lists no common entry."""
    if all(hco.gate.on for _, hco in view[HYPERCONVERGEDS]):
        return
    for managed, name in COMMON_SOURCES.items():
        cron = DATA_IMPORT_CRONS.ref(image_namespace(view), name)
        yield from _everywhere(view, managed, Feeder(name, cron, Stage.DISABLED, Origin.COMMON, gated=True))


def _ssp_feeders(view: View) -> Iterator[tuple[Key, Feeder]]:
    """Entries that only SSP lists: there is no HCO, or it has forgotten them."""
    for _, ssp in view[SSPS]:
        for entry in ssp.spec.common_templates.data_import_cron_templates:
            cron = DATA_IMPORT_CRONS.ref(entry.metadata.namespace or image_namespace(view), entry.name)
            managed = entry.spec.managed_data_source if entry.spec else ""
            yield from _everywhere(view, managed, Feeder(entry.name, cron, Stage.ENABLED, None))


def common_source(entry: str) -> str:
    """The DataSource that a common entry of this name manages; "" if the name is no common one's."""
    return next((managed for managed, name in COMMON_SOURCES.items() if name == entry), "")


def _everywhere(view: View, managed: str, feeder: Feeder) -> Iterator[tuple[Key, Feeder]]:
    """In the namespace of its cron, a common one also where common templates look for it; for each architecture."""
    if not managed:
        return
    common = feeder.origin in (Origin.COMMON, Origin.MODIFIED)
    namespaces = dict.fromkeys((feeder.cron.namespace, *((image_namespace(view),) if common else ())))
    expands = any(ssp.spec.enable_multiple_architectures for _, ssp in view[SSPS])
    for namespace in namespaces:
        yield Key(namespace, managed), feeder
        for architecture in SSP_ARCHITECTURES if expands else ():
            cron = feeder.cron._replace(name=f"{feeder.cron.name}-{architecture}")
            yield Key(namespace, f"{managed}-{architecture}"), replace(feeder, cron=cron)
