"""HyperConverged is being deleted and does not go."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from exporter.checks.check import PASSED, Context, Failed, Threshold, Verdict, check
from exporter.cluster.resources import HYPERCONVERGEDS
from exporter.model.hco import HyperConverged
from exporter.report import Severity

_GRACE: Final = Threshold("grace", timedelta(minutes=10), "how long a deletion may take")


@check(
    id="hyperconverged-deletion-blocked",
    severity=Severity.INFO,
    over=HYPERCONVERGEDS,
    summary="HyperConverged waits to be deleted",
    meaning="Somebody has deleted HyperConverged. HCO keeps it until no virtual machine and no DataVolume is left.",
    impact="The uninstallation does not end. Until then nobody should rely on changes of boot sources.",
    diagnosis="`oc get virtualmachine,datavolume -A` shows what it waits for; `oc get hyperconverged -A -o yaml` its finalizers.",
    mitigation="Delete what is left, if the uninstallation is meant. A deletion cannot be taken back.",
    thresholds=(_GRACE,),
    alert_for=timedelta(hours=1),
    scenarios=("F66",),
)
def hyperconverged_deletion_blocked(hco: HyperConverged, ctx: Context) -> Verdict:
    """Judge the deletion timestamp."""
    if hco.metadata.deletion_timestamp is None:
        return PASSED
    return Failed(
        summary=f"HyperConverged {hco.metadata.name} was deleted and is still there",
        field="metadata.deletionTimestamp",
        observed=f"{hco.metadata.deletion_timestamp:%Y-%m-%dT%H:%M:%SZ}, finalizers: {', '.join(hco.metadata.finalizers) or 'none'}",
        expected="no deletion, or an end of it",
        since=hco.metadata.deletion_timestamp,
        grace=ctx.limit(_GRACE),
    )
