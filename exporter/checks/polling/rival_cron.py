"""Two crons that want to manage the same DataSource: CDI serves one and ignores the other."""

from __future__ import annotations

from datetime import timedelta

from exporter.checks.check import PASSED, Context, Failed, Verdict, check
from exporter.checks.fixes import Fix, advice, command, object_args
from exporter.checks.shared.polling import RECONCILE
from exporter.cluster.resources import DATA_IMPORT_CRONS, DATA_SOURCES
from exporter.joins.crons import crons_by_data_source
from exporter.kube.contract import Key
from exporter.model.cdi import DataImportCron, owned_by_ssp
from exporter.model.wire import ABSENT
from exporter.report import Severity


@check(
    id="rival-cron",
    severity=Severity.WARNING,
    over=DATA_IMPORT_CRONS,
    reads=(crons_by_data_source, DATA_SOURCES),
    summary="Two crons manage the same DataSource",
    meaning="A DataSource follows one cron. CDI refuses every further cron that names the same managedDataSource.",
    impact="The refused cron does nothing at all. It gets no conditions, and the event that says why is gone after an hour.",
    diagnosis="`oc get dataimportcron -A -o custom-columns=NS:.metadata.namespace,N:.metadata.name,DS:.spec.managedDataSource`.",
    mitigation="Delete the cron that is not wanted, or give it a managedDataSource of its own.",
    thresholds=(RECONCILE,),
    alert_for=timedelta(minutes=30),
    scenarios=("F51",),
)
def rival_cron(cron: DataImportCron, ctx: Context) -> Verdict:
    """Judge a cron that shares its DataSource. Source: CDI's ownership gate looks at the DataSource's label."""
    namespace, managed = cron.metadata.namespace, cron.spec.managed_data_source
    rivals = ctx.join(crons_by_data_source)[Key(namespace, managed)]
    source = ctx[DATA_SOURCES].get(namespace, managed)
    if source is ABSENT or source.cron == cron.metadata.name:
        return PASSED
    if all(source.cron != c.metadata.name for c in rivals):
        return PASSED
    return Failed(
        summary=f"DataImportCron {cron.metadata.name} is ignored: DataSource {managed} already follows {source.cron}",
        field="spec.managedDataSource",
        observed=f"{managed}, which {source.cron} manages",
        expected="a managedDataSource that no other cron names",
        since=cron.metadata.creation_timestamp,
        grace=ctx.limit(RECONCILE),
        fix=_fix(cron, source.cron, ctx),
    )


def _fix(cron: DataImportCron, winner: str, ctx: Context) -> Fix:
    if owned_by_ssp(cron.metadata):
        return advice(
            f"Give the entry of {cron.metadata.name} in HyperConverged a managedDataSource of its own, or switch it off; "
            f"or delete {winner}, if that is the one you do not want"
        )
    client = ctx.platform.client
    kept = ", and images that it made before" if cron.spec.retention_policy == "None" else ""
    return Fix(
        command(client, "delete", *object_args(ctx.ref)),
        command(client, "get", "dataimportcron", "-n", cron.metadata.namespace),
        f"Deletes DataImportCron {cron.metadata.name}, which does nothing as long as {winner} manages the DataSource{kept}",
    )
