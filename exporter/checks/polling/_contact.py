"""Whether a boot source has contact with its registry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from exporter.checks.check import Context
from exporter.checks.shared.image_streams import followed_tags
from exporter.checks.shared.import_failures import FailureKind, import_failure_of, kind_of_message
from exporter.checks.shared.polling import PERIODS, SLACK, hanging_poller, polling_of
from exporter.checks.shared.refs import cron_ref
from exporter.cluster.resources import DATA_VOLUMES
from exporter.joins.crons import Polling, last_success, pollers
from exporter.joins.images import imports
from exporter.joins.pods import node_pollers
from exporter.kube.contract import Key
from exporter.model.cdi import DataImportCron
from exporter.model.wire import ABSENT, find_condition
from exporter.schedule.schedule import Schedule

_OF_THE_REGISTRY = (
    FailureKind.RATE,
    FailureKind.CREDENTIALS,
    FailureKind.CERTIFICATE,
    FailureKind.DNS,
    FailureKind.NETWORK,
)
"""Failures that concern all images of a registry. An image that it does not have concerns one."""


@dataclass(frozen=True, slots=True)
class Contact:
    """What is known of a boot source and its registry."""

    works: bool
    words: str = ""
    """What shows that it has no contact."""
    kind: FailureKind | None = None
    """What the registry or the network said, if anything did."""
    since: datetime | None = None


_WORKS = Contact(works=True)


def contact_of(cron: DataImportCron, ctx: Context) -> Contact | None:
    """None if it cannot be told: never looked for, or kept from it by something else that shows."""
    by = polling_of(cron, ctx)
    if by is Polling.IMAGE_STREAM:
        return _by_openshift(cron, ctx)
    scheduled = isinstance(ctx.timetable.parse(cron.spec.schedule), Schedule)
    if by not in (Polling.CRON_JOB, Polling.NODE) or not scheduled or cron.metadata.deletion_timestamp is not None:
        return None
    failed = _import_fails(cron, ctx) or (_node_fails(cron, ctx) if by is Polling.NODE else None)
    return failed or _by_polls(cron, ctx)


def _by_polls(cron: DataImportCron, ctx: Context) -> Contact | None:
    if hanging_poller(cron_ref(cron), ctx) is not None:
        return None
    told = cron.condition("UpToDate")
    if told is ABSENT or not told.false or told.reason != "NoDigest":
        return _by_last_poll(cron, ctx)
    since = told.last_transition_time or cron.metadata.creation_timestamp
    return Contact(works=False, words=f"NoDigest: {told.message}", since=since)


def _import_fails(cron: DataImportCron, ctx: Context) -> Contact | None:
    ref = DATA_VOLUMES.ref(cron.metadata.namespace, cron.current_import)
    importing = ctx.consult(imports, {}).get(ref)
    trouble = import_failure_of(importing.volume) if importing is not None else None
    if importing is None or trouble is None or trouble.kind not in _OF_THE_REGISTRY:
        return None
    return Contact(works=False, words=trouble.evidence, kind=trouble.kind, since=importing.volume.created)


def _node_fails(cron: DataImportCron, ctx: Context) -> Contact | None:
    pod = ctx.consult(node_pollers, {}).get(cron_ref(cron))
    waiting = pod.waiting if pod is not None else None
    kind = kind_of_message(waiting.message) if waiting is not None else None
    if pod is None or waiting is None or kind not in _OF_THE_REGISTRY:
        return None
    words = f"{waiting.reason}: {waiting.message}"
    return Contact(works=False, words=words, kind=kind, since=pod.metadata.creation_timestamp)


def _by_last_poll(cron: DataImportCron, ctx: Context) -> Contact | None:
    """Polled lately, or started by its CronJob time and again without success. Else something else may hold it up."""
    schedule = ctx.timetable.parse(cron.spec.schedule)
    job = ctx.consult(pollers, {}).get(Key(cron.metadata.namespace, cron.metadata.name))
    last = last_success(cron, job)
    if last is None or not isinstance(schedule, Schedule):
        return None
    gap = schedule.interval or ctx.fires(schedule).gap
    if gap is None or not ctx.older(last, ctx.limit(PERIODS) * gap + ctx.limit(SLACK)):
        return _WORKS
    started = job.status.last_schedule_time if job is not None else None
    if started is None or started <= last:
        return None
    words = (
        f"last successful poll {last:%Y-%m-%dT%H:%M:%SZ}, poller started {started:%Y-%m-%dT%H:%M:%SZ} without success"
    )
    return Contact(works=False, words=words, since=last)


def _by_openshift(cron: DataImportCron, ctx: Context) -> Contact | None:
    followed = ctx.consult(followed_tags, {}).get(cron_ref(cron))
    if followed is None:
        return None
    failure = find_condition(followed.status.conditions, "ImportSuccess")
    if failure is ABSENT or not failure.false:
        return _WORKS if followed.status.items else None
    words = f"{failure.reason}: {failure.message}"
    return Contact(works=False, words=words, kind=kind_of_message(words), since=failure.last_transition_time)
