"""What is known of the image of a boot source, with where each fact is known from, as the document has it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TypeVar

from exporter.boot_sources.known_view import KnownView
from exporter.cluster.resources import DATA_SOURCES
from exporter.joins import image_facts as joined
from exporter.joins.boot_images import boot_images, image_generations, sum_sizes
from exporter.joins.lifecycle import EndOfLife
from exporter.kube.contract import Key
from exporter.report import document

T = TypeVar("T")


@document
class TextFact:
    """A text, and where it is known from."""

    value: str
    evidence: joined.Evidence
    as_of: datetime | None
    """When it was last seen to be so; null: it is read from an object that is watched, so it is so now."""


@document
class TimeFact:
    """An instant, and where it is known from."""

    value: datetime
    evidence: joined.Evidence
    as_of: datetime | None


@document
class SizeFact:
    """A number of bytes, and where it is known from."""

    value: int
    evidence: joined.Evidence
    as_of: datetime | None


@document
class Maintenance:
    """Until when the maker of the operating system maintains the release."""

    ends: datetime
    """The end of the last day."""
    compiled: date | None
    """When the table was compiled that says so; null if it is configured."""


@document
class Generation:
    """One of the images that the DataSource has stood for, or several of the oldest together."""

    name: str
    """Of the claim or snapshot; "" for several images together."""
    made: datetime | None
    """It is at least as old as this; null if nothing tells."""
    evidence: joined.Evidence
    """Where that is known from: of a deleted image `clones`, to within four weeks."""
    exists: bool
    images: int
    volumes: int
    """Finished DataVolumes that were cloned from it, nearly always one for each virtual machine."""


@document
class ImageFacts:
    """What is known of the image that the next virtual machine boots. What is not known is null."""

    digest: TextFact | None
    """The whole digest, or with evidence `name` its first twelve digits."""
    imported: TimeFact | None
    """The image is at least as old as this."""
    first_import: TimeFact | None
    """When the oldest image was made that still exists."""
    size_bytes: SizeFact | None
    """Capacity of the claim, or what a volume needs that is restored from the snapshot."""
    storage_class: TextFact | None
    operating_system: TextFact | None
    maintenance: Maintenance | None
    proven_newest: TimeFact | None
    """When it was last certain that the source has nothing newer."""
    old_images: int
    """Images of its DataImportCron that nothing boots any more."""
    old_image_bytes: int
    """Their size, as far as it is known."""
    generations: tuple[Generation, ...] | None
    """The current image first, then the newest."""


def facts_of_image(key: Key, known: KnownView) -> ImageFacts | None:
    """The facts about the image of a DataSource; None if it is not there or not known."""
    ref = DATA_SOURCES.ref(*key)
    facts = (known.join(boot_images) or {}).get(ref)
    if facts is None or not facts.seen:
        return None
    generations = known.join(image_generations)
    old = sum_sizes(facts.old)
    return ImageFacts(
        digest=_text(facts.digest),
        imported=_time(facts.imported),
        first_import=_time(facts.first_import),
        size_bytes=SizeFact(value=facts.size.value, evidence=facts.size.evidence, as_of=facts.size.as_of)
        if facts.size
        else None,
        storage_class=_text(facts.storage_class),
        operating_system=_text(facts.system),
        maintenance=_maintenance(facts.end_of_life),
        proven_newest=_time(facts.proven_newest),
        old_images=old.images,
        old_image_bytes=old.size,
        generations=_generations(generations.get(ref, ())) if generations is not None else None,
    )


def _text(fact: joined.Fact[T] | None) -> TextFact | None:
    return TextFact(value=str(fact.value), evidence=fact.evidence, as_of=fact.as_of) if fact else None


def _time(fact: joined.Fact[datetime] | None) -> TimeFact | None:
    return TimeFact(value=fact.value, evidence=fact.evidence, as_of=fact.as_of) if fact else None


def _maintenance(end: EndOfLife | None) -> Maintenance | None:
    return Maintenance(ends=end.at, compiled=end.compiled) if end else None


def _generations(generations: Sequence[joined.ImageGeneration]) -> tuple[Generation, ...]:
    return tuple(
        Generation(
            name=one.name,
            made=one.made,
            evidence=one.evidence,
            exists=one.exists,
            images=one.images,
            volumes=one.volumes,
        )
        for one in generations
    )
