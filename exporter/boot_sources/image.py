"""The image of a boot source: the PersistentVolumeClaim or VolumeSnapshot that its DataSource stands for. Pure."""

from __future__ import annotations

from typing import Any, Final

from exporter.boot_sources import document as doc
from exporter.boot_sources.known_view import KnownView
from exporter.cluster.resource import Resource
from exporter.cluster.resources import PERSISTENT_VOLUME_CLAIMS, VOLUME_SNAPSHOTS
from exporter.cluster.snapshot import UndecodableError
from exporter.kube.contract import Key
from exporter.model.cdi import STORAGE_CLASS, DataImportCron, DataSource, DataSourceSource
from exporter.model.core import PersistentVolumeClaim
from exporter.model.storage import VolumeSnapshot

IMAGE_READS: Final[tuple[Resource[Any], ...]] = (PERSISTENT_VOLUME_CLAIMS, VOLUME_SNAPSHOTS)


def image_of(source: DataSource, cron: DataImportCron | None, known: KnownView) -> doc.Image | None:
    """The image; None if it does not exist, or is not known."""
    for resource, key in _places(source):
        table = known.table(resource)
        row = table.rows.get(key) if table is not None else None
        if isinstance(row, PersistentVolumeClaim):
            return _claim_document(key, row)
        if isinstance(row, VolumeSnapshot):
            return _snapshot_document(key, row, cron)
    return None


def is_image_missing(source: DataSource, known: KnownView) -> bool:
    """The DataSource stands for an image, and it is known that there is none."""
    places = _places(source)
    return bool(places) and all(_is_absent(resource, key, known) for resource, key in places)


def _places(source: DataSource) -> tuple[tuple[Resource[Any], Key], ...]:
    """Where the image is: of a pointer what CDI writes into the status of the DataSource."""
    return _places_in(source.spec.source, source) or _places_in(source.status.source, source)


def _places_in(stands_for: DataSourceSource | None, source: DataSource) -> tuple[tuple[Resource[Any], Key], ...]:
    if stands_for is None:
        return ()
    pointers = ((PERSISTENT_VOLUME_CLAIMS, stands_for.pvc), (VOLUME_SNAPSHOTS, stands_for.snapshot))
    namespace = source.metadata.namespace
    return tuple((resource, Key(p.namespace or namespace, p.name)) for resource, p in pointers if p is not None)


def _is_absent(resource: Resource[Any], key: Key, known: KnownView) -> bool:
    table = known.table(resource)
    try:
        return table is not None and table.lacks(key)
    except UndecodableError:
        return False


def _claim_document(key: Key, claim: PersistentVolumeClaim) -> doc.Image:
    return doc.Image(
        kind=PERSISTENT_VOLUME_CLAIMS.kind,
        namespace=key.namespace,
        name=key.name,
        ready=claim.status.phase == "Bound",
        created=claim.metadata.creation_timestamp,
        storage_class=claim.spec.storage_class_name,
        size=claim.spec.requested,
    )


def _snapshot_document(key: Key, snapshot: VolumeSnapshot, cron: DataImportCron | None) -> doc.Image:
    """CDI notes on the cron to which StorageClass it has imported; the VolumeSnapshot itself does not say."""
    noted = cron.metadata.annotations.get(STORAGE_CLASS) if cron is not None else None
    return doc.Image(
        kind=VOLUME_SNAPSHOTS.kind,
        namespace=key.namespace,
        name=key.name,
        ready=snapshot.ready,
        created=snapshot.metadata.creation_timestamp,
        storage_class=noted or None,
        size=snapshot.status.restore_size if snapshot.status else "",
    )
