"""Two entries have the same name."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from exporter.checks.check import Context, Failed, Verdict, check
from exporter.checks.shared.costs import NOTHING
from exporter.checks.shared.entries import edit_entry, entry_slots
from exporter.cluster.resources import HYPERCONVERGEDS
from exporter.model.hco import HyperConverged
from exporter.report import Severity


@check(
    id="duplicate-entry",
    severity=Severity.WARNING,
    over=HYPERCONVERGEDS,
    summary="Two entries have the same name",
    meaning="The name identifies an entry. HCO's webhook refuses duplicates; these came past it.",
    impact="HCO ends each reconcile in an error: no change of any boot source is passed on.",
    diagnosis="`oc logs -n openshift-cnv deploy/hco-operator` says that the entry is already defined.",
    mitigation="Rename one of the entries, with the command of the finding, or remove it.",
    alert_for=timedelta(minutes=5),
    scenarios=("F14",),
)
def duplicate_entry(hco: HyperConverged, ctx: Context) -> Verdict:
    """Judge the names of all entries, on or off."""
    every = entry_slots(hco)
    count = Counter(s.name for s in every)
    last = {s.name: s for s in every}
    return [
        Failed(
            summary=f"HyperConverged {hco.metadata.name} has {times} entries named {name}",
            field=f"{hco.layout.entries}[name={name}]",
            observed=f"{times} entries of this name",
            expected="one",
            since=hco.metadata.spec_edited,
            fix=edit_entry(
                ctx,
                last[name],
                last[name].operation("replace", "/metadata/name", _free(name, count)),
                cost=NOTHING,
                note="The last of them becomes an entry of its own; remove it instead if it is a mere copy",
            ),
            part=name,
        )
        for name, times in sorted(count.items())
        if times > 1
    ]


def _free(name: str, used: Counter[str]) -> str:
    return next(n for n in (f"{name}-{i}" for i in range(2, len(used) + 3)) if n not in used)
