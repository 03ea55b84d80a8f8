"""The pods in which CDI polls registries cannot start."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from exporter.base.excerpts import count_of, list_some
from exporter.checks.check import Cause, Context, Failed, Verdict, check
from exporter.checks.shared.access import access_causes
from exporter.checks.shared.outage import severity_for, without_image
from exporter.checks.shared.polling import FIRST_POLL, POLLERS, polling_of
from exporter.checks.shared.waiting_pods import describe_waiting, reason_of
from exporter.cluster.resource import Ref
from exporter.cluster.resources import DATA_IMPORT_CRONS, NAMESPACES
from exporter.cluster.snapshot import View, joint
from exporter.joins.crons import Polling
from exporter.joins.pods import hanging_pollers
from exporter.joins.warnings import warnings
from exporter.model.cdi import DataImportCron
from exporter.model.core import Pod
from exporter.model.wire import ABSENT
from exporter.report import Severity

Waiting = Mapping[Ref, tuple[Ref, Pod]]
"""Pods that have not started, by their DataImportCron."""


@joint(hanging_pollers)
def waiting_pollers(view: View) -> Mapping[Ref, Waiting]:
    """The pollers that have not started, by the namespace that they are in."""
    found: dict[Ref, dict[Ref, tuple[Ref, Pod]]] = {}
    for cron, (pod, row) in hanging_pollers(view).items():
        found.setdefault(NAMESPACES.ref("", pod.namespace), {})[cron] = (pod, row)
    return found


@check(
    id="poller-not-starting",
    severity=Severity.WARNING,
    over=waiting_pollers,
    reads=(DATA_IMPORT_CRONS,),
    optional=(warnings, without_image),
    summary="Pods that poll registries for boot sources cannot start",
    meaning=(
        "CDI polls a registry in a pod in its own namespace, started by a CronJob. The pod is Pending: its image cannot be "
        "pulled, no node takes it, or something that it mounts is missing. A Job whose pod waits never ends, and the "
        "CronJob starts no other."
    ),
    impact="Nothing is polled. A boot source that was imported before goes on to say that it is up to date.",
    diagnosis="`oc get pods -n NAMESPACE -l job-name`, then `oc describe pod POD -n NAMESPACE`: its events tell what it waits for.",
    mitigation=(
        "Provide what the events name: a ConfigMap or Secret in CDI's namespace, access to the image cdi-importer (in a "
        "disconnected cluster its mirror), room on the nodes or in a quota. A poll that is started by hand waits as well."
    ),
    thresholds=(FIRST_POLL,),
    alert_for=timedelta(minutes=30),
    scenarios=("F19", "F26", "F27"),
)
def poller_not_starting(waiting: Waiting, ctx: Context) -> Verdict:
    """Judge the pollers of one namespace; those that wait for the same reason are one finding."""
    late = {c: p for c, p in waiting.items() if ctx.older(p[1].metadata.creation_timestamp, ctx.limit(FIRST_POLL))}
    reasons: dict[str, list[Ref]] = {}
    for cron, (_, row) in late.items():
        reasons.setdefault(reason_of(row), []).append(cron)
    polled = [cron for _, cron in ctx[DATA_IMPORT_CRONS] if polling_of(cron, ctx) is Polling.CRON_JOB]
    return tuple(_failed(reason, crons, late, len(polled), ctx) for reason, crons in sorted(reasons.items()))


def _failed(reason: str, crons: Sequence[Ref], waiting: Waiting, polled: int, ctx: Context) -> Failed:
    some = count_of(len(crons), max(polled, len(crons)), "boot source")
    return Failed(
        summary=f"Pods in {ctx.ref.name} that poll {some} cannot start: {reason} ({list_some(c.name for c in crons)})",
        field="status.containerStatuses",
        observed=describe_waiting(*waiting[crons[0]], ctx),
        expected="pods that start within minutes",
        since=min(filter(None, (waiting[c][1].metadata.creation_timestamp for c in crons)), default=None),
        grace=ctx.limit(FIRST_POLL),
        severity=severity_for(crons, ctx),
        causes=(Cause("cdi-degraded"), Cause("quota-exhausted", part=POLLERS), *_access(crons, ctx)),
        affects=tuple(crons),
        part=reason,
    )


def _access(crons: Sequence[Ref], ctx: Context) -> tuple[Cause, ...]:
    rows = (ctx[DATA_IMPORT_CRONS].get(cron.namespace, cron.name) for cron in crons)
    found: list[DataImportCron] = [row for row in rows if row is not ABSENT]
    return tuple(dict.fromkeys(cause for row in found for cause in access_causes(row)))
