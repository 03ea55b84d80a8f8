"""How CDI reads a schedule (robfig/cron): from text to a Schedule, or why it is refused. Pure, linear in the text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from exporter.schedule.fields import DESCRIPTORS, EVERY, FIELDS, Field
from exporter.schedule.legacy import is_legacy
from exporter.schedule.schedule import Schedule

_EXCERPT: Final = 40
"""Characters of the schedule that a reason quotes."""
_SHORT: Final = 256
"""Characters of a schedule that is kept with what it means; longer ones would fill memory, and are read each time."""
_MAX_INT: Final = 2**63 - 1
"""Largest int and longest duration (in ns) that Go holds."""
_FIVE: Final = "5 (minute, hour, day of month, month, day of week)"
_NANOSECONDS: Final = {
    "ns": 1,
    "us": 10**3,
    "µs": 10**3,  # micro sign
    "\u03bcs": 10**3,  # Greek letter mu
    "ms": 10**6,
    "s": 10**9,
    "m": 60 * 10**9,
    "h": 3600 * 10**9,
}
_SPACE: Final = (
    "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"
)
"""What Go calls white space; str.split() also splits at the separators U+001C to U+001F."""
_WORD: Final = re.compile(f"[^{_SPACE}]+")
_INTEGER: Final = re.compile(r"[+-]?[0-9]+")


# Possessive, so that ten thousand digits without a unit are refused in one pass.
_DURATION_PART: Final = re.compile(r"([0-9]*+)(?:\.([0-9]*+))?+([^0-9.]++)")


class ScheduleProblem(StrEnum):
    """Why a schedule is invalid."""

    FIELD_COUNT = "field-count"
    """Not five fields."""
    NUMBER = "number"
    """Neither a number that Go can hold nor a name known in this field."""
    RANGE = "range"
    """A value outside what the field allows."""
    REVERSED = "reversed"
    """A range whose end comes before its start."""
    HYPHENS = "hyphens"
    """A range of more than two values."""
    SLASHES = "slashes"
    """More than one step."""
    STEP = "step"
    """A step that is not a positive number."""
    DESCRIPTOR = "descriptor"
    """A word with @ that does not exist."""
    DURATION = "duration"
    """`@every` with something that is not a Go duration."""
    ZONE = "zone"
    """A time zone that is not in the time zone database."""
    ZONE_ALONE = "zone-alone"
    """A time zone and no space after it, which makes robfig/cron panic."""


@dataclass(frozen=True, slots=True)
class DisabledSchedule:
    """The empty schedule: CDI never polls (since 1.58), something outside brings the digests."""


@dataclass(frozen=True, slots=True)
class InvalidSchedule:
    """A schedule that CDI refuses."""

    text: str
    problem: ScheduleProblem
    reason: str
    """Which field is wrong, how, and what to write instead; one clause, short and printable whatever the text holds."""
    maybe_legacy: bool = False
    """The grammar of CDI before 1.59 (gorhill/cronexpr: seconds, years, L, W, #, 7, full names) accepts it."""


def parse_schedule(text: str) -> Schedule | DisabledSchedule | InvalidSchedule:
    """Read a schedule as CDI does. Never raises, whatever the text; takes time in proportion to its length."""
    return _parse_short(text) if len(text) <= _SHORT else _parse_any(text)


def _parse_any(text: str) -> Schedule | DisabledSchedule | InvalidSchedule:
    if text == "":
        return DisabledSchedule()
    try:
        return _parse(text)
    except _RefusedError as error:
        return InvalidSchedule(text, error.problem, error.reason, maybe_legacy=is_legacy(text))


_parse_short: Final = lru_cache(maxsize=4096)(_parse_any)
"""Several checks, metrics and rules of admission read each schedule."""


class _RefusedError(Exception):
    """Ends the reading of an invalid schedule."""

    def __init__(self, problem: ScheduleProblem, reason: str) -> None:
        super().__init__(reason)
        self.problem = problem
        self.reason = reason


def _parse(text: str) -> Schedule:
    rest, zone = text, ""
    if text.startswith(("TZ=", "CRON_TZ=")):
        prefix, space, rest = text.partition(" ")
        zone = _zone(prefix.partition("=")[2], alone=not space)
        # robfig/cron strips white space only after a zone: without one, a space before an @ makes the schedule invalid.
        rest = rest.strip(_SPACE)
    if rest.startswith(EVERY):
        return Schedule(text, interval=_interval(rest.removeprefix(EVERY)), zone=zone)
    if rest.startswith("@"):
        if rest not in DESCRIPTORS:
            known = ", ".join((*DESCRIPTORS, "@every DURATION"))
            raise _RefusedError(
                ScheduleProblem.DESCRIPTOR, f"the descriptor {_quote(rest)} does not exist: write one of {known}"
            )
        rest = DESCRIPTORS[rest]
    fields = _WORD.findall(rest)
    if len(fields) != 5:
        raise _RefusedError(ScheduleProblem.FIELD_COUNT, f"it has {len(fields)} fields: write exactly {_FIVE}")
    read = [_values(text, field) for text, field in zip(fields, FIELDS, strict=True)]
    (minutes, _), (hours, _), (days, any_day), (months, _), (weekdays, any_weekday) = read
    if not (any_day or any_weekday):
        days, weekdays = _parse_alternatives(days, weekdays)
    return Schedule(text, minutes, hours, days, months, weekdays, zone=zone)


def _parse_alternatives(days: tuple[int, ...], weekdays: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Normalise days and weekdays of which one must match, for a reader who wants both if one of them is full.

    Two that match nothing stay as they are.
    """
    every_day, every_weekday = FIELDS[2].all, FIELDS[4].all
    if every_day == days or every_weekday == weekdays:
        return every_day, every_weekday
    return (days or every_day, weekdays or every_weekday) if days or weekdays else (days, weekdays)


def _values(text: str, field: Field) -> tuple[tuple[int, ...], bool]:
    """The values that a field stands for, and whether it is a star.

    robfig/cron marks a field as star if one of its items is `*` or `?` with no step above 1; `0-6` is no star.
    """
    values: set[int] = set()
    star = False
    for item in dict.fromkeys(text.split(",")):
        if item:
            span, is_star = _span(item, field)
            values.update(span)
            star = star or is_star
    return tuple(sorted(values)), star


def _span(item: str, field: Field) -> tuple[range, bool]:
    """The values of one item of a list, and whether it is a star."""
    bounds, *steps = item.split("/")
    low, *highs = bounds.split("-")
    # robfig/cron does not look at what follows the hyphen of a star.
    star = low in ("*", "?")
    if star:
        start, end = field.low, field.high
    else:
        start = _number(low, item, field)
        if len(highs) > 1:
            raise _refuse(ScheduleProblem.HYPHENS, item, field, "has more than one hyphen", "write a range as LOW-HIGH")
        end = _number(highs[0], item, field) if highs else field.high if steps else start
    if len(steps) > 1:
        raise _refuse(ScheduleProblem.SLASHES, item, field, "has more than one step", "write a step as RANGE/STEP")
    step = _step(steps[0], item, field) if steps else 1
    if start < field.low or end > field.high:
        sunday = end == 7 and field.high == 6
        fix = "Sunday is 0 or sun" if sunday else f"write values from {field.low} to {field.high}"
        raise _refuse(ScheduleProblem.RANGE, item, field, f"is outside {field.low} to {field.high}", fix)
    if start > end:
        raise _refuse(
            ScheduleProblem.REVERSED, item, field, "runs backwards", "write two ranges, each from low to high"
        )
    return range(start, end + 1, step), star and step == 1


def _number(text: str, item: str, field: Field) -> int:
    # Go turns this one letter, a capital I with a dot, into a plain i; Python adds a combining dot.
    name = text.replace("\u0130", "i").lower()
    if name in field.names:
        return field.names[name]
    number = _atoi(text)
    if number is None:
        names = f" or a name such as {next(iter(field.names))}" if field.names else ""
        raise _refuse(
            ScheduleProblem.NUMBER, item, field, "cannot be read", f"write plain numbers{names}, and no L, W, # or H"
        )
    return number


def _step(text: str, item: str, field: Field) -> int:
    step = _atoi(text)
    if step is None or step < 1:
        raise _refuse(
            ScheduleProblem.STEP, item, field, "has a step that is not positive", "write a number from 1 on after /"
        )
    return step


def _atoi(text: str) -> int | None:
    """A number as Go's strconv.Atoi reads it: ASCII digits after at most one sign, in 64 bits."""
    if not _INTEGER.fullmatch(text):
        return None
    digits = text.lstrip("+-").lstrip("0")
    if len(digits) > 19:  # int() refuses thousands of digits
        return None
    value = -int(digits or "0") if text[0] == "-" else int(digits or "0")
    return value if -_MAX_INT - 1 <= value <= _MAX_INT else None


def _interval(text: str) -> timedelta:
    """The duration of `@every`: cut to whole seconds, and at least one second."""
    nanoseconds = _nanoseconds(text)
    if nanoseconds is None:
        raise _RefusedError(
            ScheduleProblem.DURATION, f"@every {_quote(text)} is not a Go duration: write it like @every 1h30m"
        )
    return timedelta(seconds=max(1, nanoseconds // 10**9))


def _nanoseconds(text: str) -> int | None:
    """A duration as Go's time.ParseDuration reads it; None if it refuses."""
    negative = text.startswith("-")
    rest = text[1:] if text[:1] in ("+", "-") else text
    if rest == "0":
        return 0
    total = at = 0
    while at < len(rest):
        part = _DURATION_PART.match(rest, at)
        nanoseconds = _part(part) if part else None
        if part is None or nanoseconds is None:
            return None
        total += nanoseconds
        at = part.end()
        if total > _MAX_INT + 1:
            return None
    if not rest or total > _MAX_INT + negative:
        return None
    return -total if negative else total


def _part(part: re.Match[str]) -> int | None:
    """Nanoseconds of a number and its unit."""
    whole, fraction, unit = part[1].lstrip("0"), part[2] or "", _NANOSECONDS.get(part[3])
    if unit is None or not (part[1] or fraction) or len(whole) > 19:
        return None
    total = int(whole or "0") * unit
    # Go takes as many digits of the fraction as fit into 63 bits, and multiplies as floating point.
    digits = fraction.lstrip("0")
    taken = digits[:19] if int(digits[:19] or "0") <= _MAX_INT + 1 else digits[:18]
    scale = float(f"1e{len(fraction) - len(digits) + len(taken)}")
    return total + int(float(int(taken or "0")) * (unit / scale))


def _zone(name: str, *, alone: bool) -> str:
    """The name of a time zone, if it exists. Go takes an empty name for UTC."""
    if alone:
        raise _RefusedError(
            ScheduleProblem.ZONE_ALONE, f"a space and {_FIVE} fields must follow the time zone, or CDI's parser crashes"
        )
    if name in ("", "UTC", "Local"):
        return name or "UTC"
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise _RefusedError(
            ScheduleProblem.ZONE,
            f"the time zone {_quote(name)} is not known: write a name such as Europe/Berlin, or leave it out",
        ) from error
    return name


def _refuse(problem: ScheduleProblem, item: str, field: Field, wrong: str, fix: str) -> _RefusedError:
    return _RefusedError(problem, f"the {field.name} {_quote(item)} {wrong}: {fix}")


def _quote(text: str) -> str:
    """An excerpt in ASCII: the text may hold anything, and be long, also by what stands for what ASCII lacks."""
    kept = text[:_EXCERPT]
    while len(ascii(kept)) > 2 * _EXCERPT:
        kept = kept[:-1]
    return ascii(kept if kept == text else kept + "...")
