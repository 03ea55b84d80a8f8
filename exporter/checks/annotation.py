"""The suppression annotation: what can be written on an object, and what it means.

One suppression per line: `CHECK[,CHECK]...; reason=TEXT; owner=TEXT[; until=DATE]`, or `*` in place of the checks.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import UTC, date, datetime, time
from typing import Final, NamedTuple

from exporter.checks.policy import EVERY, ExactObject, SuppressionRule
from exporter.cluster.resource import Ref
from exporter.model.bounds import LONGEST_ANNOTATION
from exporter.model.wire import SUPPRESS

FIELD: Final = f"metadata.annotations[{SUPPRESS}]"
MOST_LINES: Final = 20
"""Suppressions that one object may carry. There are fewer than a hundred checks, and a line may name several."""
LONGEST_LINE: Final = 1000
"""Characters of one suppression: its reason is a sentence, not a document."""
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_KEYS: Final = ("reason", "owner", "until")


class MalformedError(ValueError):
    """A suppression says something that cannot be understood; the text tells what, and what to write instead."""


class AnnotationLines(NamedTuple):
    """The suppressions in a value of the annotation."""

    read: list[str]
    """Its lines that are not empty, as far as they are read."""
    left_out: str = ""
    """What is not read, in words; "" if all is."""


def split_lines(text: str) -> AnnotationLines:
    """The lines of a value of the annotation: MOST_LINES of them, out of its first LONGEST_ANNOTATION characters."""
    lines = [line for part in text[:LONGEST_ANNOTATION].splitlines() if (line := part.strip())]
    if len(text) > LONGEST_ANNOTATION:
        # The last line may be cut; half a suppression could mean more than a whole one.
        return AnnotationLines(lines[:-1][:MOST_LINES], f"it is longer than {LONGEST_ANNOTATION} characters")
    if len(lines) > MOST_LINES:
        return AnnotationLines(lines[:MOST_LINES], f"{len(lines) - MOST_LINES} of its {len(lines)} lines are left out")
    return AnnotationLines(lines)


def parse_rule(line: str, ref: Ref, known: Collection[str]) -> SuppressionRule:
    """The rule that a line states about the object that carries it. Raises MalformedError."""
    if len(line) > LONGEST_LINE:
        raise MalformedError(f"has {len(line)} characters, more than {LONGEST_LINE}; shorten its reason")
    words, *pairs = (part.strip() for part in line.split(";"))
    values = _parse_values(pairs)
    missing = [key for key in ("reason", "owner") if not values.get(key)]
    if missing:
        raise MalformedError(f"lacks {' and '.join(missing)}; add `; {missing[0]}=...`")
    try:
        until = parse_expiry(values["until"]) if "until" in values else None
    except ValueError as error:
        raise MalformedError(f"has until {values['until']!r}, which {error}") from None
    return SuppressionRule(
        checks=parse_check_ids(words.split(","), known),
        selector=ExactObject(ref),
        reason=values["reason"],
        owner=values["owner"],
        until=until,
    )


def _parse_values(pairs: list[str]) -> dict[str, str]:
    values: dict[str, str] = {}
    for pair in filter(None, pairs):
        key, equals, value = (part.strip() for part in pair.partition("="))
        if not equals or key not in _KEYS:
            raise MalformedError(f"has {pair!r} where one of {', '.join(f'{k}=...' for k in _KEYS)} is expected")
        if key in values:
            raise MalformedError(f"has {key} twice")
        values[key] = value
    return values


def parse_check_ids(words: Collection[str], known: Collection[str]) -> tuple[str, ...]:
    """Check ids, or `*` alone, out of text. Raises MalformedError."""
    ids = tuple(dict.fromkeys(word.strip() for word in words if word.strip()))
    if not ids:
        raise MalformedError(f"names no check; begin with check ids separated by commas, or with {EVERY}")
    unknown = [word for word in ids if word not in known and word != EVERY]
    if unknown:
        raise MalformedError(f"names {unknown[0]!r}, which is no check that can be suppressed")
    if EVERY in ids and len(ids) > 1:
        raise MalformedError(f"names checks beside {EVERY}, which stands for all; leave out one or the other")
    return ids


def parse_expiry(text: str) -> datetime:
    """A date, which counts until the end of that day in UTC, or an instant with a time zone.

    Raises ValueError, worded to follow the text.
    """
    try:
        at = datetime.combine(date.fromisoformat(text), time(23, 59, 59), UTC) if _DATE.fullmatch(text) else None
        at = at or datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or not 2000 <= at.year < 2200:
        raise ValueError("is neither a date as 2026-12-31 nor an instant in RFC 3339")
    return at.astimezone(UTC)
