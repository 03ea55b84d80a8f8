"""VirtualMachines and DataVolumes that need a DataSource which does not exist."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from exporter.checks.check import PASSED, Cause, Context, Failed, Threshold, Unknown, Verdict, check
from exporter.checks.references._missing_targets import OPTIONAL, READS, look_there_instead, namesakes
from exporter.checks.references._waiting_links import affected, alone, field_of_link, names, since, who
from exporter.checks.shared.data_source_causes import feeders_of, just_wanted, missing_causes
from exporter.cluster.resources import DATA_SOURCES
from exporter.joins.references import Link, Relevance, waiting
from exporter.kube.contract import Key
from exporter.model.wire import ABSENT
from exporter.report import Severity

_GRACE: Final = Threshold(
    "grace", timedelta(minutes=5), "how long after each other a machine and its DataSource may be made"
)
"""A machine and its DataSource may be applied one after the other; KubeVirt tries again."""


@check(
    id="machine-source-missing",
    severity=Severity.WARNING,
    over=waiting,
    reads=READS,
    optional=OPTIONAL,
    summary="A virtual machine refers to a DataSource that does not exist",
    meaning=(
        "The disk of a VirtualMachine, or a DataVolume of its own that has a sourceRef, is to be cloned from a DataSource that "
        "is not there. VirtualMachines that have their disk keep such references without harm, and are not reported. "
        "All that name the same DataSource are one finding about that DataSource."
    ),
    impact="The machine gets no disk and cannot start. One whose volumes are made at its first start fails then.",
    diagnosis="`oc describe virtualmachine NAME -n NAMESPACE` shows FailedCreate; `oc get datasource -A` what there is.",
    mitigation=(
        "Correct sourceRef in the machine (an empty namespace means the machine's own), or make a boot source of that name."
    ),
    thresholds=(_GRACE,),
    undated="a VirtualMachine that has not been started says nothing yet, and a DataSource that is deleted leaves no trace",
    alert_for=timedelta(minutes=10),
    scenarios=("F56", "F64"),
)
def machine_source_missing(links: tuple[Link, ...], ctx: Context) -> Verdict:
    """Judge references for which there is no volume yet. However many name one DataSource, it is one finding."""
    lacking: dict[tuple[Key, str], list[Link]] = {}
    unclear = ""
    for link in links:
        reference = link.reference
        if reference.dynamic or not reference.supported or link.matter is Relevance.WAITING:
            continue
        if ctx[DATA_SOURCES].get(*link.target) is not ABSENT:
            continue
        if link.matter is Relevance.UNCLEAR:
            unclear = f"KubeVirt has not said whether it needs DataSource {link.target}, which does not exist"
        else:
            part = reference.volume if ctx.ref == link.by else ""
            lacking.setdefault((link.target, part), []).append(link)
    if lacking:
        return [_fail(target, part, found, ctx) for (target, part), found in lacking.items()]
    return Unknown(unclear) if unclear else PASSED


def _fail(target: Key, part: str, links: list[Link], ctx: Context) -> Failed:
    later = " when it starts" if all(link.matter is Relevance.LATER for link in links) else ""
    first = links[0]
    said = next((link.said for link in links if link.said), "")
    return Failed(
        summary=f"{who(links)} {'gets' if alone(links) else 'get'} no disk{later}: DataSource {target} does not exist"
        + names(links),
        field=field_of_link(first, ctx.ref) if alone(links) else "",
        observed=f"{target}: {said}" if said else str(target),
        expected="an existing DataSource" + namesakes(target, ctx),
        since=since(links) or just_wanted(feeders_of(target, ctx), ctx.limit(_GRACE), ctx),
        grace=ctx.limit(_GRACE),
        part=part,
        affects=affected(links),
        causes=(Cause("data-source-missing", DATA_SOURCES.ref(*target)), *missing_causes(target, ctx)),
        fix=look_there_instead(first, ctx) if alone(links) else None,
    )
