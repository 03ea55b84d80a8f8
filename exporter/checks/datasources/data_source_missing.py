"""A DataSource that templates count on and that does not exist."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from exporter.base.excerpts import list_some
from exporter.checks.check import PASSED, Cause, Context, Failed, Threshold, Verdict, check
from exporter.checks.shared.data_source_causes import OF_SSP, feeders_of, just_wanted, missing_causes
from exporter.cluster.resources import DATA_SOURCES, TEMPLATES
from exporter.joins.feeders import feeders
from exporter.joins.references import Link, templates_by_source
from exporter.kube.contract import Key
from exporter.model.openshift import Template
from exporter.model.wire import ABSENT
from exporter.report import Severity

_DRIFT: Final = Threshold(
    "grace", timedelta(minutes=10), "how long a DataSource may take to appear once something asks for it"
)


@check(
    id="data-source-missing",
    severity=Severity.WARNING,
    over=templates_by_source,
    reads=(DATA_SOURCES, TEMPLATES),
    optional=(feeders,),
    summary="A DataSource that several templates count on does not exist",
    meaning=(
        "Common templates, or several others, refer to a DataSource that is not there. SSP makes the DataSources of the common "
        "templates, CDI those of crons; both delete what no entry stands for any more."
    ),
    impact="None of these templates gives a virtual machine.",
    diagnosis="`oc get datasource -n NAMESPACE`, and the boot sources in `oc get hyperconverged -A -o yaml`.",
    mitigation=(
        "Bring the entry back that made it, or make one with this managedDataSource. If only SSP has failed to make it, see "
        "its conditions and log. Templates of your own that are not needed any more can go."
    ),
    thresholds=(_DRIFT,),
    undated="a DataSource that is deleted leaves no trace",
    alert_for=timedelta(minutes=30),
    scenarios=("F55",),
)
def data_source_missing(links: tuple[Link, ...], ctx: Context) -> Verdict:
    """Judge what more than one template of somebody's own, or any common one, refers to. One alone is its own finding."""
    target = Key(ctx.ref.namespace, ctx.ref.name)
    if ctx[DATA_SOURCES].get(*target) is not ABSENT:
        return PASSED
    wanted = {link.by: _template(link, ctx) for link in links}
    current = [by for by, template in wanted.items() if template is None or not template.deprecated]
    common = any(template is not None and template.common for template in wanted.values())
    feeding = feeders_of(target, ctx)
    if not current or not (common or len(current) > 1 or any(feeder.wanted for feeder in feeding)):
        return PASSED
    some = list_some((by.name for by in current), 3)
    what = "1 template refers" if len(current) == 1 else f"{len(current)} templates refer"
    return Failed(
        summary=f"DataSource {target} does not exist, and {what} to it: {some}",
        observed="absent",
        expected=f"a DataSource {target.name} in namespace {target.namespace}",
        since=just_wanted(feeding, ctx.limit(_DRIFT), ctx),
        grace=ctx.limit(_DRIFT),
        causes=(*missing_causes(target, ctx), *(Cause(check) for check in OF_SSP if common)),
    )


def _template(link: Link, ctx: Context) -> Template | None:
    """The OpenShift Template that refers; None for a VirtualMachineTemplate."""
    if link.by.kind != TEMPLATES.kind:
        return None
    row = ctx[TEMPLATES].get(link.by.namespace, link.by.name)
    return None if row is ABSENT else row
