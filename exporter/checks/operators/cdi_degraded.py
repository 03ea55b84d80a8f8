"""CDI says that it does not work."""

from __future__ import annotations

from datetime import timedelta

from exporter.checks.check import PASSED, Context, Failed, Unknown, Verdict, check
from exporter.checks.operators._conditions import DEGRADED, failing_condition, reports_degraded, shorten
from exporter.cluster.resources import CDIS
from exporter.model.cdi import CDI
from exporter.report import Severity


@check(
    id="cdi-degraded",
    severity=Severity.CRITICAL,
    over=CDIS,
    summary="CDI is degraded or not available",
    meaning="CDI's operator reports that a part of CDI, its controller, API server or upload proxy, does not run.",
    impact="Nothing is polled, imported or cloned; its webhook may refuse every change of boot sources.",
    diagnosis="`oc get cdi -o yaml` for the reason, `oc get pods -A -l app=containerized-data-importer` for the pods.",
    mitigation="Mend the pods that do not run. CDI's conditions name the deployment.",
    thresholds=(DEGRADED,),
    alert_for=timedelta(minutes=10),
    scenarios=("F65",),
)
def cdi_degraded(cdi: CDI, ctx: Context) -> Verdict:
    """Judge Degraded and Available; while CDI is installed or upgraded it may be both for some minutes."""
    told = failing_condition(cdi.status.conditions)
    if told is None:
        return PASSED if reports_degraded(cdi.status.conditions) else Unknown("CDI has not said whether it is degraded")
    return Failed(
        summary=f"CDI {cdi.metadata.name} is not well ({told.reason}): {shorten(told.message) or 'it does not say why'}",
        field=f"status.conditions[type={told.type}]",
        observed=f"{told.type} {told.status} ({told.reason}), phase {cdi.status.phase or 'unknown'}",
        expected="Degraded False, Available True",
        since=told.last_transition_time,
        grace=ctx.limit(DEGRADED),
    )
