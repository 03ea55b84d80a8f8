"""Images: which one the next virtual machine boots, how old and how large it is, and what old ones take.

At most 13 series for each DataSource, 6 for each StorageClass or VolumeSnapshotClass.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from exporter.cluster.resources import DATA_SOURCES
from exporter.joins.boot_images import boot_images, image_generations, stored_bytes, sum_sizes
from exporter.joins.image_facts import ImageGeneration
from exporter.metrics.families.data_sources import DATA_SOURCE
from exporter.metrics.family import Facts, Family, Sample, per_cluster, unix_seconds

_OLDEST: Final = 4
"""Stands for the fourth image before the current one, and all that are older."""
_GENERATION: Final = (
    "generation: 0 is the image that the next virtual machine boots, 1 the one before it, and so on; 4 stands for all "
    "older ones. "
)


@per_cluster(
    "bootsource_datasource_image_info",
    labels=(*DATA_SOURCE, "format", "storageclass"),
    help="Identity of the image that a DataSource stands for, always 1. format: pvc or snapshot. storageclass: that of "
    "the claim, of a snapshot the one that CDI has noted on the DataImportCron; empty if that is not known. "
    "No sample if the image is not there.",
    reads=(boot_images,),
)
def _info(facts: Facts) -> Iterator[Sample]:
    for ref, image in facts.join(boot_images).items():
        if image.seen:
            where = image.storage_class.value if image.storage_class else ""
            yield (ref.namespace, ref.name, image.format, where), 1


@per_cluster(
    "bootsource_datasource_image_size_bytes",
    labels=DATA_SOURCE,
    help="Size of the image that a DataSource stands for: status.capacity of the claim, or status.restoreSize of the "
    "snapshot. Storage that provisions thinly uses less. No sample if neither is known.",
    reads=(boot_images,),
)
def _size(facts: Facts) -> Iterator[Sample]:
    for ref, image in facts.join(boot_images).items():
        if image.size is not None:
            yield (ref.namespace, ref.name), image.size.value


@per_cluster(
    "bootsource_datasource_image_imported_timestamp_seconds",
    labels=(*DATA_SOURCE, "generation"),
    help=f"When the images of a DataSource were imported or made, as Unix time. {_GENERATION}"
    "Source: status.lastImportTimestamp of the DataImportCron or the creation of the claim or snapshot, whichever is "
    "earlier; of a deleted image, to within four weeks, the oldest volume that was cloned from it. "
    "4: the newest of those. No sample for what nothing dates.",
    reads=(boot_images, image_generations),
)
def _imported(facts: Facts) -> Iterator[Sample]:
    for ref, generations in facts.join(image_generations).items():
        for number, one in enumerate(generations[: _OLDEST + 1]):
            at = unix_seconds(one.made)
            if at is not None:
                yield (ref.namespace, ref.name, str(number)), at


@per_cluster(
    "bootsource_datasource_image_volumes",
    labels=(*DATA_SOURCE, "generation"),
    help="Number of finished DataVolumes, nearly always one for each VirtualMachine, that were cloned from each image "
    f"of a DataSource. {_GENERATION}Source: spec.source of DataVolumes, which virt-controller writes. No sample for an "
    "image of which there is no clone, except the current one.",
    reads=(boot_images, image_generations),
)
def _volumes(facts: Facts) -> Iterator[Sample]:
    for ref, generations in facts.join(image_generations).items():
        for number, volumes in _by_number(generations).items():
            if volumes or (number == 0 and generations[0].exists):
                yield (ref.namespace, ref.name, str(number)), volumes


def _by_number(generations: Iterable[ImageGeneration]) -> Counter[int]:
    found: Counter[int] = Counter()
    for number, one in enumerate(generations):
        found[min(number, _OLDEST)] += one.volumes
    return found


@per_cluster(
    "bootsource_datasource_old_image_bytes",
    labels=DATA_SOURCE,
    help="Size of the images of a DataSource that nothing boots any more and that still exist: claims and snapshots of "
    "its DataImportCron that are neither the newest image nor in use by any DataSource. 0: there is none, or none says "
    "how large it is. No sample for a DataSource without DataImportCron.",
    reads=(boot_images,),
)
def _old(facts: Facts) -> Iterator[Sample]:
    for ref, image in facts.join(boot_images).items():
        if image.cron is not None:
            yield (ref.namespace, ref.name), sum_sizes(image.old).size


@per_cluster(
    "bootsource_stored_images",
    labels=("kind", "class", "state"),
    help="Number of images by the class of their storage and state. kind: StorageClass for claims, "
    "VolumeSnapshotClass for snapshots. state: current (a DataSource or DataImportCron needs it), old (nothing boots "
    "it any more), orphaned (its DataImportCron is gone as well).",
    reads=(DATA_SOURCES, stored_bytes),
)
def _stored(facts: Facts) -> Iterator[Sample]:
    for (storage, state), found in facts.join(stored_bytes).items():
        yield (storage.kind, storage.name, state), found.images


@per_cluster(
    "bootsource_stored_image_bytes",
    labels=("kind", "class", "state"),
    help="Size of images by the class of their storage and state: status.capacity of claims, status.restoreSize of "
    "snapshots. kind: StorageClass or VolumeSnapshotClass. state: current, old or orphaned. Storage that provisions "
    "thinly uses less. Images of unknown size count as 0.",
    reads=(DATA_SOURCES, stored_bytes),
)
def _bytes(facts: Facts) -> Iterator[Sample]:
    for (storage, state), found in facts.join(stored_bytes).items():
        yield (storage.kind, storage.name, state), found.size


IMAGES: Final[tuple[Family, ...]] = (_info, _size, _imported, _volumes, _old, _stored, _bytes)
