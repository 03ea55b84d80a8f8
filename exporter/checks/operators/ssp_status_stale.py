"""SSP has not seen the newest list of boot sources."""

from __future__ import annotations

from datetime import timedelta

from exporter.checks.check import PASSED, Cause, Context, Failed, Unknown, Verdict, check
from exporter.checks.operators._conditions import DEGRADED, RECONCILE, UNDATED, describe_lag, restart_operator
from exporter.cluster.resources import SSPS
from exporter.model.ssp import SSP
from exporter.report import Severity


@check(
    id="ssp-status-stale",
    severity=Severity.WARNING,
    over=SSPS,
    summary="SSP does not reconcile",
    meaning="HCO has changed the SSP object and SSP's operator has not looked at it since: it is down or stuck.",
    impact="Boot sources that were added, changed or removed stay as they were.",
    diagnosis="`oc get ssp -A -o yaml`, `oc get pods -A -l name=ssp-operator`, `oc logs -n openshift-cnv deploy/ssp-operator`.",
    mitigation="Mend what the log names, or restart the operator.",
    thresholds=(RECONCILE, DEGRADED),
    alert_for=timedelta(minutes=15),
    scenarios=("F05", "F06"),
)
def ssp_status_stale(ssp: SSP, ctx: Context) -> Verdict:
    """Judge the generation, and whether the operator has ever written a status."""
    behind = describe_lag(ssp.metadata.generation, ssp.status.observed_generation)
    silent = not ssp.status.conditions and ssp.status.observed_generation is None
    if not behind and not silent:
        return PASSED
    if behind and ssp.metadata.spec_edited is None:
        return Unknown(f"{behind}: SSP {UNDATED}")
    created = ssp.metadata.creation_timestamp
    if silent and created is None:
        return Unknown("SSP has not said anything yet")
    return Failed(
        summary=f"SSP {ssp.metadata.name} is not reconciled: {behind or 'its operator has written no status'}",
        field="status.observedGeneration",
        observed=behind or "no conditions and no observedGeneration",
        expected="observedGeneration equal to generation",
        since=ssp.metadata.spec_edited if behind else created,
        grace=ctx.limit(RECONCILE if behind else DEGRADED),
        causes=() if silent else (Cause("ssp-paused", ctx.ref),),
        fix=restart_operator(ctx, "ssp-operator", "ssp"),
    )
