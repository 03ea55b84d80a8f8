"""A boot source that nobody wants any more is still imported."""

from __future__ import annotations

from datetime import timedelta

from exporter.checks.check import PASSED, Cause, Context, Failed, Unknown, Verdict, check
from exporter.checks.fixes import Fix, command, object_args
from exporter.checks.shared.costs import Cost, loses_its_image, restart, size_of
from exporter.checks.shared.entries import (
    DRIFT,
    JUST_EDITED,
    latest,
    ssp_is_just_edited,
    ssp_last_edit,
    ssp_refs,
    ssp_works,
)
from exporter.cluster.resources import DATA_IMPORT_CRONS, HYPERCONVERGEDS, SSPS
from exporter.joins.acting_hco import acting_hyperconvergeds
from exporter.joins.entries import COMMON_NAMES, ListedEntry, Origin, Stage, listed_entries
from exporter.joins.ssp_crons import ExpectedCron, entry_of, planned_crons
from exporter.kube.contract import Key
from exporter.model.cdi import DataImportCron, owned_by_ssp
from exporter.report import Severity


@check(
    id="disabled-entry-still-deployed",
    severity=Severity.WARNING,
    over=DATA_IMPORT_CRONS,
    reads=(HYPERCONVERGEDS, acting_hyperconvergeds, SSPS, listed_entries, planned_crons),
    summary="A boot source that was switched off or removed is still imported",
    meaning=(
        "SSP made this DataImportCron from an entry that is disabled, gone, or behind the closed gate by now. SSP should "
        "have deleted it: it is paused, down or degraded, or HCO has not told it yet."
    ),
    impact="An image goes on being imported, kept and offered that should not be.",
    diagnosis="Conditions, generation and annotations of `oc get ssp,hyperconverged -A -o yaml`.",
    mitigation="Mend what keeps HCO or SSP from reconciling, which the cause of the finding names.",
    thresholds=(DRIFT,),
    alert_for=timedelta(minutes=30),
    scenarios=("F05",),
)
def disabled_entry_still_deployed(cron: DataImportCron, ctx: Context) -> Verdict:
    """Judge a cron that SSP owns against what HCO's spec wants, and then against what SSP's own list stands for."""
    if not owned_by_ssp(cron.metadata):
        return PASSED
    ctx[SSPS].whole()
    ctx[HYPERCONVERGEDS].whole()
    planned = ctx.join(planned_crons).get(Key(*ctx.ref[1:]))
    why = _why_unwanted(cron, planned, ctx)
    if not why:
        return PASSED
    if ssp_is_just_edited(ctx):
        return Unknown(JUST_EDITED)
    return Failed(
        summary=f"DataImportCron {cron.metadata.name} is still there, although {why}",
        field="metadata.name",
        observed=f"made by SSP, and {'still' if planned else 'no longer'} in SSP's list",
        expected="no such DataImportCron",
        since=latest(
            ssp_last_edit(ctx), *(hco.metadata.spec_edited for hco in ctx.join(acting_hyperconvergeds).values())
        ),
        grace=ctx.limit(DRIFT),
        causes=(
            *(
                Cause(check, ssp)
                for ssp in ssp_refs(ctx)
                for check in ("ssp-paused", "ssp-status-stale", "ssp-degraded")
            ),
            Cause("hyperconverged-status-stale"),
            Cause("hyperconverged-missing"),
            *(
                Cause("entry-not-propagated", part=part)
                for part in (entry_of(cron.metadata.name, _names(ctx)), "gate")
                if part
            ),
            *((Cause("hyperconverged-tainted"),) if planned else ()),
        ),
        fix=_fix(cron, ctx) if ssp_works(ctx) and not planned else None,
    )


def _names(ctx: Context) -> list[str]:
    return [item.name for item in ctx.join(listed_entries)]


def _why_unwanted(cron: DataImportCron, planned: ExpectedCron | None, ctx: Context) -> str:
    """Why this cron should not be there; "" if it should."""
    items = {item.name: item for item in ctx.join(listed_entries)}
    item = items.get(entry_of(cron.metadata.name, items.keys()))
    gate_on = all(hco.gate.on for hco in ctx.join(acting_hyperconvergeds).values())
    if item is not None and (why := _off(item, gate_on=gate_on)):
        return why
    if planned is not None:
        return f"entry {planned.collapsed_into} manages its DataSource" if planned.collapsed_into else ""
    if item is None:
        gated = not gate_on and entry_of(cron.metadata.name, COMMON_NAMES)
        return "common boot sources are switched off" if gated else "no entry of HyperConverged stands for it"
    elsewhere = [str(key) for key, e in sorted(ctx.join(planned_crons).items()) if e.entry.name == item.name]
    return f"SSP wants {', '.join(elsewhere)} instead" if elsewhere else f"SSP's list has no entry {item.name}"


def _off(item: ListedEntry, *, gate_on: bool) -> str:
    """Why HCO's spec does not want this boot source; "" if it does."""
    if item.entry is not None and not item.entry.enabled:
        return f"entry {item.name} is disabled"
    if item.origin is not Origin.CUSTOM and not gate_on:
        return "common boot sources are switched off"
    if item.stage is Stage.NOT_DEPLOYED:
        return f"HCO keeps entry {item.name} back, as none of its architectures is in the cluster"
    removed = item.entry is None and item.origin is Origin.CUSTOM
    return f"entry {item.name} was removed from HyperConverged's spec" if removed else ""


def _fix(cron: DataImportCron, ctx: Context) -> Fix:
    """SSP goes through its list when it starts, and deletes what is not in it."""
    lost = f"SSP deletes DataImportCron {cron.metadata.name}"
    if loses_its_image(cron):
        lost += f", and because of retentionPolicy None CDI deletes its image{size_of([cron])} and DataSource"
    verify = command(ctx.platform.client, "get", *object_args(ctx.ref))
    return restart("ssp-operator", ssp_refs(ctx)[0].namespace, ctx, verify, Cost(lost))
