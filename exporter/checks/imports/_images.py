"""How findings speak of images: their age, their size, and where that is known from."""

from __future__ import annotations

from typing import Final

from exporter.base.sizes import format_gib
from exporter.joins.boot_images import StoredBytes
from exporter.joins.image_facts import Evidence, Fact, ImageFacts
from exporter.joins.operating_systems import System

_KNOWN_BY: Final = {
    Evidence.CDI: "by the DataImportCron",
    Evidence.VOLUME: "by the creation of its volume",
    Evidence.LABEL: "by a label",
    Evidence.NAME: "by its name",
}


def is_booted(image: ImageFacts) -> bool:
    """The image is there, and the DataSource stands for it by itself."""
    return image.seen and not image.pointer


def known_by(evidence: Evidence) -> str:
    """Where a fact is known from: `by a label`."""
    return _KNOWN_BY.get(evidence, f"by {evidence}")


def describe_system(system: Fact[System]) -> str:
    """`Fedora 40 (by a label)`."""
    return f"{system.value} ({known_by(system.evidence)})"


def describe_size(stored: StoredBytes) -> str:
    """`up to 90 GiB`, or `up to 90 GiB and 1 of unknown size`."""
    unsized = f" and {stored.unsized} of unknown size" if stored.unsized else ""
    return f"up to {format_gib(stored.size)}{unsized}"
