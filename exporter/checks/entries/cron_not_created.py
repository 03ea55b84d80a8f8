"""SSP lists a boot source, but there is no DataImportCron of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from exporter.checks.check import PASSED, Cause, Context, Failed, Unknown, Verdict, check
from exporter.checks.fixes import Fix, advice, command
from exporter.checks.shared.admission import REFUSED
from exporter.checks.shared.costs import read_log, restart
from exporter.checks.shared.entries import (
    DRIFT,
    JUST_EDITED,
    refusal_of,
    ssp_is_just_edited,
    ssp_last_edit,
    ssp_refs,
    ssp_works,
)
from exporter.cluster.resources import DATA_IMPORT_CRONS, SSPS
from exporter.joins.admission import cron_manifests
from exporter.joins.platform import image_namespace
from exporter.joins.ssp_crons import ExpectedCron, absent_crons
from exporter.kube.contract import State
from exporter.report import Severity


@check(
    id="cron-not-created",
    severity=Severity.WARNING,
    over=absent_crons,
    reads=(SSPS, DATA_IMPORT_CRONS, image_namespace),
    summary="SSP has not made the DataImportCron of an entry",
    meaning=(
        "The entry has arrived in SSP and is neither overruled by another one nor opted out of. SSP is paused, down or "
        "degraded, or CDI's webhook refuses this DataImportCron."
    ),
    impact="The boot source is not imported, and nothing keeps its DataSource up to date.",
    diagnosis="`oc get ssp -A -o yaml` for conditions and pause; `oc logs -n openshift-cnv deploy/ssp-operator`.",
    mitigation="Correct the entry in HyperConverged (HCO reverts edits of SSP), or mend SSP.",
    thresholds=(DRIFT,),
    undated="the API server does not track edits of SSP, or none is left",
    alert_for=timedelta(minutes=30),
    scenarios=("F07", "F08"),
)
def cron_not_created(expected: ExpectedCron, ctx: Context) -> Verdict:
    """Judge one DataImportCron that is not there."""
    if not expected.deployed:
        return PASSED
    if ctx[DATA_IMPORT_CRONS].state is State.NOT_SERVED:
        return Unknown("CDI's API is not served")
    if ssp_is_just_edited(ctx):
        return Unknown(JUST_EDITED)
    ref, ssps = ctx.ref, ssp_refs(ctx)
    return Failed(
        summary=f"SSP has not made DataImportCron {ref.namespace}/{ref.name} of entry {expected.entry.name}",
        field=f"spec.commonTemplates.dataImportCronTemplates[name={expected.entry.name}]",
        observed="no such DataImportCron",
        expected=f"one that manages DataSource {expected.managed}",
        since=ssp_last_edit(ctx),
        grace=ctx.limit(DRIFT),
        causes=(
            *_refusal_causes(expected, ctx),
            *(Cause(check, each) for each in ssps for check in ("ssp-paused", "ssp-status-stale", "ssp-degraded")),
        ),
        fix=_fixes(expected, ctx, ssps[0].namespace) if ssp_works(ctx) else None,
    )


def _fixes(expected: ExpectedCron, ctx: Context, namespace: str) -> tuple[Fix, ...]:
    """SSP says that it works and has seen its list; only its log can tell more."""
    client, ref = ctx.platform.client, ctx.ref
    if reason := refusal_of(cron_manifests([expected])[0], ctx):
        return (advice(f"Correct entry {expected.entry.name} in HyperConverged: CDI refuses it because {reason}"),)
    verify = command(client, "get", "dataimportcron", ref.name, "-n", ref.namespace)
    log = read_log("ssp-operator", namespace, ctx, f"Look for {ref.name}: what stops SSP stands in its log only")
    return log, restart("ssp-operator", namespace, ctx, verify)


def _refusal_causes(expected: ExpectedCron, ctx: Context) -> Iterator[Cause]:
    """What CDI or the API server has against this very cron. Its finding is about the entry, so about HyperConverged."""
    yield from (Cause(check, part=expected.entry.name) for check in REFUSED)
    if ctx.ref.namespace != ctx.join(image_namespace):
        yield Cause("boot-image-namespace-missing", part=ctx.ref.namespace)
