"""HCO keeps an entry back because its image is for none of the cluster's architectures."""

from __future__ import annotations

from datetime import timedelta

from exporter.checks.check import Context, Failed, Verdict, check
from exporter.checks.fixes import Fix
from exporter.checks.shared.costs import NOTHING
from exporter.checks.shared.entries import EntrySlot, edit_entry, entry_slots
from exporter.cluster.resources import HYPERCONVERGEDS
from exporter.joins.entries import ListedEntry, Stage, entries_of
from exporter.model.field_path import pointer_step
from exporter.model.hco import ARCHITECTURES, HyperConverged
from exporter.model.wire import ABSENT, find_condition
from exporter.report import Severity


@check(
    id="unsupported-architecture",
    severity=Severity.WARNING,
    over=HYPERCONVERGEDS,
    summary="An entry is not deployed for an architecture that it names",
    meaning=(
        f"With multi-arch on HCO keeps only those architectures of an entry's annotation {ARCHITECTURES} that the "
        "cluster's workers have, and compares without trimming: `amd64, arm64` loses arm64. If none is left, the entry "
        "is not passed on."
    ),
    impact="There is no boot source for that architecture, or none at all.",
    diagnosis="`oc get hyperconverged -A -o yaml`: the entry's status holds the condition Deployed and the original architectures.",
    mitigation="Correct the annotation, without spaces; or disable the entry if the cluster has no such nodes.",
    alert_for=timedelta(hours=1),
    scenarios=("F61",),
)
def unsupported_architecture(hco: HyperConverged, ctx: Context) -> Verdict:
    """Judge what HCO keeps back, and what it loses because of a space."""
    mine = {s.name: s for s in entry_slots(hco)}
    found = (_check_entry(item, mine.get(item.name), hco, ctx) for item in entries_of(hco))
    return [failed for failed in found if failed is not None]


def _check_entry(item: ListedEntry, slot: EntrySlot | None, hco: HyperConverged, ctx: Context) -> Failed | None:
    info = hco.status.node_info
    have = info.workloads_architectures if info else ()
    wanted = _written_architectures(item)
    parts = wanted.split(",")
    lost = [p.strip() for p in parts if p != p.strip() and p.strip() in have] if hco.multi_arch else []
    if item.stage is Stage.DISABLED or not (item.stage is Stage.NOT_DEPLOYED or lost):
        return None
    told = find_condition(item.status.status.conditions, "Deployed") if item.status else ABSENT
    what = "is not deployed" if item.stage is Stage.NOT_DEPLOYED else f"is not deployed for {', '.join(lost)}"
    why = (
        "a space in its annotation hides an architecture" if lost else f"its architectures are {wanted or 'not known'}"
    )
    return Failed(
        summary=f"Boot source {item.name} {what}: {why}, the cluster's are {', '.join(have) or 'not known'}",
        field=(slot.field if slot else f"status.dataImportCronTemplates[name={item.name}]")
        + f".metadata.annotations[{ARCHITECTURES}]",
        observed=wanted or (told.message if told is not ABSENT else ""),
        expected=f"at least one of {', '.join(have)}" if have else "an architecture of the cluster",
        since=told.last_transition_time if told is not ABSENT and told.false else None,
        fix=_fix(slot, wanted, ctx) if lost else None,
        part=item.name,
    )


def _written_architectures(item: ListedEntry) -> str:
    """The architectures as the administrator wrote them; HCO blanks its own copy."""
    if item.entry is not None and ARCHITECTURES in item.entry.metadata.annotations:
        return item.entry.metadata.annotations[ARCHITECTURES]
    return item.status.status.original_supported_architectures if item.status else ""


def _fix(slot: EntrySlot | None, wanted: str, ctx: Context) -> Fix | None:
    if slot is None or ARCHITECTURES not in slot.entry.metadata.annotations:
        return None
    trimmed = ",".join(p.strip() for p in wanted.split(",") if p.strip())
    path = f"/metadata/annotations/{pointer_step(ARCHITECTURES)}"
    note = "One more image is imported per architecture"
    return edit_entry(ctx, slot, slot.operation("replace", path, trimmed), cost=NOTHING, note=note)
