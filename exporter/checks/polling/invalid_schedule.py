"""A schedule that CDI cannot parse."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from exporter.checks.check import PASSED, Context, Failed, Unknown, Verdict, check
from exporter.checks.polling._written_schedules import WrittenSchedule, written_schedules
from exporter.joins.admission import CdiVersion, schedule_refusal
from exporter.report import Severity
from exporter.schedule.grammar import InvalidSchedule

_OLD_GRAMMAR: Final = 58
_NEW_GRAMMAR: Final = 59
"""Minor versions of CDI before and after the grammar of schedules changed."""


@check(
    id="invalid-schedule",
    severity=Severity.WARNING,
    over=written_schedules,
    summary="A schedule cannot be parsed",
    meaning=(
        "CDI reads schedules with the standard five-field cron grammar: minute, hour, day of month, month, day of week "
        "(0 to 6), or a descriptor such as `@daily`. This schedule does not fit it."
    ),
    impact=(
        "CDI's webhook refuses the DataImportCron, so the boot source is never imported, and SSP is degraded and may "
        "not apply other boot sources either. A cron from before CDI 1.59, when the grammar was a different one, "
        "stays as it is and is not polled any more."
    ),
    diagnosis="The finding says which field is wrong. `oc get ssp -A -o yaml` shows CDI's refusal in its conditions.",
    mitigation="Write the schedule with five fields, Sunday as 0, ranges from low to high, and no seconds, L, W or #.",
    alert_for=timedelta(minutes=30),
    scenarios=("F11",),
)
def invalid_schedule(subject: WrittenSchedule, ctx: Context) -> Verdict:
    """Judge one schedule, wherever it is written. CDI before 1.59 used another grammar, which allows more."""
    read, minor = ctx.timetable.parse(subject.schedule), ctx.platform.cdi_minor
    if not isinstance(read, InvalidSchedule):
        return PASSED
    versions = (_OLD_GRAMMAR, _NEW_GRAMMAR) if minor is None else (minor,)
    refused = {schedule_refusal(subject.schedule, CdiVersion(version)) is not None for version in versions}
    if False in refused:
        return (
            PASSED
            if refused == {False}
            else Unknown(f"valid only before CDI 1.{_NEW_GRAMMAR}, and CDI's version is not known")
        )
    return Failed(
        summary=f"The schedule of {subject.name} cannot be parsed: {read.reason}",
        field=subject.field,
        observed=subject.schedule,
        expected="five cron fields, for example 0 3 * * *",
        since=subject.since,
        fix=subject.fix(ctx, "/spec/schedule", "0 3 * * *"),
        about=subject.about,
        part=subject.name,
    )
