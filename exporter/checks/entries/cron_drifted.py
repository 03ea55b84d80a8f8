"""A DataImportCron differs from the entry that it was made of."""

from __future__ import annotations

from datetime import timedelta

from exporter.base.phrases import counted
from exporter.checks.check import PASSED, Cause, Context, Failed, Unknown, Verdict, check
from exporter.checks.fixes import Fix, advice, command, object_args
from exporter.checks.shared.costs import replacement_of, restart
from exporter.checks.shared.entries import (
    DRIFT,
    JUST_EDITED,
    latest,
    refusal_of,
    ssp_is_just_edited,
    ssp_last_edit,
    ssp_refs,
    ssp_works,
)
from exporter.cluster.resources import DATA_IMPORT_CRONS, SSPS
from exporter.joins.admission import cron_manifests
from exporter.joins.drift import differences
from exporter.joins.ssp_crons import ExpectedCron, planned_crons
from exporter.kube.contract import Key
from exporter.model.cdi import DataImportCron
from exporter.report import Severity


@check(
    id="cron-drifted",
    severity=Severity.WARNING,
    over=DATA_IMPORT_CRONS,
    reads=(SSPS, planned_crons),
    summary="A DataImportCron does not match its entry",
    meaning=(
        "SSP's list asks for another spec than this DataImportCron has. A spec cannot be changed, so SSP deletes and "
        "recreates the cron; it has not done so."
    ),
    impact="CDI follows the older wish: another image, schedule, size or storage class than HyperConverged asks for.",
    diagnosis="Compare the entry in `oc get ssp -A -o yaml` with the spec of the DataImportCron.",
    mitigation="Mend what keeps SSP from reconciling. To change a boot source edit HyperConverged, nothing below it.",
    thresholds=(DRIFT,),
    alert_for=timedelta(minutes=30),
    scenarios=("F08",),
)
def cron_drifted(cron: DataImportCron, ctx: Context) -> Verdict:
    """Judge the spec against the model of what SSP makes of the entry."""
    ctx[SSPS].whole()
    expected = ctx.join(planned_crons).get(Key(*ctx.ref[1:]))
    found = differences(expected.spec, cron.spec) if expected is not None and expected.deployed else []
    if expected is None or not found:
        return PASSED
    if ssp_is_just_edited(ctx):
        return Unknown(JUST_EDITED)
    first, more = found[0], len(found) - 1
    return Failed(
        summary=f"DataImportCron {cron.metadata.name} does not match entry {expected.entry.name} in {first.path}"
        + (f" and {counted(more, 'more field')}" if more else "")
        + "; the place to edit is HyperConverged",
        field=f"spec.{first.path}",
        observed=first.observed or "not set",
        expected=first.expected or "not set",
        since=latest(ssp_last_edit(ctx), cron.metadata.creation_timestamp),
        grace=ctx.limit(DRIFT),
        causes=tuple(
            Cause(check, ssp) for ssp in ssp_refs(ctx) for check in ("ssp-paused", "ssp-status-stale", "ssp-degraded")
        ),
        # While SSP does not work nothing recreates it.
        fix=_fix(cron, expected, ctx) if ssp_works(ctx) else None,
    )


def _fix(cron: DataImportCron, expected: ExpectedCron, ctx: Context) -> Fix:
    """SSP goes through its list when it starts. It deletes the DataImportCron before it asks for the new one."""
    name, ssp = expected.entry.name, ssp_refs(ctx)[0]
    if reason := refusal_of(cron_manifests([expected])[0], ctx):
        return advice(
            f"Correct entry {name} in HyperConverged first: CDI refuses its DataImportCron because {reason}, and SSP "
            "would delete the one that works"
        )
    verify = command(ctx.platform.client, "get", *object_args(ctx.ref), "-o", "yaml")
    return restart("ssp-operator", ssp.namespace, ctx, verify, replacement_of([cron]))
