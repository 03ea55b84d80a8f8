"""The cron dialect of CDI: robfig/cron v3 `ParseStandard`, which CDI uses since 1.59, as Kubernetes does for CronJobs.

The dialect is neither Vixie's nor croniter's: exactly five fields, Sunday is 0 and never 7, `n/step` runs to the end of
the range, empty items of a list are skipped, and day of month and day of week must both match if one of them is a star.
So each field is read here into the values it stands for; croniter does the arithmetic of dates on a canonical schedule,
which holds nothing but `*` and lists of plain numbers and so means the same to every cron.

Pure: no clock, no state. The only input besides the arguments is the time zone database, for schedules with a zone.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, timedelta, tzinfo
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from croniter import CroniterBadDateError, croniter

from exporter.schedule.fields import EVERY, FIELDS, Field

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
            return f"{EVERY}{self.interval // timedelta(seconds=1)}s"
        fields = (self.minutes, self.hours, self.days, self.months, self.weekdays)
        return " ".join(_format_values(values, field) for values, field in zip(fields, FIELDS, strict=True))

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


def _format_values(values: tuple[int, ...], field: Field) -> str:
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
