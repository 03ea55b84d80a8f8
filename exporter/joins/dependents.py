"""Which objects depend on which, downwards along the chain: class -> cron -> DataSource -> templates and machines.

Best effort by design: counts what is known. It never decides whether something is a finding.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Final

from exporter.cluster.resource import Ref
from exporter.cluster.resources import (
    DATA_IMPORT_CRONS,
    DATA_SOURCES,
    DATA_VOLUMES,
    IMAGE_STREAMS,
    PERSISTENT_VOLUME_CLAIMS,
    STORAGE_CLASSES,
    STORAGE_PROFILES,
    VOLUME_SNAPSHOT_CLASSES,
    VOLUME_SNAPSHOTS,
)
from exporter.cluster.snapshot import ClusterSnapshot, View, joint
from exporter.joins.data_sources import targets
from exporter.joins.defaults import defaults
from exporter.joins.references import LIVE, machine_consumers, template_consumers
from exporter.kube.contract import Key
from exporter.model.cdi import CRON_LABEL

Edges = Mapping[Ref, list[Ref]]
"""What depends on an object directly."""
_IMAGES: Final = frozenset(resource.kind for resource in (DATA_VOLUMES, VOLUME_SNAPSHOTS, PERSISTENT_VOLUME_CLAIMS))
_MOST_STEPS: Final = 10
"""How far edges are followed. CDI resolves one DataSource that points at another, so a real chain has seven at most:
DataSources that point at each other can be made into a chain of any length, and many findings would count all of it."""


@joint(DATA_IMPORT_CRONS, defaults)
def crons_by_class(view: View) -> Edges:
    """The crons that import to a StorageClass, or from an ImageStream."""
    found: dict[Ref, list[Ref]] = {}
    known = view.join(defaults)
    for (namespace, name), cron in view[DATA_IMPORT_CRONS].rows.items():
        below = DATA_IMPORT_CRONS.ref(namespace, name)
        storage_class = known.resolve(cron.spec) or cron.spec.explicit_storage_class
        registry = cron.source.registry
        if storage_class:
            found.setdefault(STORAGE_CLASSES.ref("", storage_class), []).append(below)
        if registry and registry.image_stream:
            stream = registry.image_stream.partition(":")[0]
            found.setdefault(IMAGE_STREAMS.ref(namespace, stream), []).append(below)
    return found


@joint(DATA_IMPORT_CRONS)
def crons_by_image(view: View) -> Mapping[Key, list[Ref]]:
    """The crons by the name of their newest import, which is that of its DataVolume, and of its claim or snapshot."""
    found: dict[Key, list[Ref]] = {}
    for (namespace, name), cron in view[DATA_IMPORT_CRONS].rows.items():
        found.setdefault(Key(namespace, cron.current_import), []).append(DATA_IMPORT_CRONS.ref(namespace, name))
    return found


@joint(DATA_SOURCES)
def data_sources_by_origin(view: View) -> Edges:
    """The DataSources by the cron that their label names, and by what they point at."""
    found: dict[Ref, list[Ref]] = {}
    for key, source in view[DATA_SOURCES].rows.items():
        below = DATA_SOURCES.ref(*key)
        if cron := source.metadata.labels.get(CRON_LABEL):
            found.setdefault(DATA_IMPORT_CRONS.ref(key.namespace, cron), []).append(below)
        for target in targets(source):
            found.setdefault(target, []).append(below)
    return found


@joint(STORAGE_PROFILES)
def classes_by_profile(view: View) -> Edges:
    """The StorageClasses by their profile, and by the VolumeSnapshotClass that it names."""
    found: dict[Ref, list[Ref]] = {}
    for profile in view[STORAGE_PROFILES].rows.values():
        name, status = profile.metadata.name, profile.status
        below = STORAGE_CLASSES.ref("", name)
        found.setdefault(STORAGE_PROFILES.ref("", name), []).append(below)
        if status and status.snapshot_class:
            found.setdefault(VOLUME_SNAPSHOT_CLASSES.ref("", status.snapshot_class), []).append(below)
    return found


class Dependents:
    """Answers what depends on an object, directly and indirectly."""

    def __init__(self, cluster: ClusterSnapshot) -> None:
        edges = (crons_by_class, data_sources_by_origin, classes_by_profile)
        self._edges = tuple(map(cluster.join, edges))
        self._crons = cluster.join(crons_by_image)
        self._templates = cluster.join(template_consumers)
        self._machines = cluster.join(machine_consumers)

    def __call__(self, refs: Collection[Ref]) -> set[Ref]:
        """Everything below these objects, and those of them that are below others."""
        found: set[Ref] = set()
        level: Collection[Ref] = refs
        for _ in range(_MOST_STEPS):
            level = {below for ref in level for below in self._below(ref)} - found
            found |= level
            if not level:
                break
        return found

    def _below(self, ref: Ref) -> Iterator[Ref]:
        for edges in self._edges:
            yield from edges.get(ref, ())
        key = Key(ref.namespace, ref.name)
        if ref.kind in _IMAGES:
            yield from self._crons.get(key, ())
        if ref.kind == DATA_SOURCES.kind:
            yield from (link.by for link in self._templates.get(key, ()))
            yield from (link.by for link in self._machines.get(key, ()) if link.matter in LIVE)
