"""Where images live: the claims and snapshots that crons have made, the import at work, and who uses an image."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from exporter.cluster.resource import Ref
from exporter.cluster.resources import (
    DATA_IMPORT_CRONS,
    DATA_SOURCES,
    DATA_VOLUMES,
    PERSISTENT_VOLUME_CLAIMS,
    STORAGE_CLASSES,
    VOLUME_SNAPSHOT_CLASSES,
    VOLUME_SNAPSHOTS,
)
from exporter.cluster.snapshot import View, joint
from exporter.joins.data_sources import targets
from exporter.kube.contract import Key
from exporter.model.cdi import CRON_LABEL, DataImportCron
from exporter.model.core import PersistentVolumeClaim
from exporter.model.data_volumes import DataVolume
from exporter.model.quantity import bytes_of
from exporter.model.storage import VolumeSnapshot
from exporter.model.wire import Metadata, parse_instant

LAST_USE_TIME: Final = "cdi.kubevirt.io/storage.import.lastUseTime"
"""On claims and snapshots: refreshed while they are the newest image, and left as it is from then on."""


@dataclass(frozen=True, slots=True)
class StoredImage:
    """A claim or a snapshot that carries the label of a cron."""

    ref: Ref
    metadata: Metadata
    size: int | None = None
    """Bytes: what is provisioned for a bound claim, what a copy of a snapshot needs; None if nothing says."""
    storage: Ref | None = None
    """The StorageClass of a claim, the VolumeSnapshotClass of a snapshot; None if it names none."""

    @property
    def last_use(self) -> datetime | None:
        """When it was last the newest image: what CDI sorts by before it collects old ones."""
        return parse_instant(self.metadata.annotations.get(LAST_USE_TIME, "")) or self.metadata.creation_timestamp


@dataclass(frozen=True, slots=True)
class RunningImport:
    """The DataVolume of a cron's newest import. In format snapshot it goes when the import is done."""

    cron: DataImportCron
    volume: DataVolume


@joint(PERSISTENT_VOLUME_CLAIMS, VOLUME_SNAPSHOTS)
def images_by_cron(view: View) -> Mapping[Ref, tuple[StoredImage, ...]]:
    """All images by the cron that their label names, which may be gone. CDI's own working claims do not count."""
    found: dict[Ref, list[StoredImage]] = {}
    claims, snapshots = view[PERSISTENT_VOLUME_CLAIMS], view[VOLUME_SNAPSHOTS]
    rows = [
        *(stored_claim(PERSISTENT_VOLUME_CLAIMS.ref(*key), row) for key, row in claims),
        *(stored_snapshot(VOLUME_SNAPSHOTS.ref(*key), row) for key, row in snapshots),
    ]
    for image in rows:
        cron = image.metadata.labels.get(CRON_LABEL, "")
        if cron and not _working_copy(image.ref.name):
            found.setdefault(DATA_IMPORT_CRONS.ref(image.ref.namespace, cron), []).append(image)
    return {cron: tuple(images) for cron, images in found.items()}


def stored_claim(ref: Ref, row: PersistentVolumeClaim) -> StoredImage:
    """A claim as an image."""
    name, capacity = row.spec.storage_class_name, row.status.capacity
    storage = STORAGE_CLASSES.ref("", name) if name else None
    return StoredImage(ref, row.metadata, _whole_bytes(capacity.storage if capacity else ""), storage)


def stored_snapshot(ref: Ref, row: VolumeSnapshot) -> StoredImage:
    """A snapshot as an image. It does not say on which StorageClass the volume was that it was taken of."""
    name = row.spec.volume_snapshot_class_name
    storage = VOLUME_SNAPSHOT_CLASSES.ref("", name) if name else None
    return StoredImage(ref, row.metadata, _whole_bytes(row.status.restore_size if row.status else ""), storage)


def _whole_bytes(quantity: str) -> int | None:
    size = bytes_of(quantity)
    return int(size) if size is not None and size > 0 else None


def _working_copy(name: str) -> bool:
    """CDI fills a claim by way of another one, and unpacks into a third."""
    return name.startswith("prime-") or name.endswith("-scratch")


@joint(DATA_SOURCES)
def image_users(view: View) -> Mapping[Ref, tuple[Ref, ...]]:
    """The DataSources that stand for a claim or a snapshot."""
    found: dict[Ref, list[Ref]] = {}
    for key, source in view[DATA_SOURCES]:
        for image in targets(source):
            if image.kind != DATA_SOURCES.kind:
                found.setdefault(image, []).append(DATA_SOURCES.ref(*key))
    return {image: tuple(users) for image, users in found.items()}


@joint(DATA_IMPORT_CRONS, DATA_VOLUMES)
def imports(view: View) -> Mapping[Ref, RunningImport]:
    """The DataVolume of each cron's newest import, where it is there."""
    volumes = view[DATA_VOLUMES].rows
    found: dict[Ref, RunningImport] = {}
    for key, cron in view[DATA_IMPORT_CRONS]:
        volume = volumes.get(Key(key.namespace, cron.current_import))
        if volume is not None:
            found[DATA_VOLUMES.ref(key.namespace, cron.current_import)] = RunningImport(cron, volume)
    return found
