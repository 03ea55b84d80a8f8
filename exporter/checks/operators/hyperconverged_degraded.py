"""HCO says that the platform is degraded."""

from __future__ import annotations

from datetime import timedelta

from exporter.checks.check import PASSED, Cause, Context, Failed, Unknown, Verdict, check
from exporter.checks.ids import CheckId
from exporter.checks.operators._conditions import (
    DEGRADED,
    describe_lag,
    failing_condition,
    find_apply_error,
    reports_degraded,
    shorten,
)
from exporter.cluster.resources import HYPERCONVERGEDS
from exporter.model.hco import HyperConverged
from exporter.model.wire import Condition
from exporter.report import Severity

_OURS = ("SSP", "CDI")


@check(
    id="hyperconverged-degraded",
    severity=Severity.WARNING,
    over=HYPERCONVERGEDS,
    summary="HyperConverged is degraded",
    meaning=(
        "HCO repeats what one of its components says of itself. SSPDegraded most often means that CDI refused one "
        "DataImportCron; HCO keeps the message of one component only, so others may be unwell too."
    ),
    impact="With SSP degraded an arbitrary part of the boot sources and templates is not applied.",
    diagnosis="`oc get hyperconverged -A -o yaml`, then the component that the reason names: `oc get ssp,cdi -A -o yaml`.",
    mitigation="Correct the entry that the message names in HyperConverged; HCO reverts edits of SSP.",
    thresholds=(DEGRADED,),
    alert_for=timedelta(minutes=10),
    scenarios=("F07", "F15"),
)
def hyperconverged_degraded(hco: HyperConverged, ctx: Context) -> Verdict:
    """Judge Degraded and Available. The component's own finding is the cause; one that we do not watch is the root."""
    told = failing_condition(hco.status.conditions)
    if told is None:
        if describe_lag(hco.metadata.generation, hco.status.observed_generation) or not reports_degraded(
            hco.status.conditions
        ):
            return Unknown("HCO has not reconciled the newest spec, so its conditions may be out of date")
        return PASSED
    return Failed(
        summary=f"HyperConverged {hco.metadata.name} is degraded ({told.reason}): {_describe(told)}",
        field=f"status.conditions[type={told.type}]",
        observed=f"{told.type} {told.status} ({told.reason}): {shorten(told.message)}",
        expected="Degraded False, Available True",
        since=told.last_transition_time,
        grace=ctx.limit(DEGRADED),
        causes=_causes(told, ctx),
    )


def _describe(told: Condition) -> str:
    refused = find_apply_error(told.message)
    return (
        f"{refused.cron} is refused: {shorten(refused.why)}"
        if refused
        else shorten(told.message) or "it does not say why"
    )


def _causes(told: Condition, ctx: Context) -> tuple[Cause, ...]:
    """By the component that the reason names; a reconcile that fails as a whole is a finding of its own."""
    component = next((c for c in _OURS if told.reason.startswith(c)), "")
    if component:
        if component == "CDI":
            return (Cause("cdi-degraded"),)
        checks: tuple[CheckId, ...] = ("ssp-degraded", "ssp-resources-unavailable", "ssp-paused", "ssp-status-stale")
        return tuple(Cause(check) for check in checks)
    return (Cause("hyperconverged-status-stale", ctx.ref),) if told.reason.startswith("Reconcile") else ()
