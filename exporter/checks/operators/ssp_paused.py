"""SSP's reconciliation is switched off."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from exporter.checks.check import PASSED, Cause, Context, Failed, Threshold, Verdict, check
from exporter.checks.fixes import Fix, command, object_args
from exporter.cluster.resources import SSPS
from exporter.model.ssp import PAUSED, SSP
from exporter.report import Severity

_GRACE: Final = Threshold("grace", timedelta(minutes=5), "how long SSP may be paused")


@check(
    id="ssp-paused",
    severity=Severity.WARNING,
    over=SSPS,
    summary="SSP is paused",
    meaning="An annotation stops SSP, usually left behind after somebody worked on its objects by hand.",
    impact="Changes in HyperConverged do not reach DataImportCrons, DataSources and templates; whatever drifts stays so.",
    diagnosis="`oc get ssp -A -o jsonpath='{.items[*].metadata.annotations}'`.",
    mitigation="Remove the annotation with the command of the finding.",
    undated="the API server does not track who wrote the annotation, or it is gone and the status still says so",
    thresholds=(_GRACE,),
    alert_for=timedelta(hours=1),
    scenarios=("F08", "F05"),
)
def ssp_paused(ssp: SSP, ctx: Context) -> Verdict:
    """Judge the annotation, and the status for when SSP has not seen that it was removed."""
    if not ssp.paused:
        return PASSED
    annotated = ssp.metadata.annotations.get(PAUSED) == "true"
    client, target = ctx.platform.client, object_args(ctx.ref)
    return Failed(
        summary=f"SSP {ssp.metadata.name} is paused: HyperConverged's changes do not reach DataImportCrons",
        field=f"metadata.annotations[{PAUSED}]" if annotated else "status.paused",
        observed="true" if annotated else "true, though the annotation is gone",
        expected="no pause",
        since=ssp.metadata.annotated.get(PAUSED) if annotated else None,
        grace=ctx.limit(_GRACE),
        causes=() if annotated else (Cause("ssp-status-stale", ctx.ref),),
        fix=Fix(
            command(client, "annotate", *target, f"{PAUSED}-"),
            command(client, "get", *target, "-o", "jsonpath={.status.paused}"),
            "SSP reverts what was changed by hand meanwhile in the objects that it owns, replaces DataImportCrons whose "
            "entries have changed, and deletes those whose entries are off or gone; with retentionPolicy None their images "
            "are deleted too",
        )
        if annotated
        else None,
    )
