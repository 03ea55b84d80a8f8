"""A DataImportCron that CDI has never written to."""

from __future__ import annotations

from datetime import timedelta

from exporter.checks.check import PASSED, Context, Failed, Verdict, check
from exporter.checks.fixes import Fix, command
from exporter.checks.shared.polling import CRON_JOBS, POLLING, RECONCILE, polling_causes
from exporter.cluster.resources import DATA_IMPORT_CRONS
from exporter.model.cdi import DataImportCron
from exporter.report import Severity


@check(
    id="cron-never-reconciled",
    severity=Severity.WARNING,
    over=DATA_IMPORT_CRONS,
    optional=POLLING,
    summary="CDI has never written to a cron",
    meaning=(
        "A cron without any condition was never reconciled to its end: CDI does not run, another cron manages its "
        "DataSource, or something that it needs (CronJob, ImageStream, claim) is missing or refused."
    ),
    impact="The boot source is neither polled nor imported, and CDI exports no metric for it: its own alert stays silent.",
    diagnosis="Only the log tells: `oc logs -n openshift-cnv deploy/cdi-deployment | grep dataimportcron`.",
    mitigation="Follow the cause of the finding. Without one, read CDI's log for the name of the cron.",
    thresholds=(RECONCILE,),
    alert_for=timedelta(minutes=30),
    scenarios=("F18", "F20", "F21", "F22", "F32", "F51"),
)
def cron_never_reconciled(cron: DataImportCron, ctx: Context) -> Verdict:
    """Judge whether CDI has said anything at all."""
    if cron.status.conditions:
        return PASSED
    return Failed(
        summary=f"CDI has never written to DataImportCron {cron.metadata.name}",
        field="status.conditions",
        observed="no condition",
        expected="conditions Progressing and UpToDate within a minute",
        since=cron.metadata.creation_timestamp,
        grace=ctx.limit(RECONCILE),
        causes=polling_causes(cron, ctx, room_for=CRON_JOBS),
        fix=_read_log(cron, ctx),
    )


def _read_log(cron: DataImportCron, ctx: Context) -> Fix:
    """CDI's log, or where CDI is if nothing has told that."""
    client, namespace = ctx.platform.client, ctx.platform.cdi_namespace
    log = command(client, "logs", "-n", namespace, "deploy/cdi-deployment", "--since=1h")
    search = command(client, "get", "deployment", "-A", "--field-selector", "metadata.name=cdi-deployment")
    verify = command(client, "get", "dataimportcron", cron.metadata.name, "-n", cron.metadata.namespace)
    note = f"Look for {cron.metadata.name}: why CDI stops stands in its log only"
    return Fix(log if namespace else search, verify, note=note)
