"""Spans of time as people write and read them: `30m` in a configuration, `30 minutes` in a sentence."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

UNITS: Final = {
    "d": ("day", timedelta(days=1)),
    "h": ("hour", timedelta(hours=1)),
    "m": ("minute", timedelta(minutes=1)),
    "s": ("second", timedelta(seconds=1)),
}
PATTERN: Final = r"[0-9]{1,6}[smhd]"
"""A number and one unit."""
LONGEST: Final = timedelta(days=366)


def parse_duration(text: str) -> timedelta:
    """`90s`, `30m`, `2h`, `7d`; raises ValueError, worded to follow the text."""
    match = re.fullmatch(r"([0-9]{1,6})([smhd])", text)
    value = int(match[1]) * UNITS[match[2]][1] if match else LONGEST * 2
    if value > LONGEST:
        raise ValueError("is not a span of time up to 366d; write for instance 90s, 30m, 2h or 7d")
    return value


def format_short(value: timedelta) -> str:
    """As `parse_duration` reads it, in the largest unit that divides it."""
    count, letter = _largest_unit(value)
    return f"{count}{letter}"


def format_duration(value: timedelta) -> str:
    """In words, in the largest unit that divides it."""
    count, letter = _largest_unit(value)
    return f"{count} {UNITS[letter][0]}{'' if count == 1 else 's'}"


def format_limit(value: timedelta | int) -> str:
    """A threshold as the configuration has it."""
    return format_short(value) if isinstance(value, timedelta) else str(value)


def _largest_unit(value: timedelta) -> tuple[int, str]:
    for letter, (_, unit) in UNITS.items():
        count, rest = divmod(value, unit)
        if count and not rest:
            return count, letter
    return value // timedelta(seconds=1), "s"
