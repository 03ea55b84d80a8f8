"""An entry is stuck on its way: HCO's spec -> HCO's status -> SSP's spec."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from exporter.base.excerpts import list_some
from exporter.base.phrases import counted
from exporter.checks.check import Cause, Context, Failed, Unknown, Verdict, check
from exporter.checks.shared.admission import REFUSED
from exporter.checks.shared.entries import DRIFT, JUST_EDITED, is_just_edited, latest
from exporter.cluster.resource import Ref
from exporter.cluster.resources import HYPERCONVERGEDS, SSPS
from exporter.joins.drift import differences
from exporter.joins.entries import Origin, Stage, entries_of
from exporter.joins.propagation import expected_ssp_entries, expected_status_entries
from exporter.joins.ssp_crons import architectures
from exporter.kube.contract import State
from exporter.model.hco import JSONPATCH_SSP, BootSourceEntry, HyperConverged
from exporter.model.ssp import SSP
from exporter.report import Severity

_LIST = "spec.commonTemplates.dataImportCronTemplates"


@check(
    id="entry-not-propagated",
    severity=Severity.WARNING,
    over=HYPERCONVERGEDS,
    reads=(SSPS,),
    summary="An entry of HyperConverged has not arrived",
    meaning=(
        "HCO computes its list of boot sources from the spec, shows it in its status, and writes it into the SSP "
        "object. Two of these copies differ: HCO does not reconcile, or a JSON patch or an edit changed SSP."
    ),
    impact="CDI goes on with the older list: a source that was added or changed in HyperConverged is not imported.",
    diagnosis="Compare the entry of that name in spec and status of HyperConverged with the one in `oc get ssp -A -o yaml`.",
    mitigation="Edit HyperConverged, never SSP, which HCO reverts. If the spec is right, mend what keeps HCO from reconciling.",
    thresholds=(DRIFT,),
    undated="the API server does not track edits of HyperConverged and SSP",
    alert_for=timedelta(minutes=30),
    scenarios=("F06", "F09", "F10"),
)
def entry_not_propagated(hco: HyperConverged, ctx: Context) -> Verdict:
    """Judge both hops against the model. Entries that are off, gated or kept back are expected to be missing."""
    if hco.status.observed_generation is None and not hco.status.conditions:
        return Unknown("HCO has not reconciled it yet")
    if is_just_edited(hco):
        return Unknown(JUST_EDITED)
    found = [*_not_taken_up(hco, ctx), *_not_dropped(hco, ctx)]
    for key, ssp in ctx[SSPS]:
        found.extend(_not_passed_on(hco, ssp, SSPS.ref(*key), ctx))
    if not len(ctx[SSPS]) and not ctx[SSPS].rejected and ctx[SSPS].state is not State.NOT_SERVED:
        found.extend(_no_ssp(hco, ctx))
    return found


def _stuck(ctx: Context) -> tuple[Cause, ...]:
    return (Cause("hyperconverged-status-stale", ctx.ref), Cause("duplicate-entry", ctx.ref))


def _not_taken_up(hco: HyperConverged, ctx: Context) -> Iterator[Failed]:
    """HCO's spec against its status. HCO may fill in what an entry leaves out."""
    wanted = {e.name: e for e in expected_status_entries(hco)}
    causes = _stuck(ctx)
    for item in entries_of(hco):
        entry = wanted.get(item.name)
        if item.entry is None or entry is None or item.stage is Stage.NOT_DEPLOYED:
            continue
        difference = _difference(entry, item.status, only_set=True)
        if difference is None:
            continue
        path, expected, observed = difference
        yield Failed(
            summary=f"HCO has not taken up entry {item.name} of HyperConverged {hco.metadata.name}: "
            f"its status {'lacks it' if item.status is None else f'still has another {path}'}",
            field=f"status.dataImportCronTemplates[name={item.name}]{path and '.' + path}",
            observed=observed,
            expected=expected,
            since=hco.metadata.spec_edited,
            grace=ctx.limit(DRIFT),
            causes=(*causes, *(Cause(check, ctx.ref, item.name) for check in REFUSED)),
            part=f"{item.name}/status",
        )


def _not_dropped(hco: HyperConverged, ctx: Context) -> Iterator[Failed]:
    """What HCO's status still lists though its spec does not want it any more."""
    wanted = {e.name for e in expected_status_entries(hco)}
    left = [item for item in entries_of(hco) if item.status is not None and item.name not in wanted]
    gated = [item.name for item in left if item.origin is not Origin.CUSTOM and item.stage is not Stage.DISABLED]
    if gated:
        what = f"{counted(len(gated), 'common boot source')} ({list_some(gated)})"
        yield _still_listed(hco, ctx, "gate", what, f"{hco.gate.path} is false")
    for item in left:
        if item.name not in gated:
            why = "its entry is disabled" if item.entry is not None else "its entry was removed"
            yield _still_listed(hco, ctx, item.name, f"boot source {item.name}", why)


def _still_listed(hco: HyperConverged, ctx: Context, part: str, what: str, why: str) -> Failed:
    return Failed(
        summary=f"HCO still lists {what} in the status of HyperConverged {hco.metadata.name}, although {why}",
        field="status.dataImportCronTemplates",
        observed=f"{what} listed",
        expected="no such entry",
        since=hco.metadata.spec_edited,
        grace=ctx.limit(DRIFT),
        causes=_stuck(ctx),
        part=f"{part}/status",
    )


def _not_passed_on(hco: HyperConverged, ssp: SSP, ref: Ref, ctx: Context) -> Iterator[Failed]:
    """HCO's status against SSP's spec, which HCO alone writes."""
    wanted = {e.name: e for e in expected_ssp_entries(hco)}
    have = {e.name: e for e in ssp.spec.common_templates.data_import_cron_templates}
    patched = (Cause("hyperconverged-tainted"),) if JSONPATCH_SSP in hco.metadata.annotations else ()
    for name in sorted({*wanted, *have}):
        entry = wanted.get(name)
        difference = (
            _difference(entry, have.get(name)) if entry else ("", "no such entry", "an entry that HCO does not list")
        )
        if difference is None:
            continue
        path, expected, observed = difference
        yield Failed(
            summary=f"SSP {ref.name} and HyperConverged's status disagree on boot source {name}"
            f"{f' ({path})' if path else ''}; the place to edit is HyperConverged, HCO reverts edits of SSP",
            field=f"{_LIST}[name={name}]{path and '.' + path}",
            observed=observed,
            expected=expected,
            since=latest(hco.metadata.spec_edited, ssp.metadata.spec_edited),
            grace=ctx.limit(DRIFT),
            causes=(*patched, Cause("hyperconverged-status-stale")),
            about=ref,
            part=f"{name}/ssp",
        )


def _no_ssp(hco: HyperConverged, ctx: Context) -> Iterator[Failed]:
    """HCO creates SSP; without it no entry arrives anywhere."""
    count = len(expected_ssp_entries(hco))
    if count:
        yield Failed(
            summary=f"HyperConverged {hco.metadata.name} lists {counted(count, 'boot source')}, but there is no SSP to make them",
            field="status.dataImportCronTemplates",
            observed="no SSP in any namespace",
            expected="the SSP that HCO creates",
            since=hco.metadata.spec_edited,
            grace=ctx.limit(DRIFT),
            causes=(Cause("hyperconverged-status-stale", ctx.ref),),
            part="ssp",
        )


def _difference(
    expected: BootSourceEntry, observed: BootSourceEntry | None, *, only_set: bool = False
) -> tuple[str, str, str] | None:
    """The first field that differs, what it should be, and what it is; an empty field means the whole entry."""
    if observed is None:
        return "", f"entry {expected.name}", "no such entry"
    here, there = expected.metadata.namespace, observed.metadata.namespace
    if here != there and (here or not only_set):
        return "metadata.namespace", here or "not set", there or "not set"
    if not only_set and architectures(expected) != architectures(observed):
        return "metadata.annotations", ",".join(architectures(expected)), ",".join(architectures(observed))
    if expected.spec is None or observed.spec is None:
        return None
    found = differences(expected.spec, observed.spec, only_set=only_set)
    return (f"spec.{found[0].path}", found[0].expected or "not set", found[0].observed or "not set") if found else None
