"""A schedule that is valid and never comes due, or that starves."""

from __future__ import annotations

from datetime import timedelta

from exporter.checks.check import PASSED, Context, Failed, Verdict, check
from exporter.checks.shared.polling import polling_of
from exporter.cluster.resources import DATA_IMPORT_CRONS
from exporter.joins.crons import Polling
from exporter.model.cdi import DataImportCron
from exporter.report import Severity
from exporter.schedule.schedule import Schedule

_BY_CONTROLLER = {Polling.NODE, Polling.IMAGE_STREAM, Polling.CLAIM}


@check(
    id="schedule-never-fires",
    severity=Severity.WARNING,
    over=DATA_IMPORT_CRONS,
    summary="A schedule never comes due",
    meaning=(
        "The schedule parses, but no date within five years fits it (31 February, for example); or it is `@every` on a "
        "source that CDI's controller polls, where each reconcile moves the next poll into the future again."
    ),
    impact="The source is polled once when the cron is made, and later only by chance: images grow old silently.",
    diagnosis="Compare spec.schedule with status.lastExecutionTimestamp of the DataImportCron.",
    mitigation="Give the entry a plain five-field schedule, for example `0 3 * * *`.",
    alert_for=timedelta(hours=1),
    scenarios=("F12",),
)
def schedule_never_fires(cron: DataImportCron, ctx: Context) -> Verdict:
    """Judge the schedule that CDI uses for this cron."""
    read = ctx.timetable.parse(cron.spec.schedule)
    if not isinstance(read, Schedule):
        return PASSED
    starving = read.interval is not None and polling_of(cron, ctx) in _BY_CONTROLLER
    if not starving and ctx.fires(read).next is not None:
        return PASSED
    why = "CDI postpones an @every poll at each reconcile" if starving else "no date fits it"
    return Failed(
        summary=f"The schedule of DataImportCron {cron.metadata.name} never fires: {why}",
        field="spec.schedule",
        observed=cron.spec.schedule,
        expected="a plain five-field schedule, for example 0 3 * * *",
        since=cron.metadata.creation_timestamp,
    )
