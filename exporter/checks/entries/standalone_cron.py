"""A DataImportCron that no entry of HyperConverged stands for."""

from __future__ import annotations

from datetime import timedelta

from exporter.checks.check import PASSED, Context, Failed, Verdict, check
from exporter.cluster.resources import DATA_IMPORT_CRONS, SSPS
from exporter.joins.ssp_crons import planned_crons
from exporter.kube.contract import Key
from exporter.model.cdi import DataImportCron, owned_by_ssp
from exporter.report import Severity


@check(
    id="standalone-cron",
    severity=Severity.INFO,
    over=DATA_IMPORT_CRONS,
    reads=(SSPS, planned_crons),
    summary="A DataImportCron was made by hand",
    meaning="It belongs to no entry of HyperConverged. The console makes such crons when somebody adds a bootable volume.",
    impact="It works, but neither the gate nor HyperConverged's list has a hold on it: who made it must maintain it.",
    diagnosis="`oc get dataimportcron -A -o yaml`: it lacks the annotation `operator-sdk/primary-resource`.",
    mitigation="Nothing to do. To have it managed, add an entry to HyperConverged and delete this one.",
    alert_for=timedelta(hours=1),
    scenarios=("F17",),
)
def standalone_cron(cron: DataImportCron, ctx: Context) -> Verdict:
    """Judge the owner. Without SSP every cron is made by hand, which says nothing."""
    ctx[SSPS].whole()
    planned = Key(*ctx.ref[1:]) in ctx.join(planned_crons)
    if not len(ctx[SSPS]) or owned_by_ssp(cron.metadata) or planned:
        return PASSED
    return Failed(
        summary=f"DataImportCron {cron.metadata.namespace}/{cron.metadata.name} was made by hand, outside HyperConverged",
        field="metadata.annotations[operator-sdk/primary-resource]",
        observed="not set",
        expected="SSP as owner, or nothing if it is made by hand on purpose",
        since=cron.metadata.creation_timestamp,
    )
