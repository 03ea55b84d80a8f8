"""A DataImportCron differs from the entry that it was made of."""

from __future__ import annotations

from datetime import timedelta

from exporter.checks.check import PASSED, Cause, Context, Failed, Unknown, Verdict, check
from exporter.checks.fixes import Fix, command, named
from exporter.checks.shared.entries import DRIFT, JUST_EDITED, latest, ssp_edited, ssp_just_edited, ssp_refs, ssp_works
from exporter.cluster.resources import DATA_IMPORT_CRONS, SSPS
from exporter.joins.drift import differences
from exporter.joins.ssp_crons import planned_crons
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
    if ssp_just_edited(ctx):
        return Unknown(JUST_EDITED)
    first, more = found[0], len(found) - 1
    return Failed(
        summary=f"DataImportCron {cron.metadata.name} does not match entry {expected.entry.name} in {first.path}"
        + (f" and {more} more fields" if more else "")
        + "; the place to edit is HyperConverged",
        field=f"spec.{first.path}",
        observed=first.observed or "not set",
        expected=first.expected or "not set",
        since=latest(ssp_edited(ctx), cron.metadata.creation_timestamp),
        grace=ctx.limit(DRIFT),
        causes=tuple(
            Cause(check, ssp) for ssp in ssp_refs(ctx) for check in ("ssp-paused", "ssp-status-stale", "ssp-degraded")
        ),
        # While SSP does not work nobody would recreate it.
        fix=_fix(ctx) if ssp_works(ctx) else None,
    )


def _fix(ctx: Context) -> Fix:
    client = ctx.platform.client
    return Fix(
        command(client, "delete", *named(ctx.ref)),
        command(client, "get", *named(ctx.ref), "-o", "yaml"),
        "SSP recreates it from the entry; with retentionPolicy None the image is gone until it is imported again",
    )
