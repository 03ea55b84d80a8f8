"""Annotations and labels that resemble the one which switches an entry on or off, and have no effect."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from typing import Final, NamedTuple

from exporter.model.hco import ENABLE

_YES: Final = {"yes", "y", "on", "1", "t", "tru", "ture", "true", "enable", "enabled"}
_ALIKE: Final = 0.85


class MistypedSwitch(NamedTuple):
    """A key that looks like the switch of an entry and is none."""

    where: str
    """`annotations` or `labels`."""
    key: str
    value: str


def mistyped_switches(annotations: Mapping[str, str], labels: Mapping[str, str]) -> Iterator[MistypedSwitch]:
    """Keys that resemble the right one, and the right one where it does not belong, as far as they say off."""
    for where, marks in (("annotations", annotations), ("labels", labels)):
        for key, value in sorted(marks.items()):
            misplaced = where == "labels" and key == ENABLE
            if (misplaced or (key != ENABLE and _resembles(key))) and meant_value(key, value) == "false":
                yield MistypedSwitch(where, key, value)


def meant_value(key: str, value: str) -> str:
    """What the right annotation should say; a key that speaks of disabling means the opposite."""
    yes = value.strip().lower() in _YES
    return "true" if yes is not ("disable" in key.lower()) else "false"


def _resembles(key: str) -> bool:
    low = key[:200].lower()
    if "dataimportcron" in low and "able" in low.rpartition("/")[2]:
        return True
    return SequenceMatcher(None, low, ENABLE).ratio() >= _ALIKE
