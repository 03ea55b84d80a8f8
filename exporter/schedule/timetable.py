"""A cache of fire times: each schedule is computed once between two runs, not once per check and family."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from exporter.schedule.grammar import DisabledSchedule, InvalidSchedule, parse_schedule
from exporter.schedule.schedule import Schedule

_LIMIT: Final = 4096


@dataclass(frozen=True, slots=True)
class FireTimes:
    """The runs of a schedule around an instant; None where there is none within five years or no fixed grid."""

    previous: datetime | None
    next: datetime | None
    gap: timedelta | None
    """The longest time between two runs in a row."""


class ScheduleState(StrEnum):
    """Whether a schedule fires, read as CDI reads it."""

    VALID = "valid"
    DISABLED = "disabled"
    """It is empty: something outside polls."""
    INVALID = "invalid"
    NEVER_FIRES = "never_fires"
    """Not within five years."""


@dataclass(frozen=True, slots=True)
class ScheduleOutlook:
    """What a schedule means at an instant."""

    state: ScheduleState
    fires: FireTimes
    problem: str = ""
    """Why CDI refuses an invalid one."""


NEVER: Final = FireTimes(None, None, None)


class Timetable:
    """Fire times of schedules around an instant. The cache never changes a result."""

    def __init__(self) -> None:
        self._fires: dict[Schedule, FireTimes] = {}

    def parse(self, text: str) -> Schedule | DisabledSchedule | InvalidSchedule:
        """The schedule that CDI reads in this text, that it is disabled, or why it is invalid."""
        return parse_schedule(text)

    def outlook(self, text: str, now: datetime) -> ScheduleOutlook:
        """What the schedule in this text means now."""
        match self.parse(text):
            case DisabledSchedule():
                return ScheduleOutlook(ScheduleState.DISABLED, NEVER)
            case InvalidSchedule(reason=reason):
                return ScheduleOutlook(ScheduleState.INVALID, NEVER, reason)
            case schedule:
                fires = self.around(schedule, now)
                return ScheduleOutlook(ScheduleState.VALID if fires.next else ScheduleState.NEVER_FIRES, fires)

    def around(self, schedule: Schedule, now: datetime) -> FireTimes:
        """The last run at or before now, the first one after it, and the longest gap."""
        known = self._fires.get(schedule)
        if known is not None and _covers(known, now):
            return known
        fires = FireTimes(schedule.previous_before(now), schedule.next_after(now), schedule.longest_gap(now))
        if len(self._fires) >= _LIMIT:
            self._fires.clear()
        self._fires[schedule] = fires
        return fires


def _covers(fires: FireTimes, now: datetime) -> bool:
    return fires.previous is not None and fires.next is not None and fires.previous <= now < fires.next
