"""Reading a manifest of which nothing is certain, and quoting what stands in it."""

from __future__ import annotations

from typing import Final

from exporter.joins.admission.verdict import Path
from exporter.model.raw import Raw

_SHOWN: Final = 60
"""Characters of a value that a text quotes."""


def value_at(value: object, *path: str) -> object:
    """What stands at a path; None if nothing does, or null."""
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return value


def object_at(value: object, *path: str) -> Raw | None:
    """The object at a path; None if there is none."""
    found = value_at(value, *path)
    return found if isinstance(found, dict) else None


def text_at(value: object, *path: str) -> str | None:
    """The string at a path; None if there is none."""
    found = value_at(value, *path)
    return found if isinstance(found, str) else None


def is_related(one: Path, other: Path) -> bool:
    """One path leads to the other, or both are the same."""
    length = min(len(one), len(other))
    return one[:length] == other[:length]


def quote(value: object) -> str:
    """A value as a text quotes it: short, on one line, never empty."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    text = " ".join(text.split()) or "empty"
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."
