"""Names of which some parts are known only once a template is processed: literal text between parameters.

Matched segment by segment and never by a regular expression: every tenant who can create a template chooses the text,
and eight parameters in a row kept Python's engine busy for minutes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from exporter.kube.contract import Key
from exporter.model.clones import Reference

MOST_PATTERNS: Final = 1000
"""Distinct patterns that are compared with every DataSource. A cluster has a handful; more would cost every evaluation."""
_PARAMETER: Final = re.compile(r"\$\{\{?\w+\}?\}")

Segments = tuple[str, ...]
"""The literal parts of a text, in order; between two of them stands anything."""
_ANYTHING: Final[Segments] = ("", "")


class Pattern(NamedTuple):
    """What a reference may name."""

    namespace: Segments
    name: Segments

    def matches(self, key: Key) -> bool:
        """Whether some values of the parameters make it this name."""
        return matches_any(self.namespace, key.namespace) and matches_any(self.name, key.name)


def patterns_of(references: Iterable[Reference]) -> list[Pattern]:
    """The distinct patterns of the references that have parameters without a value."""
    return sorted({Pattern(_is_open(r.namespace), _is_open(r.name)) for r in references if r.dynamic})


def _is_open(text: str) -> Segments:
    """An empty text is one that is not known at all."""
    return tuple(_PARAMETER.split(text)) if text else _ANYTHING


def matches_any(segments: Segments, text: str) -> bool:
    """Whether the text is these segments with anything between them. Linear in the text for each segment."""
    first, *middle = segments
    if not middle:
        return text == first
    last = middle.pop()
    if not (text.startswith(first) and text.endswith(last)):
        return False
    at, end = len(first), len(text) - len(last)
    for segment in filter(None, middle):
        # The earliest place leaves the most room for the segments that follow.
        at = text.find(segment, at, end)
        if at < 0:
            return False
        at += len(segment)
    return at <= end
