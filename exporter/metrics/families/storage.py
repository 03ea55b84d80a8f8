"""StorageClasses: which claim to be default, which is, and whether CDI can import to them. At most 4 series each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from exporter.cluster.resources import STORAGE_CLASSES, STORAGE_PROFILES
from exporter.joins.defaults import defaults
from exporter.joins.drivers import (
    Drivers,
    clones_by_itself,
    drivers,
    node_count,
    offers_shared_volumes,
    snapshot_drivers,
)
from exporter.joins.platform import cdi_minor
from exporter.metrics.family import Facts, Family, Sample, bounded_reason, format_boolean, per_cluster, per_row
from exporter.model.storage import StorageClass, StorageProfile

_CLASS: Final = ("storageclass",)
_BINDING: Final = frozenset({"Immediate", "WaitForFirstConsumer"})
_FORMATS: Final = frozenset({"pvc", "snapshot"})
_STRATEGIES: Final = frozenset({"copy", "snapshot", "csi-clone"})


@per_row(
    STORAGE_CLASSES,
    "bootsource_storageclass_info",
    labels=(*_CLASS, "binding_mode", "virt_default", "kubernetes_default", "beta_default"),
    help="Identity of each StorageClass and the defaults that its annotations claim, always 1. "
    "The beta annotation is ignored by CDI.",
)
def _info(row: StorageClass) -> Iterator[Sample]:
    claims = map(format_boolean, (row.virt_default, row.kubernetes_default, row.beta_default))
    yield (row.metadata.name, bounded_reason(_BINDING, row.volume_binding_mode), *claims), 1


@per_cluster(
    "bootsource_storageclass_effective_default",
    labels=_CLASS,
    help="Whether images of virtual machines go to this StorageClass if none is named (1) or not (0), by the rules of "
    "the CDI that is installed. All 0: nothing can be imported without naming a class.",
    reads=(STORAGE_CLASSES, defaults),
    optional=(cdi_minor,),
)
def _effective(facts: Facts) -> Iterator[Sample]:
    minor = facts.join(cdi_minor) if facts.is_known(cdi_minor) else None
    if facts[STORAGE_CLASSES].rejected:
        return  # one that cannot be read may be the one that wins
    winner = facts.join(defaults).for_cdi(minor).effective
    for key in facts[STORAGE_CLASSES].rows:
        yield (key.name,), key.name == winner


@per_cluster(
    "bootsource_default_storageclasses",
    labels=("default",),
    help="Number of StorageClasses that claim to be default, by kind of default: virt, kubernetes, and beta, which CDI "
    "ignores. One virt or one kubernetes default is as it should be.",
    reads=(STORAGE_CLASSES,),
)
def _claims(facts: Facts) -> Iterator[Sample]:
    rows = facts[STORAGE_CLASSES].rows.values()
    yield ("virt",), sum(row.virt_default for row in rows)
    yield ("kubernetes",), sum(row.kubernetes_default for row in rows)
    yield ("beta",), sum(row.beta_default for row in rows)


@per_cluster(
    "bootsource_storageprofile_info",
    labels=(*_CLASS, "source_format", "clone_strategy", "rwx", "smart_clone", "degraded"),
    help="What CDI knows of a StorageClass, always 1. source_format: pvc or snapshot, the form in which "
    "DataImportCrons keep their images. clone_strategy: copy, snapshot, csi-clone or Other. rwx: true if it "
    "offers ReadWriteMany, which live migration needs. smart_clone: true if the storage system clones by itself. "
    "degraded: true if it lacks one of both; rwx does not count with a single node. No sample until CDI has said.",
    reads=(STORAGE_PROFILES, STORAGE_CLASSES, snapshot_drivers),
    optional=(drivers, node_count),
)
def _profile(facts: Facts) -> Iterator[Sample]:
    installed = facts.join(drivers) if facts.is_known(drivers) else Drivers(frozenset())
    nodes = facts.join(node_count) if facts.is_known(node_count) else 0
    with_snapshots = facts.join(snapshot_drivers)
    for key, row in facts[STORAGE_PROFILES].rows.items():
        if row.status is None:
            continue
        storage_class = facts[STORAGE_CLASSES].rows.get(key)
        driver = row.status.provisioner or (storage_class.provisioner if storage_class else "")
        shared = offers_shared_volumes(row)
        smart = clones_by_itself(row, driver, installed, with_snapshots)
        truths = map(format_boolean, (shared, smart, not smart or (nodes > 1 and not shared)))
        forms = bounded_reason(_FORMATS, row.source_format), bounded_reason(_STRATEGIES, row.status.clone_strategy)
        yield (row.metadata.name, *forms, *truths), 1


@per_row(
    STORAGE_PROFILES,
    "bootsource_storageprofile_complete",
    labels=_CLASS,
    help="Whether CDI can derive access and volume mode on a StorageClass from its StorageProfile (1) or not (0). "
    "No sample until CDI has said.",
)
def _complete(row: StorageProfile) -> Iterator[Sample]:
    if row.complete is not None:
        yield (row.metadata.name,), row.complete


STORAGE: Final[tuple[Family, ...]] = (_info, _effective, _claims, _profile, _complete)
