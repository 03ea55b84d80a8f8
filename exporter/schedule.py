"""The cron dialect of CDI: robfig/cron v3 `ParseStandard`, which CDI uses since 1.59, as Kubernetes does for CronJobs.

The dialect is neither Vixie's nor croniter's: exactly five fields, Sunday is 0 and never 7, `n/step` runs to the end of
the range, empty items of a list are skipped, and day of month and day of week must both match if one of them is a star.
So each field is read here into the values it stands for; croniter does the arithmetic of dates on a canonical schedule,
which holds nothing but `*` and lists of plain numbers and so means the same to every cron.

Pure: no clock, no state. The only input besides the arguments is the time zone database, for schedules with a zone.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, timedelta, tzinfo
from enum import StrEnum
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from croniter import CroniterBadDateError, croniter

_YEARS: Final = 5
"""robfig/cron gives up after the fifth calendar year that follows the current one: the schedule never fires."""
_LEAP: Final = 8
"""Calendar years in which a 29 February is sure to come (1900 and 2100 have none)."""
_LENGTHS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
"""The most days a month can have."""
_SETBACK: Final = timedelta(hours=3)
"""No zone sets its clocks back by more in one go, nor does so twice within that time."""
_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 a wall clock, whichever zone it shows
_DAY: Final = 24 * 60
"""Minutes."""
_EXCERPT: Final = 40
"""Characters of the schedule that a reason quotes."""
_MAX_INT: Final = 2**63 - 1
"""Largest int and longest duration (in ns) that Go holds."""

_FIVE: Final = "5 (minute, hour, day of month, month, day of week)"
_DESCRIPTORS: Final = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_EVERY: Final = "@every "
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


class Problem(StrEnum):
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
class Disabled:
    """The empty schedule: CDI never polls (since 1.58), something outside brings the digests."""


@dataclass(frozen=True, slots=True)
class Invalid:
    """A schedule that CDI refuses."""

    text: str
    problem: Problem
    reason: str
    """Which field is wrong, how, and what to write instead; one clause, short and printable whatever the text holds."""
    maybe_legacy: bool = False
    """The grammar of CDI before 1.59 (gorhill/cronexpr: seconds, years, L, W, #, 7, full names) accepts it."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """A schedule that CDI accepts. Instants must be aware; those returned are in UTC.

    The tuples hold the values in ascending order; an empty one (a field of commas only) matches nothing. Days and
    weekdays are normalised: a day counts if both match where either tuple is full, else if one of them matches.
    """

    text: str
    minutes: tuple[int, ...] = ()
    hours: tuple[int, ...] = ()
    days: tuple[int, ...] = ()
    months: tuple[int, ...] = ()
    weekdays: tuple[int, ...] = ()
    """0 is Sunday."""
    interval: timedelta | None = None
    """`@every`: the time between two runs, which follow no wall clock; the tuples are then empty. Whole seconds."""
    zone: str = ""
    """The zone named by TZ= or CRON_TZ=; "" if there is none: the controller's own, in practice UTC."""

    @property
    def canonical(self) -> str:
        """The same schedule in lists of plain numbers and `*` only, without its zone; valid for CDI as well."""
        if self.interval is not None:
            return f"{_EVERY}{self.interval // timedelta(seconds=1)}s"
        fields = (self.minutes, self.hours, self.days, self.months, self.weekdays)
        return " ".join(_written(values, field) for values, field in zip(fields, _FIELDS, strict=True))

    @property
    def cronjob_problem(self) -> str | None:
        """Why Kubernetes refuses a CronJob with this schedule, though its parser is the same; None if it does not.

        Source: validation of batch/v1 refuses to create a CronJob whose schedule holds "TZ" at any place, since
        Kubernetes 1.29; before, it warned and followed the zone.
        """
        if "TZ" not in self.text:
            return None
        if self.zone:
            return "since 1.29 it allows no TZ= or CRON_TZ= in the schedule of a CronJob: write the times in UTC"
        return "since 1.29 it allows no TZ in the schedule of a CronJob, at whatever place: leave these letters out"

    @property
    def time_zone(self) -> tzinfo:
        """The zone whose wall clock the schedule follows. `Local` and no zone are taken for UTC."""
        return UTC if self.zone in ("", "UTC", "Local") else ZoneInfo(self.zone)

    def next_after(self, instant: datetime) -> datetime | None:
        """The first run after the instant; None if there is none up to the end of the fifth year after this one.

        `@every` runs one interval after the instant, cut to whole seconds. Runs at wall clock times that a change to
        summer time skips do not happen; those in an hour that comes twice happen twice. Source: robfig/cron; its slip
        of an hour where a zone changes its clocks at midnight is not imitated.
        """
        start = instant.astimezone(UTC)
        if self.interval is not None:
            start = start.replace(microsecond=0)
            return start + self.interval if self.interval <= datetime.max.replace(tzinfo=UTC) - start else None
        if not self._within_calendar(start):
            return None
        zone = self.time_zone
        # An hour that is about to come again has wall clock times that are not after this one.
        again = max(_offset(start, zone) - _offset(start + _SETBACK, zone), timedelta(0))
        wall = _wall(start, zone)
        best: datetime | None = None
        # robfig/cron looks from the next second on, which may already be in the next year.
        for fire in self._walls(wall - again, _wall(start + timedelta(seconds=1), zone).year + _YEARS, forward=True):
            found = min((i for i in _instants(fire, zone) if i > start), default=None)
            if found is not None:
                best = found if best is None else min(best, found)
                if fire > wall:
                    break
        return best

    def previous_before(self, instant: datetime) -> datetime | None:
        """The latest run at or before the instant; None if there is none back to the fifth year before this one.

        None for `@every`, whose runs follow from the one before: there is no grid to look them up on.
        """
        start = instant.astimezone(UTC)
        if self.interval is not None or not self._within_calendar(start):
            return None
        zone = self.time_zone
        # An hour that has just come again has wall clock times that are not before this one.
        again = max(_offset(start - _SETBACK, zone) - _offset(start, zone), timedelta(0))
        wall = _wall(start, zone)
        best: datetime | None = None
        for fire in self._walls(wall + again, wall.year - _YEARS, forward=False):
            found = max((i for i in _instants(fire, zone) if i <= start), default=None)
            if found is not None:
                best = found if best is None else max(best, found)
                if fire <= wall:
                    break
        return best

    def longest_gap(self, around: datetime) -> timedelta | None:
        """The longest time between two runs in a row in the calendar years from eight before to eight after this one.

        Eight years, so that a yearly run is met at least twice even on 29 February. By the wall clock: the hour that
        changes with summer time is not counted. `@every`: its interval. None if it never runs.
        """
        if self.interval is not None:
            return self.interval
        if not self.fires:
            return None
        hour = max((b - a for a, b in pairwise(self.hours)), default=0)
        width = self.minutes[-1] - self.minutes[0]
        within = max((b - a for a, b in pairwise(self.minutes)), default=0)
        if hour:
            within = max(within, hour * 60 - width)
        night = self._longest_days(min(max(around.year, MINYEAR + _LEAP), MAXYEAR - _LEAP)) * _DAY
        night -= (self.hours[-1] - self.hours[0]) * 60 + width
        return timedelta(minutes=max(within, night))

    @property
    def fires(self) -> bool:
        """Whether some date fits: no field is empty that must match, and a month is long enough."""
        if not (self.minutes and self.hours and self.months):
            return False
        if len(self.weekdays) < 7:
            return bool(self.weekdays)
        return bool(self.days) and any(self.days[0] <= _LENGTHS[month - 1] for month in self.months)

    def _within_calendar(self, instant: datetime) -> bool:
        """Whether there are runs at all, and the search stays within the years that Python can count."""
        return self.fires and MINYEAR + _YEARS < instant.year < MAXYEAR - _YEARS - 1

    def _walls(self, wall: datetime, last: int, *, forward: bool) -> Iterator[datetime]:
        """Times that fit on the wall clock: after this one, or at or before it, up to and with a calendar year."""
        # croniter counts seconds since 1970; it steps back strictly, so it starts from the minute after.
        start = (wall.replace(second=0, microsecond=0) - _EPOCH).total_seconds() + (0 if forward else 60)
        dates = croniter(self.canonical, start, max_years_between_matches=_YEARS + 1)
        while True:
            try:
                seconds: float = dates.get_next(float) if forward else dates.get_prev(float)
            except CroniterBadDateError:
                return
            fire = _EPOCH + timedelta(seconds=seconds)
            if fire.year > last if forward else fire.year < last:
                return
            yield fire

    def _longest_days(self, year: int) -> int:
        """The longest way in days from one date that fits to the next, in the years around this one."""
        if len(self.months) == 12 and len(self.days) == 31:
            return max(b - a for a, b in pairwise((*self.weekdays, self.weekdays[0] + 7)))
        return max(b - a for a, b in pairwise(self._dates(year - _LEAP, year + _LEAP)))

    def _dates(self, first: int, last: int) -> Iterator[int]:
        """The dates that fit in these calendar years, as ordinals."""
        days, weekdays = frozenset(self.days), frozenset(self.weekdays)
        match = all if len(days) == 31 or len(weekdays) == 7 else any
        for year in range(first, last + 1):
            for month in self.months:
                before = date(year, month, 1).toordinal() - 1  # ordinal 7 is a Sunday
                for day in range(1, monthrange(year, month)[1] + 1):
                    if match((day in days, (before + day) % 7 in weekdays)):
                        yield before + day


def parse(text: str) -> Schedule | Disabled | Invalid:
    """Read a schedule as CDI does. Never raises, whatever the text; takes time in proportion to its length."""
    if text == "":
        return Disabled()
    try:
        return _parsed(text)
    except _RefusedError as error:
        return Invalid(text, error.problem, error.reason, maybe_legacy=_is_legacy(text))


class _RefusedError(Exception):
    """Ends the reading of an invalid schedule."""

    def __init__(self, problem: Problem, reason: str) -> None:
        super().__init__(reason)
        self.problem = problem
        self.reason = reason


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    low: int
    high: int
    names: Mapping[str, int]

    @property
    def all(self) -> tuple[int, ...]:
        return tuple(range(self.low, self.high + 1))


_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS: Final = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIELDS: Final = (
    _Field("minute", 0, 59, {}),
    _Field("hour", 0, 23, {}),
    _Field("day of month", 1, 31, {}),
    _Field("month", 1, 12, {name: i for i, name in enumerate(_MONTHS, 1)}),
    _Field("day of week", 0, 6, {name: i for i, name in enumerate(_WEEKDAYS)}),
)


def _parsed(text: str) -> Schedule:
    rest, zone = text, ""
    if text.startswith(("TZ=", "CRON_TZ=")):
        prefix, space, rest = text.partition(" ")
        zone = _zone(prefix.partition("=")[2], alone=not space)
        # Without a zone, white space before an @ is not stripped: such a schedule is refused.
        rest = rest.strip(_SPACE)
    if rest.startswith(_EVERY):
        return Schedule(text, interval=_interval(rest.removeprefix(_EVERY)), zone=zone)
    if rest.startswith("@"):
        if rest not in _DESCRIPTORS:
            known = ", ".join((*_DESCRIPTORS, "@every DURATION"))
            raise _RefusedError(
                Problem.DESCRIPTOR, f"the descriptor {_quoted(rest)} does not exist: write one of {known}"
            )
        rest = _DESCRIPTORS[rest]
    fields = _WORD.findall(rest)
    if len(fields) != 5:
        raise _RefusedError(Problem.FIELD_COUNT, f"it has {len(fields)} fields: write exactly {_FIVE}")
    read = [_values(text, field) for text, field in zip(fields, _FIELDS, strict=True)]
    (minutes, _), (hours, _), (days, any_day), (months, _), (weekdays, any_weekday) = read
    if not (any_day or any_weekday):
        days, weekdays = _either(days, weekdays)
    return Schedule(text, minutes, hours, days, months, weekdays, zone=zone)


def _either(days: tuple[int, ...], weekdays: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Normalise days and weekdays of which one must match, for a reader who wants both if one of them is full.

    Two that match nothing stay as they are.
    """
    every_day, every_weekday = _FIELDS[2].all, _FIELDS[4].all
    if every_day == days or every_weekday == weekdays:
        return every_day, every_weekday
    return (days or every_day, weekdays or every_weekday) if days or weekdays else (days, weekdays)


def _values(text: str, field: _Field) -> tuple[tuple[int, ...], bool]:
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


def _span(item: str, field: _Field) -> tuple[range, bool]:
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
            raise _refused(Problem.HYPHENS, item, field, "has more than one hyphen", "write a range as LOW-HIGH")
        end = _number(highs[0], item, field) if highs else field.high if steps else start
    if len(steps) > 1:
        raise _refused(Problem.SLASHES, item, field, "has more than one step", "write a step as RANGE/STEP")
    step = _step(steps[0], item, field) if steps else 1
    if start < field.low or end > field.high:
        sunday = end == 7 and field.high == 6
        fix = "Sunday is 0 or sun" if sunday else f"write values from {field.low} to {field.high}"
        raise _refused(Problem.RANGE, item, field, f"is outside {field.low} to {field.high}", fix)
    if start > end:
        raise _refused(Problem.REVERSED, item, field, "runs backwards", "write two ranges, each from low to high")
    return range(start, end + 1, step), star and step == 1


def _number(text: str, item: str, field: _Field) -> int:
    # Go turns this one letter, a capital I with a dot, into a plain i; Python adds a combining dot.
    name = text.replace("\u0130", "i").lower()
    if name in field.names:
        return field.names[name]
    number = _atoi(text)
    if number is None:
        names = f" or a name such as {next(iter(field.names))}" if field.names else ""
        raise _refused(
            Problem.NUMBER, item, field, "cannot be read", f"write plain numbers{names}, and no L, W, # or H"
        )
    return number


def _step(text: str, item: str, field: _Field) -> int:
    step = _atoi(text)
    if step is None or step < 1:
        raise _refused(Problem.STEP, item, field, "has a step that is not positive", "write a number from 1 on after /")
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
            Problem.DURATION, f"@every {_quoted(text)} is not a Go duration: write it like @every 1h30m"
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
            Problem.ZONE_ALONE, f"a space and {_FIVE} fields must follow the time zone, or CDI's parser crashes"
        )
    if name in ("", "UTC", "Local"):
        return name or "UTC"
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise _RefusedError(
            Problem.ZONE,
            f"the time zone {_quoted(name)} is not known: write a name such as Europe/Berlin, or leave it out",
        ) from error
    return name


def _refused(problem: Problem, item: str, field: _Field, wrong: str, fix: str) -> _RefusedError:
    return _RefusedError(problem, f"the {field.name} {_quoted(item)} {wrong}: {fix}")


def _quoted(text: str) -> str:
    """An excerpt in ASCII: the text may hold anything, and be long, also by what stands for what ASCII lacks."""
    kept = text[:_EXCERPT]
    while len(ascii(kept)) > 2 * _EXCERPT:
        kept = kept[:-1]
    return ascii(kept if kept == text else kept + "...")


def _written(values: tuple[int, ...], field: _Field) -> str:
    if len(values) == field.high - field.low + 1:
        return "*"
    return ",".join(map(str, values)) or ","


def _offset(instant: datetime, zone: tzinfo) -> timedelta:
    return instant.astimezone(zone).utcoffset() or timedelta(0)


def _wall(instant: datetime, zone: tzinfo) -> datetime:
    return instant.astimezone(zone).replace(tzinfo=None, fold=0)


def _instants(wall: datetime, zone: tzinfo) -> Iterator[datetime]:
    """When the clocks of a zone show this time: once; twice in an hour that comes again, never in one left out."""
    for fold in (0, 1):
        instant = wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)
        if _wall(instant, zone) == wall:
            yield instant


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


def _is_legacy(text: str) -> bool:
    """Whether gorhill/cronexpr accepts it: five fields, a sixth for years, a seventh in front for seconds, no end."""
    for word, schedule in _DESCRIPTORS.items():
        text = text.replace(word, f"0 {schedule} *") if word != "@midnight" else text
    fields = _LEGACY_WORD.findall(text.lower())
    grammar = _LEGACY if len(fields) >= 7 else _LEGACY[1 : len(fields) + 1]
    return len(fields) >= 5 and all(field.accepts(text) for field, text in zip(grammar, fields, strict=False))
