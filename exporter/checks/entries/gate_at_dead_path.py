"""The gate was set at a place where this version of HCO does not look any more."""

from __future__ import annotations

from datetime import timedelta

from exporter.checks.check import PASSED, Context, Failed, Verdict, check
from exporter.checks.fixes import Fix, command, merge_patch, named
from exporter.cluster.resources import HYPERCONVERGEDS
from exporter.model.hco import HyperConverged
from exporter.model.hco_layout import Switch
from exporter.report import Severity


@check(
    id="gate-at-dead-path",
    severity=Severity.WARNING,
    over=HYPERCONVERGEDS,
    summary="The gate of common boot sources is set where HCO ignores it",
    meaning=(
        "The field enableCommonBootImageImport has moved twice: from featureGates to the top of the spec in HCO 1.15 "
        "(CNV 4.19), and to workloadSources in the v1 API. Older documents and runbooks still name the first place."
    ),
    impact="Somebody believes that common boot sources are off, or on, and they are not.",
    diagnosis="Compare the field of the finding with the one that counts, which it names as well.",
    mitigation="Set the field that counts and remove the other one, also from the manifest in GitOps.",
    alert_for=timedelta(hours=1),
    scenarios=("F03",),
)
def gate_at_dead_path(hco: HyperConverged, ctx: Context) -> Verdict:
    """Judge a value at a dead place that disagrees with the one in effect."""
    gate = hco.gate
    dead = next(((path, on) for path, on in gate.dead.items() if on is not gate.on), None)
    if dead is None:
        return PASSED
    path, on = dead
    client, target = ctx.platform.client, named(ctx.ref, ctx.platform.hco_resource)
    return Failed(
        summary=f"{path}={_text(on)} on HyperConverged {hco.metadata.name} has no effect: "
        f"{gate.path} counts and is {_text(gate.on)}",
        field=str(path),
        observed=_text(on),
        expected=f"not set; {gate.path} says what is wanted",
        fix=Fix(
            merge_patch(client, target, {"spec": _patch(hco, path, on=on)}),
            command(client, "get", *target, "-o", f"jsonpath={{.{gate.path}}}"),
            "Imports all common images: needs access to their registries, and storage"
            if on
            else "SSP deletes the crons of all common boot sources; from HCO 1.18 on CDI deletes their images as well",
        ),
    )


def _patch(hco: HyperConverged, dead: Switch, *, on: bool) -> dict[str, object]:
    """Do what was meant. A merge patch cannot remove one item of a list of feature gates."""
    removal = {} if hco.layout.lists_feature_gates else dead.merge_patch(None)["spec"]
    return {**removal, **hco.gate.path.merge_patch(on)["spec"]}


def _text(on: bool) -> str:
    return "true" if on else "false"
