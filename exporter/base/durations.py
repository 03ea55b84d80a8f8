"""The one grammar of durations: `30m` in flags, environment, file and thresholds, `30 minutes` in a sentence."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final

UNITS: Final = {
    "d": ("day", timedelta(days=1)),
    "h": ("hour", timedelta(hours=1)),
    "m": ("minute", timedelta(minutes=1)),
    "s": ("second", timedelta(seconds=1)),
}
PATTERN: Final = r"[0-9]{1,6}[smhd]"
"""A number and one unit, for JSON schemas. `parse_duration` also checks the limit of 366 days."""
LONGEST: Final = timedelta(days=366)


def parse_duration(text: str) -> timedelta:
    """Parse `90s`, `30m`, `2h` or `7d`.

    Raises ValueError for anything else and above 366 days. Its message continues a sentence that begins with the text.
    """
    match = re.fullmatch(r"([0-9]{1,6})([smhd])", text)
    value = int(match[1]) * UNITS[match[2]][1] if match else LONGEST * 2
    if value > LONGEST:
        raise ValueError("is not a span of time up to 366d; write for instance 90s, 30m, 2h or 7d")
    return value


def format_short(value: timedelta) -> str:
    """Write a duration the way `parse_duration` reads it, in the largest unit without a remainder: `2h`, not `120m`."""
    count, letter = _largest_unit(value)
    return f"{count}{letter}"


def format_duration(value: timedelta) -> str:
    """Write a duration for a sentence, in the largest unit without a remainder: `2 hours`, `1 day`."""
    count, letter = _largest_unit(value)
    return f"{count} {UNITS[letter][0]}{'' if count == 1 else 's'}"


def format_age(since: datetime, now: datetime) -> str:
    """Write how long ago an instant is, in one unit: `20 minutes`, `5 hours`, `12 days`; at least `1 minute`."""
    minutes = max((now - since) // timedelta(minutes=1), 1)
    if minutes >= 48 * 60:
        return f"{minutes // (24 * 60)} days"
    if minutes >= 120:
        return f"{minutes // 60} hours"
    return f"{minutes} minute{'' if minutes == 1 else 's'}"


def format_rough(span: timedelta) -> str:
    """Write a duration for a column, in one unit that `parse_duration` reads: `20m`, `5h`, `12d`; at least `0m`."""
    minutes = max(span // timedelta(minutes=1), 0)
    if minutes >= 48 * 60:
        return f"{minutes // (24 * 60)}d"
    return f"{minutes // 60}h" if minutes >= 120 else f"{minutes}m"


def format_limit(value: timedelta | int) -> str:
    """Write a threshold the way the configuration file has it: a duration such as `30m`, or a plain number."""
    return format_short(value) if isinstance(value, timedelta) else str(value)


def _largest_unit(value: timedelta) -> tuple[int, str]:
    for letter, (_, unit) in UNITS.items():
        count, rest = divmod(value, unit)
        if count and not rest:
            return count, letter
    return value // timedelta(seconds=1), "s"
