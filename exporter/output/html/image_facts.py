"""What is known of an image, each fact with where it is known from, and the images before it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

import htpy as h

from exporter.base.phrases import counted
from exporter.base.sizes import format_gib
from exporter.boot_sources.image_facts import Generation, ImageFacts, TextFact, TimeFact
from exporter.joins.image_facts import Evidence
from exporter.output.html.parts import moment

_KNOWN_BY: Final = {
    Evidence.REGISTRY: "its registry says so",
    Evidence.CDI: "the DataImportCron says so",
    Evidence.VOLUME: "its volume says so",
    Evidence.LABEL: "a label says so",
    Evidence.NAME: "read from a name",
    Evidence.CLONES: "by its oldest clone, to within four weeks",
}


def fact_pairs(facts: ImageFacts, now: datetime) -> Iterator[tuple[h.Node, h.Node]]:
    """Names and values for a list; what is not known says so, or is left out where it seldom is known."""
    yield "Operating system", _text(facts.operating_system) or "not known"
    yield "Maintained", _maintained(facts, now)
    yield "Imported", _time(facts.imported, now) or "not known"
    yield "Digest", _text(facts.digest, ".mono")
    size = facts.size_bytes
    yield "Size", [format_gib(size.value), _known_by(size.evidence)] if size else "not known"
    yield "Proven newest", _time(facts.proven_newest, now)
    if facts.old_images:
        unknown = "" if facts.old_image_bytes else " of unknown size"
        size_of = f", {format_gib(facts.old_image_bytes)}" if facts.old_image_bytes else unknown
        yield "Old images", f"{counted(facts.old_images, 'image')} that nothing boots any more{size_of}"


def generation_table(generations: Sequence[Generation], now: datetime) -> h.Node:
    """The images that virtual machines run from; nothing if only the current one is known."""
    if len(generations) < 2:
        return None
    rows = (
        h.tr[
            h.td(".mono")[one.name or f"{one.images} older images"],
            h.td[_state(number, one)],
            h.td[moment(one.made, now) or "not known", _known_by(one.evidence) if one.made else None],
            h.td[counted(one.volumes, "disk")],
        ]
        for number, one in enumerate(generations)
    )
    return h.table[
        h.thead[h.tr[h.th["Image"], h.th["State"], h.th["At least as old as"], h.th["Cloned from it"]]], h.tbody[rows]
    ]


def _state(number: int, one: Generation) -> str:
    return "boots next" if number == 0 else "exists" if one.exists else "deleted"


def _maintained(facts: ImageFacts, now: datetime) -> h.Node:
    end = facts.maintenance
    if end is None:
        return None
    by = f"by the exporter's table of {end.compiled:%Y-%m}" if end.compiled else "as configured"
    return ["ended " if end.ends <= now else "ends ", moment(end.ends, now), h.span(".small.dim")[f" {by}"]]


def _text(fact: TextFact | None, style: str = "") -> h.Node:
    if fact is None:
        return None
    return [h.span(style)[fact.value] if style else fact.value, _known_by(fact.evidence)]


def _time(fact: TimeFact | None, now: datetime) -> h.Node:
    return [moment(fact.value, now), _known_by(fact.evidence)] if fact else None


def _known_by(evidence: Evidence) -> h.Node:
    return h.span(".small.dim")[f" ({_KNOWN_BY[evidence]})"]
