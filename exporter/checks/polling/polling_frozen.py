"""A boot source that says it is up to date while nobody looks any more: the silent freeze."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from exporter.checks.check import PASSED, Context, Failed, Threshold, Unknown, Verdict, check
from exporter.checks.fixes import Fixes
from exporter.checks.shared.polling import (
    PERIODS,
    POLLING,
    SLACK,
    answer_first,
    poll_now,
    polling_causes,
    polling_of,
)
from exporter.checks.shared.storage import CAUSES, snapshot_causes
from exporter.cluster.resources import DATA_IMPORT_CRONS
from exporter.joins.crons import Polling, last_success, pollers
from exporter.kube.contract import Key
from exporter.model.cdi import DataImportCron
from exporter.model.core import CronJob
from exporter.model.wire import ABSENT
from exporter.report import Severity
from exporter.schedule.schedule import Schedule

_IDLE: Final = Threshold("idle", timedelta(days=7), "how long a cron whose schedule never fires again counts as polled")


@check(
    id="polling-frozen",
    severity=Severity.WARNING,
    over=DATA_IMPORT_CRONS,
    optional=(*POLLING, *CAUSES),
    summary="A boot source is not polled any more",
    meaning=(
        "UpToDate=True only means that the last digest CDI has learnt is imported. The last successful poll lies more "
        "than two periods of the schedule back, so nothing newer can be noticed."
    ),
    impact="New virtual machines silently boot an old image, with the security holes of its age. CDI's own alert cannot see it.",
    diagnosis=(
        "Compare status.lastExecutionTimestamp with the schedule. For a CronJob compare lastScheduleTime with "
        "lastSuccessfulTime; for a node pull look for a pod `poller-...`; else read CDI's log for the cron."
    ),
    mitigation="Repair registry, credentials or network, then poll by hand with the command of the finding.",
    thresholds=(PERIODS, SLACK, _IDLE),
    alert_for=timedelta(minutes=30),
    scenarios=("F23", "F12", "F43"),
)
def polling_frozen(cron: DataImportCron, ctx: Context) -> Verdict:
    """Judge the last proof of life of the polling against the schedule: two longest gaps and an hour."""
    read = ctx.timetable.parse(cron.spec.schedule)
    told = cron.condition("UpToDate")
    if polling_of(cron, ctx) is Polling.EXTERNAL or not isinstance(read, Schedule):
        return PASSED
    if told is ABSENT or told.reason == "NoDigest":
        return PASSED  # never polled with success is another finding
    gap = read.interval or ctx.fires(read).gap
    jobs = ctx.consult(pollers, None)
    job = (jobs or {}).get(Key(cron.metadata.namespace, cron.metadata.name))
    last = last_success(cron, job)
    if gap is None:
        return _never_due(cron, ctx, last)
    if jobs is None and polling_of(cron, ctx) is Polling.CRON_JOB:
        last, doubt = None, "its CronJob, which proves that it is polled, cannot be read"
    else:
        doubt = "CDI does not tell when it last polled"
    if last is None:
        return Unknown(doubt)
    if not ctx.older(last, ctx.limit(PERIODS) * gap + ctx.limit(SLACK)):
        return PASSED
    return _frozen(cron, ctx, last, job)


def _never_due(cron: DataImportCron, ctx: Context, last: datetime | None) -> Verdict:
    """A schedule that never fires has no period to compare with; a week without a poll tells enough."""
    stopped = last or cron.metadata.creation_timestamp
    if not ctx.older(stopped, ctx.limit(_IDLE)) or stopped is None:
        return PASSED
    return _frozen(cron, ctx, stopped, None)


def _frozen(cron: DataImportCron, ctx: Context, last: datetime, job: CronJob | None) -> Failed:
    days = ctx.days_since(last)
    return Failed(
        summary=f"DataImportCron {cron.metadata.name} was last polled {days} days ago and cannot notice newer images",
        field="status.lastExecutionTimestamp",
        observed=_evidence(last, job),
        expected=f"a successful poll by the schedule {cron.spec.schedule}",
        since=last,
        causes=(*snapshot_causes(cron, ctx), *polling_causes(cron, ctx)),
        fix=_fix(cron, ctx, last, job),
    )


def _fix(cron: DataImportCron, ctx: Context, last: datetime, job: CronJob | None) -> Fixes:
    """A poller that was started and has failed since would fail again."""
    started = job.status.last_schedule_time if job else None
    return answer_first(cron, ctx, job) if started and started > last else poll_now(cron, ctx, job)


def _evidence(last: datetime, job: CronJob | None) -> str:
    text = f"last successful poll {last:%Y-%m-%dT%H:%M:%SZ}"
    started = job.status.last_schedule_time if job else None
    if started is None or started <= last:
        return text
    return f"{text}, poller started {started:%Y-%m-%dT%H:%M:%SZ} without success"
