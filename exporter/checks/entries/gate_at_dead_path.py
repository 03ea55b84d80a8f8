"""The gate was set at a place where this version of HCO does not look any more."""

from __future__ import annotations

import json
from datetime import timedelta

from exporter.base.phrases import counted
from exporter.checks.check import PASSED, Context, Failed, Verdict, check
from exporter.checks.fixes import Fix, command, merge_patch, object_args
from exporter.checks.shared.costs import loses_its_image, made_of, size_of
from exporter.cluster.resources import HYPERCONVERGEDS
from exporter.joins.entries import Origin, entries_of
from exporter.joins.proposed_crons import crons_by_name
from exporter.model.hco import HyperConverged
from exporter.model.hco_layout import FeatureGate, Switch
from exporter.report import Severity


@check(
    id="gate-at-dead-path",
    severity=Severity.WARNING,
    over=HYPERCONVERGEDS,
    optional=(crons_by_name,),
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
    return Failed(
        summary=f"{path}={_text(on)} on HyperConverged {hco.metadata.name} has no effect: "
        f"{gate.path} counts and is {_text(gate.on)}",
        field=str(path),
        observed=_text(on),
        expected=f"not set; {gate.path} says what is wanted",
        fix=(_remove(path, hco, ctx), _do_what_it_says(path, hco, ctx, on=on)),
    )


def _remove(dead: Switch, hco: HyperConverged, ctx: Context) -> Fix:
    """Drop the key without effect. A merge patch cannot take one item out of a list."""
    client, target = ctx.platform.client, object_args(ctx.ref, ctx.platform.hco_resource)
    note = f"Keeps everything as it is: common boot sources stay {'on' if hco.gate.on else 'off'}"
    verify = command(client, "get", *target, "-o", "jsonpath={.spec}")
    if not hco.layout.lists_feature_gates or not isinstance(dead, FeatureGate):
        return Fix(merge_patch(client, target, dead.merge_patch(None)), verify, note=note)
    at = f"/spec/featureGates/{list(hco.feature_gates).index(dead.name.lower())}"
    # The test makes the patch fail, rather than remove another gate, if the list has changed meanwhile.
    patch = [{"op": "test", "path": f"{at}/name", "value": dead.name}, {"op": "remove", "path": at}]
    text = json.dumps(patch, separators=(",", ":"))
    return Fix(command(client, "patch", *target, "--type", "json", "-p", text), verify, note=note)


def _do_what_it_says(dead: Switch, hco: HyperConverged, ctx: Context, *, on: bool) -> Fix:
    """The decision that the dead key stands for, at the place that counts."""
    client, target = ctx.platform.client, object_args(ctx.ref, ctx.platform.hco_resource)
    removal = {} if hco.layout.lists_feature_gates else dead.merge_patch(None)["spec"]
    run = merge_patch(client, target, {"spec": {**removal, **hco.gate.path.merge_patch(on)["spec"]}})
    verify = command(client, "get", *target, "-o", f"jsonpath={{.{hco.gate.path}}}")
    if on:
        note = "If common boot sources are to be on. All their images are imported: this needs registries and storage"
        return Fix(run, verify, note=note)
    return Fix(run, verify, _lost(hco, ctx), "Only if common boot sources are to be off")


def _lost(hco: HyperConverged, ctx: Context) -> str:
    """What goes with the gate: the DataImportCrons, and the images of those with retentionPolicy None."""
    common = [item.name for item in entries_of(hco) if item.origin is not Origin.CUSTOM]
    crons = [cron for name in common for cron in made_of(name, ctx) or ()]
    losing = [cron for cron in crons if loses_its_image(cron)]
    text = f"SSP deletes the DataImportCrons of all common boot sources{f', {len(crons)} of them' if crons else ''}"
    if losing:
        return f"{text}, and CDI deletes {counted(len(losing), 'image')}{size_of(losing)}"
    return f"{text}; from HCO 1.18 on CDI deletes their images as well"


def _text(on: bool) -> str:
    return "true" if on else "false"
