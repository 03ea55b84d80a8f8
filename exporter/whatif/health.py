"""What SSP and HCO report of themselves after SSP's reconcile."""

from __future__ import annotations

from collections.abc import Mapping

from exporter.cluster.resources import HYPERCONVERGEDS, SSPS
from exporter.kube.contract import Key
from exporter.model.wire import ABSENT, Condition, copy_with, find_condition
from exporter.whatif.document import Action, Actor, FieldValue
from exporter.whatif.draft import Draft
from exporter.whatif.rules import Rule

_FAILS = "Error:"
"""How SSP's message begins where it could not apply something; else it only waits for something to be available."""


def report_health(draft: Draft, key: Key, refused: Mapping[Key, str]) -> None:
    """SSP and HCO become Degraded by a refusal, and recover when none is left."""
    ssp = draft.get(SSPS, key)
    if ssp is None:
        return
    told = ssp.condition("Degraded")
    fails = told is not ABSENT and told.true and told.message.startswith(_FAILS)
    status = ssp.status
    if not refused:
        status = copy_with(status, observed_generation=ssp.metadata.generation)
    if bool(refused) == fails:
        draft.put(SSPS, key, copy_with(ssp, status=status))
        return
    why = next(iter(refused.values()), "")
    message = f"{_FAILS} {why}" if refused else ""
    conditions = _degraded(draft, status.conditions, message, reason="Degraded")
    phase = status.phase if refused else "Deployed"
    draft.put(SSPS, key, copy_with(ssp, status=copy_with(status, conditions=conditions, phase=phase)))
    fields = [FieldValue(path="status.conditions[Degraded].status", before=_flag(fails), after=_flag(bool(refused)))]
    verb = "reports Degraded" if refused else "is not Degraded any more"
    draft.log(Actor.SSP, Action.CHANGE, SSPS.ref(*key), f"SSP {verb}", Rule.SSP_STOPS, fields=fields)
    for place, hco in list(draft.rows(HYPERCONVERGEDS).items()):
        known = _degraded(draft, hco.status.conditions, message, reason="SSPDegraded" if refused else "")
        draft.put(HYPERCONVERGEDS, place, copy_with(hco, status=copy_with(hco.status, conditions=known)))
        ref = HYPERCONVERGEDS.ref(*place)
        draft.log(Actor.HCO, Action.CHANGE, ref, f"HCO {verb}", Rule.SSP_STOPS, fields=fields)


def _degraded(draft: Draft, conditions: tuple[Condition, ...], message: str, reason: str) -> tuple[Condition, ...]:
    """The conditions with Degraded and Available, and without what other components say of themselves."""
    states = {"Degraded": bool(message), "Available": not message, "Upgradeable": not message}
    found = []
    for condition in conditions:
        if condition.type not in states:
            found.append(condition)
            continue
        status = _flag(states[condition.type])
        same = condition.status == status
        since = condition.last_transition_time if same else draft.at
        found.append(
            copy_with(
                condition,
                status=status,
                reason=reason or ("ReconcileCompleted" if not message else condition.reason),
                message=message,
                last_transition_time=since,
            )
        )
    if find_condition(conditions, "Degraded") is ABSENT and message:
        found.append(Condition(type="Degraded", status="True", reason=reason, message=message))
    return tuple(found)


def _flag(value: bool) -> str:
    return "True" if value else "False"
