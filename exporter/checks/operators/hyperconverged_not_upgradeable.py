"""HCO says that the platform must not be upgraded now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from exporter.checks.check import PASSED, Cause, Context, Failed, Unknown, Verdict, check
from exporter.checks.ids import CheckId
from exporter.checks.operators._conditions import DEGRADED, component_of, failing_condition, shorten
from exporter.cluster.resources import HYPERCONVERGEDS
from exporter.model.hco import HyperConverged
from exporter.model.wire import ABSENT, Condition
from exporter.report import Severity

_OF_A_COMPONENT: Final[Mapping[str, tuple[CheckId, ...]]] = {
    "SSP": ("ssp-degraded", "ssp-resources-unavailable", "ssp-paused", "ssp-status-stale"),
    "CDI": ("cdi-degraded",),
}
"""By the component that HCO names: what else is found about it."""


@check(
    id="hyperconverged-not-upgradeable",
    severity=Severity.INFO,
    over=HYPERCONVERGEDS,
    summary="HyperConverged cannot be upgraded",
    meaning="A component asks not to be upgraded: it is degraded, or in the middle of a change.",
    impact="OLM holds upgrades back, and with them newer lists of boot sources.",
    diagnosis="The condition Upgradeable in `oc get hyperconverged -A -o yaml` names the component and its reason.",
    mitigation="Wait for a change that is under way; else mend the component that the condition names.",
    thresholds=(DEGRADED,),
    alert_for=timedelta(hours=6),
    scenarios=("F66",),
)
def hyperconverged_not_upgradeable(hco: HyperConverged, ctx: Context) -> Verdict:
    """Judge Upgradeable; what makes HCO degraded also makes it not upgradeable."""
    told = hco.condition("Upgradeable")
    if told is ABSENT or not (told.true or told.false):
        return Unknown("HCO has not said whether it can be upgraded")
    if told.true:
        return PASSED
    return Failed(
        summary=f"HyperConverged {hco.metadata.name} cannot be upgraded ({told.reason}): {shorten(told.message)}",
        field="status.conditions[type=Upgradeable]",
        observed=f"{told.status} ({told.reason})",
        expected="True",
        since=told.last_transition_time,
        grace=ctx.limit(DEGRADED),
        causes=(Cause("hyperconverged-status-stale", ctx.ref), *_component(hco, told, ctx)),
    )


def _component(hco: HyperConverged, told: Condition, ctx: Context) -> tuple[Cause, ...]:
    """What the component that HCO names in the reason says of itself; HCO may repeat it as degraded."""
    name = component_of(told.reason)
    worse = failing_condition(hco.status.conditions)
    repeated = worse is not None and component_of(worse.reason) == name
    own = _OF_A_COMPONENT.get(name, ())
    return (*((Cause("hyperconverged-degraded", ctx.ref),) if repeated else ()), *(Cause(check) for check in own))
