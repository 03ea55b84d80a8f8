"""Fields that do not exist: misspelt ones, and known ones at a wrong place."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Final

from exporter.joins.admission import Path
from exporter.joins.admission.schema import CRON, SchemaNode
from exporter.lint.rule import Edit, KeyRename, Problem, field_text

_ALIKE: Final = 0.8


def unknown_field(path: Path, subject: str, reader: str, root: SchemaNode = CRON) -> Problem:
    """A field that the schema does not have, with the one that was most likely meant."""
    name, here = path[-1], node_at(root, path[:-1])
    siblings = tuple(here.fields) if here is not None else ()
    near = nearest(name, siblings)
    places = [place for place in places_of(root).get(name, ()) if place != path]
    edits: tuple[Edit, ...] = ()
    if near:
        remedy, edits = f"Did you mean {near}?", (KeyRename(path, near),)
    elif places:
        where = " or ".join(field_text(place) for place in sorted(places, key=lambda p: _distance(p, path))[:2])
        remedy = f"Move it to {where}; check the indentation"
    else:
        remedy = "Remove it, or correct its name"
    return Problem(
        rule="field-unknown",
        path=path,
        summary=f"{subject} has a field that {reader} does not know and the API server drops: {field_text(path)}",
        remedy=remedy,
        edits=edits,
        certain=True,
    )


def nearest(name: str, known: tuple[str, ...]) -> str:
    """The known name that a misspelt one most likely stands for; "" if there is none."""
    same = next((k for k in known if k.lower() == name.lower() and k != name), "")
    if same:
        return same
    plural = next((k for k in known if name != k and name.rstrip("s") == k.rstrip("s")), "")
    return plural or next(iter(difflib.get_close_matches(name[:60], known, n=1, cutoff=_ALIKE)), "")


def node_at(root: SchemaNode, path: Path) -> SchemaNode | None:
    """What the schema says of a path; None if it does not know it."""
    here: SchemaNode | None = root
    for step in path:
        here = (here.fields.get(step) or here.values) if here is not None else None
    return here


def places_of(root: SchemaNode) -> Mapping[str, tuple[Path, ...]]:
    """Where each name of the schema stands."""
    found: dict[str, list[Path]] = {}
    for path in _walk(root, ()):
        found.setdefault(path[-1], []).append(path)
    return {name: tuple(paths) for name, paths in found.items()}


def _walk(node: SchemaNode, at: Path) -> Iterator[Path]:
    for name, below in node.fields.items():
        yield (*at, name)
        yield from _walk(below, (*at, name))


def _distance(one: Path, other: Path) -> int:
    same = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return len(one) + len(other) - 2 * same
