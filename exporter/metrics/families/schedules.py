"""Schedules of DataImportCrons: whether they fire, and when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from exporter.cluster.resources import DATA_IMPORT_CRONS
from exporter.metrics.families.crons import CRON, cron_labels
from exporter.metrics.family import Facts, Family, Sample, per_row_and_time, unix_seconds
from exporter.model.cdi import DataImportCron
from exporter.schedule.timetable import ScheduleOutlook, ScheduleState


def _outlook(cron: DataImportCron, facts: Facts) -> ScheduleOutlook:
    return facts.timetable.outlook(cron.spec.schedule, facts.now)


def _at(cron: DataImportCron, instant: datetime | None) -> Iterator[Sample]:
    at = unix_seconds(instant)
    if at is not None:
        yield cron_labels(cron), at


@per_row_and_time(
    DATA_IMPORT_CRONS,
    "bootsource_dataimportcron_schedule_fires",
    labels=(*CRON, "state"),
    help="Whether the schedule of a DataImportCron ever fires (1) or not (0), read as CDI reads it. state: valid, "
    "disabled (empty: something outside polls), invalid, or never_fires (no such date within five years).",
)
def _fires(cron: DataImportCron, facts: Facts) -> Iterator[Sample]:
    state = _outlook(cron, facts).state
    yield (*cron_labels(cron), state), state is ScheduleState.VALID


@per_row_and_time(
    DATA_IMPORT_CRONS,
    "bootsource_dataimportcron_schedule_interval_seconds",
    labels=CRON,
    help="Longest time in seconds between two scheduled polls in a row of a DataImportCron. "
    "No sample if its schedule does not fire twice.",
)
def _interval(cron: DataImportCron, facts: Facts) -> Iterator[Sample]:
    fires = _outlook(cron, facts).fires
    if fires.gap is not None:
        yield cron_labels(cron), fires.gap.total_seconds()


@per_row_and_time(
    DATA_IMPORT_CRONS,
    "bootsource_dataimportcron_schedule_previous_timestamp_seconds",
    labels=CRON,
    help="When a DataImportCron was last scheduled to poll, as Unix time, whether it did or not. "
    "No sample if its schedule does not fire, or follows no clock (@every).",
)
def _previous(cron: DataImportCron, facts: Facts) -> Iterator[Sample]:
    return _at(cron, _outlook(cron, facts).fires.previous)


@per_row_and_time(
    DATA_IMPORT_CRONS,
    "bootsource_dataimportcron_schedule_next_timestamp_seconds",
    labels=CRON,
    help="When a DataImportCron is next scheduled to poll, as Unix time. "
    "No sample if its schedule does not fire, or follows no clock (@every).",
)
def _next(cron: DataImportCron, facts: Facts) -> Iterator[Sample]:
    fires = _outlook(cron, facts).fires
    # Without a grid the next run would be "now plus the interval", which moves with every look.
    return _at(cron, fires.next if fires.previous is not None else None)


SCHEDULES: Final[tuple[Family, ...]] = (_fires, _interval, _previous, _next)
