"""A cron that copies a PersistentVolumeClaim which does not exist."""

from __future__ import annotations

from datetime import timedelta

from exporter.checks.check import PASSED, Context, Failed, Verdict, check
from exporter.checks.shared.polling import RECONCILE
from exporter.cluster.resources import DATA_IMPORT_CRONS, PERSISTENT_VOLUME_CLAIMS
from exporter.model.cdi import DataImportCron
from exporter.model.wire import ABSENT
from exporter.report import Severity


@check(
    id="source-claim-missing",
    severity=Severity.WARNING,
    over=DATA_IMPORT_CRONS,
    reads=(PERSISTENT_VOLUME_CLAIMS,),
    summary="The claim that a boot source is copied from does not exist",
    meaning="The cron watches a PersistentVolumeClaim and copies it when it is replaced. There is no such claim.",
    impact="CDI stops before it writes anything; what was copied before stays in use and grows old.",
    diagnosis="`oc get pvc -n NAMESPACE` with the namespace of the finding.",
    mitigation="Create the claim, or name the right one in the entry.",
    thresholds=(RECONCILE,),
    alert_for=timedelta(minutes=30),
    scenarios=("F32",),
)
def source_claim_missing(cron: DataImportCron, ctx: Context) -> Verdict:
    """Judge whether the claim is there."""
    claim = cron.source.pvc
    if claim is None:
        return PASSED
    namespace = claim.namespace or cron.metadata.namespace
    if ctx[PERSISTENT_VOLUME_CLAIMS].get(namespace, claim.name) is not ABSENT:
        return PASSED
    return Failed(
        summary=f"PersistentVolumeClaim {namespace}/{claim.name}, the source of DataImportCron {cron.metadata.name}, is missing",
        field="spec.template.spec.source.pvc",
        observed="not found",
        expected=f"a claim {claim.name} in namespace {namespace}",
        since=cron.metadata.creation_timestamp,
        grace=ctx.limit(RECONCILE),
    )
