"""How a boot source is kept up to date: what CDI says of the newest image, and whether it has looked lately. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from exporter.checks.shared.polling import PERIODS, SLACK, STOPS_POLLING
from exporter.joins.crons import Polling, last_success
from exporter.model.cdi import DataImportCron
from exporter.model.core import CronJob
from exporter.model.wire import ABSENT
from exporter.report import Finding
from exporter.schedule.timetable import ScheduleOutlook

_NOT_POLLED: Final = frozenset({*STOPS_POLLING, "polling-frozen"})
"""Checks whose findings say that CDI does not learn of newer images, whatever it last said."""
_NO_DIGEST: Final = "NoDigest"
"""CDI's reason while it has not learnt what the newest image is."""


@dataclass(frozen=True, slots=True)
class Updates:
    """What a DataImportCron does for a boot source."""

    newest: bool | None
    """The newest image that the source has is imported; None if that is not known."""
    importing: bool
    last_polled: datetime | None
    """The last successful poll."""
    next_poll: datetime | None
    """The next scheduled one; None if there is none, or if the schedule follows no clock (`@every`)."""
    is_overdue: bool
    """The last poll is older than the check `polling-frozen` allows by default, or there was none."""
    outdated_since: datetime | None


def updates_of(
    cron: DataImportCron,
    polling: Polling,
    job: CronJob | None,
    outlook: ScheduleOutlook,
    now: datetime,
    *,
    polls_known: bool,
    findings: Collection[Finding],
) -> Updates:
    """What this cron does, by its conditions and by its schedule.

    `job` is its poller, if it has one; without `polls_known` it may have one that cannot be read. `findings` are those
    about the boot source: some say that CDI cannot learn of a newer image.
    """
    up_to_date, progressing = cron.condition("UpToDate"), cron.condition("Progressing")
    last = last_success(cron, job) if polls_known else None
    newest = None if up_to_date is ABSENT else True if up_to_date.true else False if up_to_date.false else None
    if newest is False and up_to_date is not ABSENT and up_to_date.reason == _NO_DIGEST:
        newest = None
    is_overdue = polling is not Polling.EXTERNAL and not _is_recent(last, outlook, now)
    if newest and (is_overdue or any(finding.check in _NOT_POLLED for finding in findings)):
        newest = None
    fires = outlook.fires
    return Updates(
        newest=newest,
        importing=progressing is not ABSENT and progressing.true,
        last_polled=last,
        next_poll=fires.next if fires.previous is not None else None,
        is_overdue=is_overdue,
        outdated_since=up_to_date.last_transition_time if newest is False and up_to_date is not ABSENT else None,
    )


def _is_recent(last: datetime | None, outlook: ScheduleOutlook, now: datetime) -> bool:
    gap = outlook.fires.gap
    return last is not None and gap is not None and now - last <= PERIODS.default * gap + SLACK.default
