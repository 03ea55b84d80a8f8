"""Schedules that CDI reads otherwise than most people would."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from exporter.base.phrases import joined
from exporter.joins.admission import Path
from exporter.lint.rule import Problem
from exporter.schedule.fields import FIELDS, Field
from exporter.schedule.grammar import parse_schedule
from exporter.schedule.schedule import Schedule

_AT: Final[Path] = ("spec", "schedule")
_OFTEN: Final = 48
"""Polls a day: more than one each half hour is hardly meant, as images are published every few days."""


def schedule_problems(value: dict[str, Any], subject: str) -> Iterator[Problem]:
    """What a schedule that can be parsed means, where that is surprising."""
    spec = value.get("spec")
    text = spec.get("schedule") if isinstance(spec, dict) else None
    read = parse_schedule(text) if isinstance(text, str) else None
    if not isinstance(read, Schedule) or not read.text:
        return
    found = list(_surprises(read))
    if found:
        yield Problem(
            rule="schedule-misleading",
            path=_AT,
            summary=f"The schedule {read.text!r} of {subject} may not mean what it seems: {'; '.join(found)}",
            remedy="Write a schedule that says it plainly, for example 0 3 * * * for once a day",
        )


def _surprises(read: Schedule) -> Iterator[str]:
    fields = read.text.split()[-5:]
    if read.interval is not None or len(fields) != 5:
        return
    polls = len(read.minutes) * len(read.hours)
    if polls > _OFTEN and read.fires:
        if len(read.minutes) == 60:
            hours = "every hour" if len(read.hours) == 24 else f"the hours {joined([*map(str, read.hours)])}"
            yield f"CDI polls at each minute of {hours}, {polls} times on a day"
        else:
            yield f"CDI polls {polls} times on a day"
    if len(read.days) < 31 and len(read.weekdays) < 7 and not _is_star(fields[2]) and not _is_star(fields[4]):
        yield "CDI polls when the day of month or the day of week matches, not only when both do"
    for text, field, noun in zip(fields[:2], FIELDS[:2], ("minute", "hour"), strict=True):
        yield from _uneven(text, field, noun)


def _is_star(text: str) -> bool:
    """robfig/cron wants both fields to match where one of them is a star."""
    return any(item in ("*", "?", "*/1") for item in text.split(","))


def _uneven(text: str, field: Field, noun: str) -> Iterator[str]:
    """A step that does not divide its range begins anew at each start of the range."""
    start, slash, step = text.partition("/")
    size = field.high - field.low + 1
    if start == "*" and slash and step.isdecimal() and 1 < int(step) < 60 and (size % int(step) or int(step) >= size):
        values = [str(value) for value in range(field.low, field.high + 1, int(step))]
        shown = joined(values) if len(values) <= 6 else f"{', '.join(values[:6])} and so on"
        yield f"{text} does not mean every {step} {noun}s, but the {noun}{'s' if len(values) > 1 else ''} {shown}"
