"""HCO does not get through its reconcile: what HyperConverged says below `status` is about the past."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from exporter.checks.check import PASSED, Cause, Context, Failed, Threshold, Unknown, Verdict, check
from exporter.checks.fixes import Fix, advice, command, merge_patch, object_args
from exporter.checks.operators._conditions import DEGRADED, RECONCILE, UNDATED, describe_lag, restart_operator, shorten
from exporter.cluster.resources import HYPERCONVERGEDS
from exporter.joins.admission import list_refusals
from exporter.model.hco import HyperConverged
from exporter.model.wire import ABSENT
from exporter.report import Severity

_FAILED_RECONCILE = ("Available", "Degraded", "Progressing", "Upgradeable")


@check(
    id="hyperconverged-status-stale",
    severity=Severity.WARNING,
    over=HYPERCONVERGEDS,
    summary="HCO does not reconcile HyperConverged",
    meaning=(
        "The HyperConverged operator has not taken up the newest spec, or says itself that it could not reconcile. "
        "It may be down, in a crash loop over an entry without a source or a `featureGates` of the old shape, or refused "
        "by a webhook."
    ),
    impact="No change of boot sources reaches SSP and CDI; the status shows an older state.",
    diagnosis=(
        "`oc get hyperconverged -A -o yaml` shows generation, observedGeneration and conditions; "
        "`oc logs -n openshift-cnv deploy/hco-operator` shows what stops it."
    ),
    mitigation=(
        "Mend what the log names, a broken entry or field first of all. Restart the operator only if it has reconciled "
        "before: one that has never got through will not after a restart."
    ),
    thresholds=(RECONCILE, DEGRADED),
    alert_for=timedelta(minutes=15),
    scenarios=("F06", "F10", "F14"),
)
def hyperconverged_status_stale(hco: HyperConverged, ctx: Context) -> Verdict:
    """Judge generation, ReconcileComplete and the conditions that turn Unknown when a reconcile fails."""
    never = _silent(hco)
    signs = [sign for sign in (_behind(hco), _incomplete(hco), _speechless(hco), never) if sign]
    if not signs:
        return PASSED if hco.status.conditions else Unknown("HCO has not said anything yet")
    if len(signs) == 1 and signs[0][3] is RECONCILE and signs[0][2] is None:
        return Unknown(f"{signs[0][1]}: HyperConverged's operator {UNDATED}")
    since = min((at for _, _, at, _ in signs if at is not None), default=None)
    # Each sign has a grace of its own; with several the one that is over first counts.
    field, _, _, grace = min(signs, key=lambda s: _over(s[2], ctx.limit(s[3])))
    return Failed(
        summary=f"HCO does not reconcile HyperConverged {hco.metadata.name}: {signs[0][1]}",
        field=field,
        observed="; ".join((*(text for _, text, _, _ in signs), *_unreadable(hco))),
        expected="observedGeneration equal to generation, ReconcileComplete True",
        since=since,
        grace=ctx.limit(grace),
        causes=_causes(hco, ctx),
        fix=_fixes(hco, ctx, never=never is not None),
    )


_Sign = tuple[str, str, datetime | None, Threshold[timedelta]]
"""Field, what is seen there, since when, and how long that is no reason to worry."""


def _behind(hco: HyperConverged) -> _Sign | None:
    text = describe_lag(hco.metadata.generation, hco.status.observed_generation)
    return ("status.observedGeneration", text, hco.metadata.spec_edited, RECONCILE) if text else None


def _incomplete(hco: HyperConverged) -> _Sign | None:
    done = hco.condition("ReconcileComplete")
    if done is ABSENT or done.true:
        return None
    text = f"ReconcileComplete {done.status} ({done.reason}): {shorten(done.message)}"
    return "status.conditions[type=ReconcileComplete]", text, done.last_transition_time, DEGRADED


def _speechless(hco: HyperConverged) -> _Sign | None:
    for type_ in _FAILED_RECONCILE:
        told = hco.condition(type_)
        if told is not ABSENT and not told.true and not told.false:
            text = f"{type_} {told.status or 'without status'} ({told.reason})"
            return f"status.conditions[type={type_}]", text, told.last_transition_time, DEGRADED
    return None


def _silent(hco: HyperConverged) -> _Sign | None:
    """HCO writes conditions in its first reconcile. An object that does not tell its age may be a manifest."""
    created = hco.metadata.creation_timestamp
    if hco.status.conditions or hco.status.observed_generation is not None or created is None:
        return None
    return "status.conditions", "no conditions and no observedGeneration", created, DEGRADED


def _unreadable(hco: HyperConverged) -> tuple[str, ...]:
    """What the operator cannot decode, and dies of."""
    if hco.misshapen_gates is None:
        return ()
    return ("spec.featureGates is an object as in v1beta1, where v1 has a list of name and state",)


def _over(since: datetime | None, grace: timedelta) -> float:
    return since.timestamp() + grace.total_seconds() if since else float("inf")


def _fixes(hco: HyperConverged, ctx: Context, *, never: bool) -> tuple[Fix, ...]:
    """A restart helps an operator that hangs. One that is refused, or that dies of a field, needs another spec."""
    look, again = restart_operator(ctx, "hco-operator", ctx.platform.hco_resource)
    if hco.misshapen_gates is not None:
        return _in_new_shape(hco.misshapen_gates, ctx), look
    done = hco.condition("ReconcileComplete")
    refused = [r for found in list_refusals([e.written for e in hco.entries]) for r in found]
    if refused:
        return look, advice(f"Correct the entries of HyperConverged: {refused[0].reason}")
    if never or done is ABSENT or not done.true:
        return look, advice(
            "Correct the field of HyperConverged that the log names: started again, the operator would fail in the same way"
        )
    return look, again


def _in_new_shape(gates: Mapping[str, bool], ctx: Context) -> Fix:
    listed = [{"name": gate, "state": "Enabled" if on else "Disabled"} for gate, on in gates.items()]
    target = object_args(ctx.ref, ctx.platform.hco_resource)
    return Fix(
        merge_patch(ctx.platform.client, target, {"spec": {"featureGates": listed}}),
        command(ctx.platform.client, "get", *target, "-o", "jsonpath={.status.observedGeneration}"),
        note="Says the same in the shape of v1: no gate changes",
    )


def _causes(hco: HyperConverged, ctx: Context) -> tuple[Cause, ...]:
    """A duplicate name ends each reconcile in an error; from 1.16 on HCO stumbles over an entry without a source."""
    stumbles = hco.release is None or hco.release >= (1, 16)
    return (
        Cause("duplicate-entry", ctx.ref),
        *((Cause("entry-without-source", ctx.ref),) if stumbles else ()),
    )
