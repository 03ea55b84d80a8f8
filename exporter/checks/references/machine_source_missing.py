"""A VirtualMachine that needs a DataSource which does not exist."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from exporter.checks.check import PASSED, Cause, Context, Failed, Threshold, Unknown, Verdict, check
from exporter.checks.references._missing_targets import OPTIONAL, READS, field_of, look_there_instead, namesakes
from exporter.checks.shared.data_source_causes import fed, just_wanted, of_missing
from exporter.cluster.resources import DATA_SOURCES
from exporter.joins.references import Link, Matter, live_machines
from exporter.model.wire import ABSENT
from exporter.report import Severity

_GRACE: Final = Threshold(
    "grace", timedelta(minutes=5), "how long after each other a machine and its DataSource may be made"
)
"""A machine and its DataSource may be applied one after the other; KubeVirt tries again."""


@check(
    id="machine-source-missing",
    severity=Severity.CRITICAL,
    over=live_machines,
    reads=READS,
    optional=OPTIONAL,
    summary="A virtual machine refers to a DataSource that does not exist",
    meaning=(
        "The disk of the machine is to be cloned from a DataSource that is not there. Machines that have their disk keep such "
        "references for ever, without harm, and are not reported."
    ),
    impact="The machine gets no disk and cannot start. One whose volumes are made at its first start fails then.",
    diagnosis="`oc describe virtualmachine NAME -n NAMESPACE` shows FailedCreate; `oc get datasource -A` what there is.",
    mitigation=(
        "Correct sourceRef in the machine (an empty namespace means the machine's own), or make a boot source of that name."
    ),
    thresholds=(_GRACE,),
    alert_for=timedelta(minutes=10),
    scenarios=("F56", "F64"),
)
def machine_source_missing(links: tuple[Link, ...], ctx: Context) -> Verdict:
    """Judge references for which there is no DataVolume yet."""
    found, unclear = [], ""
    for link in links:
        reference = link.reference
        if reference.dynamic or not reference.supported or link.matter is Matter.WAITING:
            continue
        if ctx[DATA_SOURCES].get(*link.target) is not ABSENT:
            continue
        if link.matter is Matter.UNCLEAR:
            unclear = f"KubeVirt has not said whether it needs DataSource {link.target}, which does not exist"
        else:
            found.append(_failed(link, ctx))
    if found:
        return found
    return Unknown(unclear) if unclear else PASSED


def _failed(link: Link, ctx: Context) -> Failed:
    later = " when it starts" if link.matter is Matter.LATER else ""
    return Failed(
        summary=f"VirtualMachine {ctx.ref.name} gets no disk{later}: DataSource {link.target} does not exist",
        field=field_of(link.reference),
        observed=f"{link.target}: {link.said}" if link.said else str(link.target),
        expected="an existing DataSource" + namesakes(link.target, ctx),
        since=link.since or just_wanted(fed(link.target, ctx), ctx.limit(_GRACE), ctx),
        grace=ctx.limit(_GRACE),
        part=link.reference.volume,
        causes=(Cause("data-source-missing", DATA_SOURCES.ref(*link.target)), *of_missing(link.target, ctx)),
        fix=look_there_instead(link.reference, link.target, ctx),
    )
