"""Which objects hang on which, downwards along the chain: class -> cron -> DataSource -> templates and machines.

Best effort by design: counts what is known. It never decides whether something is a finding.
"""

from __future__ import annotations

from collections.abc import Iterator

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
from exporter.cluster.snapshot import ClusterSnapshot
from exporter.joins.data_sources import targets
from exporter.joins.defaults import defaults
from exporter.joins.references import LIVE, machine_consumers, template_consumers
from exporter.kube.contract import Key
from exporter.model.cdi import CRON_LABEL, DataImportCron, DataSource


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
            self._edge(STORAGE_PROFILES.ref("", name), STORAGE_CLASSES.ref("", name))
            if status and status.snapshot_class:
                self._edge(VOLUME_SNAPSHOT_CLASSES.ref("", status.snapshot_class), STORAGE_CLASSES.ref("", name))

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
        if ref.kind == DATA_SOURCES.kind:
            key = Key(ref.namespace, ref.name)
            yield from (link.by for link in self._cluster.join(template_consumers).get(key, ()))
            machines = self._cluster.join(machine_consumers).get(key, ())
            yield from (link.by for link in machines if link.matter in LIVE)

    def _edge(self, above: Ref, below: Ref) -> None:
        self._edges.setdefault(above, set()).add(below)

    def _add_cron(self, cron: DataImportCron) -> None:
        namespace, name = cron.metadata.namespace, cron.metadata.name
        below = DATA_IMPORT_CRONS.ref(namespace, name)
        storage_class = self._cluster.join(defaults).resolve(cron.spec) or cron.spec.explicit_storage_class
        registry = cron.source.registry
        if storage_class:
            self._edge(STORAGE_CLASSES.ref("", storage_class), below)
        if registry and registry.image_stream:
            self._edge(IMAGE_STREAMS.ref(namespace, registry.image_stream.partition(":")[0]), below)
        for resource in (DATA_VOLUMES, VOLUME_SNAPSHOTS, PERSISTENT_VOLUME_CLAIMS):
            self._edge(resource.ref(namespace, cron.current_import), below)

    def _add_source(self, key: Key, source: DataSource) -> None:
        below = DATA_SOURCES.ref(*key)
        if cron := source.metadata.labels.get(CRON_LABEL):
            self._edge(DATA_IMPORT_CRONS.ref(key.namespace, cron), below)
        for target in targets(source):
            self._edge(target, below)
