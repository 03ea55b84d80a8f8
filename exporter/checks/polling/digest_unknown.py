"""A cron that has never learnt what its source holds."""

from __future__ import annotations

from datetime import timedelta

from exporter.checks.check import PASSED, Context, Failed, Unknown, Verdict, check
from exporter.checks.shared.access import access_of
from exporter.checks.shared.polling import (
    FIRST_POLL,
    POLLING,
    answer_first,
    hanging_poller,
    polling_causes,
    polling_of,
)
from exporter.checks.shared.waiting_pods import describe_waiting
from exporter.cluster.resources import DATA_IMPORT_CRONS
from exporter.joins.crons import Polling, pollers
from exporter.joins.warnings import warnings
from exporter.kube.contract import Key
from exporter.model.cdi import DataImportCron
from exporter.model.wire import ABSENT
from exporter.report import Severity


@check(
    id="digest-unknown",
    severity=Severity.WARNING,
    over=DATA_IMPORT_CRONS,
    optional=(*POLLING, warnings),
    summary="A boot source was never polled with success",
    meaning=(
        "CDI says NoDigest: no poll of the source has ever succeeded. Either the registry was not reached (no route, a "
        "NetworkPolicy, a proxy), or it refused us (credentials, a private CA, a wrong image name), or the poller could "
        "not run at all (a quota, pod security). Mirrors that are set up for the nodes do not help a poll in a pod."
    ),
    impact="There is no image: the DataSource is not ready, and templates that use it give no virtual machine.",
    diagnosis=(
        "`oc get cronjob -n openshift-cnv -l cdi.kubevirt.io/dataImportCron` shows pollers, and the command of the finding what "
        "became of the last poll. If there is no pod, `oc get events -n openshift-cnv` tells why: "
        "look for `exceeded quota` and `violates PodSecurity`."
    ),
    mitigation=(
        "Give the entry credentials (secretRef) and CA (certConfigMap) in both CDI's and the cron's namespace, use "
        "pullMethod node, or point it at a registry that pods reach. Allow egress for pods with the label "
        "`cdi.kubevirt.io/dataImportCronPoller`. If common boot sources are not wanted, close the gate."
    ),
    thresholds=(FIRST_POLL,),
    alert_for=timedelta(minutes=30),
    scenarios=("F19", "F24", "F25", "F26", "F27", "F28", "F29"),
)
def digest_unknown(cron: DataImportCron, ctx: Context) -> Verdict:
    """Judge UpToDate's reason. An empty schedule is polled by nobody, by design."""
    by = polling_of(cron, ctx)
    told = cron.condition("UpToDate")
    if by is Polling.EXTERNAL or told is ABSENT:
        return PASSED if cron.status.conditions or by is Polling.EXTERNAL else Unknown("CDI has not said anything yet")
    if not (told.false and told.reason == "NoDigest"):
        return PASSED
    registry, hanging = cron.source.registry, hanging_poller(ctx.ref, ctx)
    job = ctx.consult(pollers, {}).get(Key(cron.metadata.namespace, cron.metadata.name))
    return Failed(
        summary=f"DataImportCron {cron.metadata.name} has never been polled with success"
        + (f": {registry.url} gives no digest" if registry and registry.url else ""),
        field="status.conditions[type=UpToDate]",
        observed=f"{told.reason}: {told.message}{f'; {describe_waiting(*hanging, ctx)}' if hanging else ''}",
        expected=f"a source digest after the first poll{_access(cron, ctx)}",
        since=told.last_transition_time or cron.metadata.creation_timestamp,
        grace=ctx.limit(FIRST_POLL),
        causes=polling_causes(cron, ctx),
        fix=answer_first(cron, ctx, job),
    )


def _access(cron: DataImportCron, ctx: Context) -> str:
    """Where what the source names must exist: pollers run in CDI's namespace, importers in the cron's."""
    named = access_of(cron)
    if not named or polling_of(cron, ctx) is not Polling.CRON_JOB:
        return ""
    places = " and ".join(dict.fromkeys((ctx.platform.cdi_namespace, cron.metadata.namespace)))
    return "; " + ", ".join(f"{field} {kind} {name} must exist in {places}" for field, kind, name in named)
