"""Long texts and lists in messages: shortened so that a reader sees what is left out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

_SHOWN: Final = 5
"""Names in one sentence: more of them hide what the sentence says."""
_LONGEST: Final = 400
_GAP: Final = " [...] "


def list_some(names: Iterable[str], shown: int = _SHOWN) -> str:
    """`a, b and 7 more`. A list that is just one longer than allowed is shown whole: the count would be no shorter."""
    every = tuple(names)
    if len(every) <= shown + 1:
        return ", ".join(every)
    return f"{', '.join(every[:shown])} and {len(every) - shown} more"


def both_ends(text: str, longest: int = _LONGEST) -> str:
    """A message, or its beginning and its end: Go wraps errors, so that the cause stands last."""
    if len(text) <= longest:
        return text
    room = longest - len(_GAP)
    head = room // 3
    return f"{text[:head].rstrip()}{_GAP}{text[head - room :].lstrip()}"


def excerpt(text: str, most: int) -> str:
    """The text, or both its ends with how much is left out between them: a bound on what is kept, not a way of wording.

    Errors tell the cause first or last. `both_ends` is for a text that stands in a sentence.
    """
    if len(text) <= most:
        return text
    ends = max(most - 40, 2)
    head, tail = ends - ends // 3, ends // 3
    return f"{text[:head]} [... {len(text) - head - tail} characters left out ...] {text[-tail:]}"


def count_of(part: int, whole: int, noun: str) -> str:
    """`3 of 4 boot sources`, `all 4 boot sources`, `the only boot source`."""
    if part == whole:
        return f"the only {noun}" if whole == 1 else f"all {whole} {noun}s"
    return f"{part} of {whole} {noun}s"


def cut(text: str, width: int) -> str:
    """The text, or its beginning and `...` if it does not fit into this many columns."""
    return text if len(text) <= width else text[: max(width - 3, 0)].rstrip() + "..."
