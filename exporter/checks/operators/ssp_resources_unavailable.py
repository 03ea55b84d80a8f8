"""SSP has applied everything, and some of it does not work yet."""

from __future__ import annotations

from datetime import timedelta

from exporter.checks.check import PASSED, Context, Failed, Unknown, Verdict, check
from exporter.checks.operators._conditions import (
    DEGRADED,
    could_not_apply,
    failing_condition,
    reports_degraded,
    shorten,
)
from exporter.cluster.resources import SSPS
from exporter.model.ssp import SSP
from exporter.report import Severity


@check(
    id="ssp-resources-unavailable",
    severity=Severity.WARNING,
    over=SSPS,
    summary="Resources that SSP has applied are not available",
    meaning=(
        "SSP is degraded or not available, and its message is not an error: it could apply every boot source and template, "
        "but some resource of its own, such as the template validator, is not available."
    ),
    impact=(
        "Boot sources are not affected. While the template validator is down, its webhook may refuse changes of templates "
        "and virtual machines, and HyperConverged is degraded as well."
    ),
    diagnosis="`oc get ssp -A -o yaml`, `oc get pods -A -l kubevirt.io=virt-template-validator`.",
    mitigation="Get the pods to run that are not ready. SSP itself has nothing to repair.",
    thresholds=(DEGRADED,),
    alert_for=timedelta(minutes=15),
)
def ssp_resources_unavailable(ssp: SSP, ctx: Context) -> Verdict:
    """Judge Degraded and Available whose message does not begin with `Error:`."""
    told = failing_condition(ssp.status.conditions)
    if told is None:
        return PASSED if reports_degraded(ssp.status.conditions) else Unknown("SSP has not said whether it is degraded")
    if could_not_apply(told):
        return PASSED
    return Failed(
        summary=f"SSP {ssp.metadata.name} says that resources of its own are not available: "
        + (shorten(told.message) or "it does not say which"),
        field=f"status.conditions[type={told.type}]",
        observed=f"{told.type} {told.status}: {shorten(told.message)}",
        expected="Degraded False, Available True",
        since=told.last_transition_time,
        grace=ctx.limit(DEGRADED),
    )
