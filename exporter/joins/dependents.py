"""Which objects hang on which, downwards along the chain: class -> cron -> DataSource -> templates and machines.

Best effort by design: counts what is known. It never decides whether something is a finding.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from exporter.cluster.resources import DATA_IMPORT_CRONS, DATA_SOURCES, STORAGE_PROFILES
from exporter.cluster.snapshot import ClusterSnapshot, Ref
from exporter.joins.defaults import defaults
from exporter.joins.references import LIVE, machine_consumers, template_consumers
from exporter.kube.contract import Key
from exporter.model.cdi import CRON_LABEL, DataImportCron, DataSource, Pointer


class Dependents:
    """Answers what depends on an object, directly and indirectly."""

    def __init__(self, cluster: ClusterSnapshot) -> None:
        self._cluster = cluster
        self._edges: dict[Ref, set[Ref]] = {}
        for _, cron in cluster[DATA_IMPORT_CRONS]:
            self._add_cron(cron)
        for key, source in cluster[DATA_SOURCES]:
            self._add_source(key, source)
        for _, profile in cluster[STORAGE_PROFILES]:
            name, status = profile.metadata.name, profile.status
            self._edge(Ref("StorageProfile", "", name), Ref("StorageClass", "", name))
            if status and status.snapshot_class:
                self._edge(Ref("VolumeSnapshotClass", "", status.snapshot_class), Ref("StorageClass", "", name))

    def __call__(self, ref: Ref) -> set[Ref]:
        """Everything below this object."""
        found: set[Ref] = set()
        todo = [ref]
        while todo:
            for below in self._below(todo.pop()):
                if below not in found and below != ref:
                    found.add(below)
                    todo.append(below)
        return found

    def _below(self, ref: Ref) -> Iterator[Ref]:
        yield from self._edges.get(ref, ())
        if ref.kind == "DataSource":
            key = Key(ref.namespace, ref.name)
            yield from (link.by for link in self._cluster.join(template_consumers).get(key, ()))
            machines = self._cluster.join(machine_consumers).get(key, ())
            yield from (link.by for link in machines if link.matter in LIVE)

    def _edge(self, above: Ref, below: Ref) -> None:
        self._edges.setdefault(above, set()).add(below)

    def _add_cron(self, cron: DataImportCron) -> None:
        namespace, name = cron.metadata.namespace, cron.metadata.name
        below = Ref("DataImportCron", namespace, name)
        storage_class = self._cluster.join(defaults).resolve(cron.spec) or cron.spec.explicit_storage_class
        registry = cron.source.registry
        if storage_class:
            self._edge(Ref("StorageClass", "", storage_class), below)
        if registry and registry.image_stream:
            self._edge(Ref("ImageStream", namespace, registry.image_stream.partition(":")[0]), below)
        for kind in ("DataVolume", "VolumeSnapshot", "PersistentVolumeClaim"):
            self._edge(Ref(kind, namespace, cron.current_import), below)

    def _add_source(self, key: Key, source: DataSource) -> None:
        below = Ref("DataSource", *key)
        if cron := source.metadata.labels.get(CRON_LABEL):
            self._edge(Ref("DataImportCron", key.namespace, cron), below)
        stands_for = source.spec.source
        for kind, pointer in _targets(stands_for.pvc, stands_for.snapshot, stands_for.data_source):
            self._edge(Ref(kind, pointer.namespace or key.namespace, pointer.name), below)


def _targets(*pointers: Pointer | None) -> Iterable[tuple[str, Pointer]]:
    kinds = ("PersistentVolumeClaim", "VolumeSnapshot", "DataSource")
    return [(kind, pointer) for kind, pointer in zip(kinds, pointers, strict=True) if pointer is not None]
