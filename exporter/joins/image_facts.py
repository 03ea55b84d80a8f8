"""What is known of an image: each fact with where it is known from, and how old that knowledge is.

Types only. What the cluster tells is put together in `boot_images`; whatever else learns something of an image, such as
its registry, states it as a `Fact` as well, so that readers need not know where it is from.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Generic, NamedTuple, TypeVar

from exporter.cluster.resource import Ref
from exporter.joins.images import StoredImage
from exporter.model.cdi import DataImportCron
from exporter.model.wire import ABSENT

T = TypeVar("T")


class Evidence(StrEnum):
    """Where a fact is known from, the strongest first."""

    REGISTRY = "registry"
    """The registry answered."""
    CDI = "cdi"
    """CDI has written it into the DataImportCron."""
    VOLUME = "volume"
    """The PersistentVolumeClaim or VolumeSnapshot says so."""
    NAME = "name"
    """It follows from the name that CDI gives to images."""
    CLONES = "clones"
    """It follows from the volumes that were cloned from the image."""


class Fact(NamedTuple, Generic[T]):
    """Something that is known of an image."""

    value: T
    evidence: Evidence
    as_of: datetime | None = None
    """When it was last seen to be so; None: it is read from an object that is watched, so it is so now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageFacts:
    """What is known of the image that the next virtual machine of a DataSource boots. None: not known."""

    data_source: Ref
    cron: Ref | None
    """The DataImportCron that keeps it up to date; None for an image that somebody has made or uploaded."""
    image: Ref
    """The PersistentVolumeClaim or VolumeSnapshot that the DataSource stands for."""
    seen: bool
    """It is there; False if it does not exist, or cannot be read."""
    digest: Fact[str] | None = None
    """With evidence `cdi` the whole digest, such as `sha256:1f2e...`; with `name` its first twelve digits."""
    imported: Fact[datetime] | None = None
    """The age of the image: it is at least as old as this. With evidence `cdi` when CDI first imported this image,
    which an import of the same image to another StorageClass does not change; else when the volume was made."""
    first_import: Fact[datetime] | None = None
    """When the oldest image of the boot source was made that still exists. Deleted ones leave no trace."""
    size: Fact[int] | None = None
    """Bytes: the capacity of a claim, or what a volume needs that is restored from the snapshot. Storage that
    provisions thinly, or shares blocks with clones, uses less."""
    storage_class: Fact[str] | None = None
    """Where it is. Of a snapshot only CDI knows."""
    proven_newest: Fact[datetime] | None = None
    """When it was last certain that the source has nothing newer."""
    old: tuple[StoredImage, ...] = ()
    """Images of its DataImportCron that are neither the newest nor in use by any DataSource."""

    @property
    def format(self) -> str:
        """How it is kept: `pvc` or `snapshot`."""
        return "snapshot" if self.image.kind == "VolumeSnapshot" else "pvc"


class ImageGeneration(NamedTuple):
    """One of the images that a DataSource has stood for, or several of the oldest together."""

    name: str
    """Of the claim or snapshot; "" for several images together."""
    made: datetime | None
    """It is at least as old as this: when it was imported; of a deleted one when its first clone was made, up to
    four weeks late. None if nothing tells."""
    evidence: Evidence
    """Where that is known from."""
    exists: bool
    volumes: int
    """Finished DataVolumes that were cloned from it, nearly always one for each virtual machine."""
    images: int = 1


def count_volumes_older(generations: Iterable[ImageGeneration], than: datetime) -> int:
    """How many volumes were cloned from an image that was there before this instant.

    Those of an image that nothing dates are left out.
    """
    return sum(one.volumes for one in generations if one.made is not None and one.made < than)


def proven_newest(cron: DataImportCron) -> Fact[datetime] | None:
    """When the image of a DataImportCron was last proven to be the newest, by what CDI says; None if it never was.

    That is the last successful poll while the image is up to date, else when it became outdated.
    """
    told = cron.condition("UpToDate")
    if told is ABSENT or cron.status.last_import_timestamp is None:
        return None
    at = cron.last_poll if told.true else told.last_transition_time if told.false else None
    return Fact(at, Evidence.CDI, at) if at is not None else None
