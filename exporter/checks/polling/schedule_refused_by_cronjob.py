"""A cron that CDI accepts, but whose poller CronJob the API server refuses."""

from __future__ import annotations

from datetime import timedelta

from exporter.checks.check import PASSED, Context, Failed, Verdict, check
from exporter.checks.shared.polling import RECONCILE, polling_of
from exporter.cluster.resources import DATA_IMPORT_CRONS
from exporter.joins.crons import Polling
from exporter.model.cdi import DataImportCron
from exporter.report import Severity
from exporter.schedule.schedule import Schedule

_LONGEST_NAME = 43
"""A CronJob's name has at most 52 characters, and CDI appends a dash and eight of the cron's UID."""


@check(
    id="schedule-refused-by-cronjob",
    severity=Severity.WARNING,
    over=DATA_IMPORT_CRONS,
    summary="The poller CronJob cannot be created",
    meaning=(
        "Registries that are pulled in a pod are polled by a CronJob. CDI accepts this cron, but Kubernetes refuses its "
        f"CronJob: because of a time zone in the schedule, or because the cron's name has over {_LONGEST_NAME} characters."
    ),
    impact="CDI gives up before it writes anything: no poll, no import, no conditions, no event on the cron.",
    diagnosis="`oc logs -n openshift-cnv deploy/cdi-deployment | grep -i cronjob` shows the refusal.",
    mitigation="Leave out TZ= and CRON_TZ= (the schedule is then in UTC), or give the entry a shorter name.",
    thresholds=(RECONCILE,),
    alert_for=timedelta(minutes=30),
    scenarios=("F18",),
)
def schedule_refused_by_cronjob(cron: DataImportCron, ctx: Context) -> Verdict:
    """Judge whether a CronJob can be made of this cron. Source: the CronJob API's validation, tried on a server."""
    if polling_of(cron, ctx) is not Polling.CRON_JOB:
        return PASSED
    name = cron.metadata.name
    if len(name) > _LONGEST_NAME:
        return Failed(
            summary=f"Kubernetes refuses the poller CronJob of DataImportCron {name}: the name is too long",
            field="metadata.name",
            observed=f"{len(name)} characters",
            expected=f"at most {_LONGEST_NAME} characters",
            since=cron.metadata.creation_timestamp,
            grace=ctx.limit(RECONCILE),
        )
    read = ctx.timetable.parse(cron.spec.schedule)
    if not isinstance(read, Schedule) or read.cronjob_problem is None:
        return PASSED
    return Failed(
        summary=f"Kubernetes refuses the poller CronJob of DataImportCron {name}: {read.cronjob_problem}",
        field="spec.schedule",
        observed=cron.spec.schedule,
        expected="the same schedule in UTC, without a time zone",
        since=cron.metadata.creation_timestamp,
        grace=ctx.limit(RECONCILE),
    )
