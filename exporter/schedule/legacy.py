"""The grammar of CDI before 1.59 (gorhill/cronexpr): which schedules it accepted. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from exporter.schedule.fields import DESCRIPTORS


@dataclass(frozen=True, slots=True)
class _LegacyField:
    """A field in the grammar of gorhill/cronexpr, in lower case."""

    values: str
    high: int
    extra: str = ""
    """What day of month and day of week allow besides; only they refuse nonsense after a `*`."""

    def accepts(self, text: str) -> bool:
        one = f"(?:{self.values})"
        item = re.compile(rf"(?:\*|{one}(?:-{one})?)(?:/([0-9]+))?|\?|{self.extra.format(one)}")
        items = [i for i in text.split(",") if i]
        star = False
        for i in items:
            found = item.fullmatch(i)
            step = (found and found[1]) or "1"
            if not (found or star) or len(step) > 2 or not 1 <= int(step) <= self.high:
                return False
            star = star or (i in ("*", "?") and not self.extra)
        return bool(items)


_LEGACY_WORD: Final = re.compile(r"[^\t\n\f\r ]+")
_LEGACY: Final = (
    _LegacyField("[0-5]?[0-9]", 59),  # second
    _LegacyField("[0-5]?[0-9]", 59),
    _LegacyField("[01]?[0-9]|2[0-3]", 23),
    _LegacyField("0?[1-9]|[12][0-9]|3[01]", 31, "{}w|lw?"),
    _LegacyField(
        "0?[1-9]|1[0-2]|jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:tember)?"
        "|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?",
        12,
    ),
    _LegacyField(
        "0?[0-7]|(?:sun|mon|fri)(?:day)?|tue(?:sday)?|wed(?:nesday)?|thu(?:rsday)?|sat(?:urday)?", 6, "{}(?:l|#[1-5])"
    ),
    _LegacyField("19[789][0-9]|20[0-9][0-9]", 59),  # year
)


def is_legacy(text: str) -> bool:
    """Whether gorhill/cronexpr accepts it: five fields, a sixth for years, a seventh in front for seconds, no end."""
    for word, schedule in DESCRIPTORS.items():
        text = text.replace(word, f"0 {schedule} *") if word != "@midnight" else text
    fields = _LEGACY_WORD.findall(text.lower())
    grammar = _LEGACY if len(fields) >= 7 else _LEGACY[1 : len(fields) + 1]
    return len(fields) >= 5 and all(field.accepts(text) for field, text in zip(grammar, fields, strict=False))
