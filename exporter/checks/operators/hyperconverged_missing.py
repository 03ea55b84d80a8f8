"""There is no HyperConverged, but what it leaves behind is there."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from exporter.checks.check import PASSED, Context, Failed, Threshold, Verdict, check
from exporter.cluster.resources import DATA_IMPORT_CRONS, HYPERCONVERGEDS, SSPS
from exporter.kube.contract import State
from exporter.model.cdi import owned_by_ssp
from exporter.model.hco import HCO_NAME
from exporter.report import Severity

_GRACE: Final = Threshold("grace", timedelta(minutes=10), "how long an installation may be without one")


@check(
    id="hyperconverged-missing",
    severity=Severity.WARNING,
    over=None,
    reads=(HYPERCONVERGEDS, SSPS, DATA_IMPORT_CRONS),
    summary="The HyperConverged object is gone",
    meaning=(
        "The HyperConverged API is served and holds no object, while SSP or boot sources that SSP made from "
        "HyperConverged's list are still there. They run on without an owner."
    ),
    impact="Nobody can switch boot sources on or off or add any; nothing repairs what others change.",
    diagnosis="`oc get hyperconverged,ssp,dataimportcron -A` shows what is left, and the audit log who deleted it.",
    mitigation="Restore HyperConverged from its manifest, or finish the removal of what it left behind.",
    thresholds=(_GRACE,),
    undated="an object that is deleted leaves no trace",
    alert_for=timedelta(minutes=15),
)
def hyperconverged_missing(_: None, ctx: Context) -> Verdict:
    """Judge the whole cluster. Where the API is not served nobody expects the object: CDI may be used alone."""
    table = ctx[HYPERCONVERGEDS]
    if len(table) or table.state is State.NOT_SERVED:
        return PASSED
    table.whole()
    ssps = [SSPS.ref(*key) for key in sorted(ctx[SSPS].rows)]
    crons = [DATA_IMPORT_CRONS.ref(*key) for key, row in ctx[DATA_IMPORT_CRONS] if owned_by_ssp(row.metadata)]
    left = [*ssps, *crons]
    if not left:
        return PASSED
    return Failed(
        summary=f"There is no HyperConverged, but {left[0]} is left"
        + (f" and {len(left) - 1} more" if left[1:] else ""),
        field="metadata.name",
        observed="no HyperConverged in any namespace",
        expected=f"HyperConverged {ctx.platform.operator_namespace}/{HCO_NAME}",
        grace=ctx.limit(_GRACE),
        about=HYPERCONVERGEDS.ref(ctx.platform.operator_namespace, HCO_NAME),
    )
