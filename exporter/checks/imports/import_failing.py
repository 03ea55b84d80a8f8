"""An import that fails, or that stands still where a healthy one passes within seconds."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

from exporter.checks.check import PASSED, Cause, Context, Failed, Threshold, Verdict, check
from exporter.checks.fixes import Fix, Fixes
from exporter.checks.imports._remedies import remedies
from exporter.checks.shared.admission import spec_causes
from exporter.checks.shared.entries import edit_entry_of, written
from exporter.checks.shared.import_failures import Kind, Trouble, trouble_of
from exporter.checks.shared.refs import ref_of
from exporter.checks.shared.storage import claim_causes
from exporter.cluster.resources import PERSISTENT_VOLUME_CLAIMS, RESOURCE_QUOTAS
from exporter.joins.admission import Change
from exporter.joins.defaults import defaults
from exporter.joins.images import Importing, imports
from exporter.model.quantity import bytes_of
from exporter.report import Severity

_GRACE: Final = Threshold(
    "grace", timedelta(minutes=30), "how long an import may fail or stand still while it is tried again"
)


@check(
    id="import-failing",
    severity=Severity.WARNING,
    over=imports,
    optional=(defaults, written),
    summary="The import of a newer image fails",
    meaning=(
        "CDI has learnt of an image and made a DataVolume for it, which cannot be finished: the importer pod fails, cannot "
        "be started, or gets no claim. CDI replaces a failing DataVolume only when yet another digest arrives."
    ),
    impact="The boot source keeps its old image. One that was never imported has none, and its templates give no virtual machine.",
    diagnosis=(
        "`oc describe datavolume NAME -n NAMESPACE` and `oc get events -n NAMESPACE`; while it runs, "
        "`oc logs -n NAMESPACE importer-NAME`; for quotas `oc describe quota -n NAMESPACE`."
    ),
    mitigation=(
        "By what the finding says: unauthorized - renew the secret that secretRef names in the cron's namespace (polls use "
        "the one in CDI's namespace); certificate - add the CA to certConfigMap in both namespaces; too small - raise "
        "resources.requests.storage of the entry; quota - raise it or remove old images; no claim - see the findings on "
        "StorageClasses and StorageProfiles. The importer tries again by itself; deleting the DataVolume only starts the "
        "download over."
    ),
    thresholds=(_GRACE,),
    alert_for=timedelta(minutes=15),
    scenarios=("F24", "F25", "F27", "F29", "F31", "F33", "F36", "F41", "F45", "F46"),
)
def import_failing(subject: Importing, ctx: Context) -> Verdict:
    """Judge the DataVolume of the newest import, once it is older than a healthy import takes to start."""
    trouble = trouble_of(subject.volume)
    if trouble is None:
        return PASSED
    return Failed(
        summary=f"DataVolume {ctx.ref.name} of cron {subject.cron.metadata.name} {trouble.kind.value}",
        field=trouble.field,
        observed=trouble.evidence,
        expected="phase Succeeded",
        since=subject.volume.created,
        grace=ctx.limit(_GRACE),
        causes=_causes(trouble, subject, ctx),
        fix=_fix(trouble, subject, ctx),
    )


def _causes(trouble: Trouble, subject: Importing, ctx: Context) -> tuple[Cause, ...]:
    """Only what fits the trouble: an expired password is no less a root because a profile is incomplete too."""
    cron = ref_of(subject.cron)
    if trouble.kind is Kind.LOST:
        return (Cause("image-volume-lost", PERSISTENT_VOLUME_CLAIMS.ref(ctx.ref.namespace, ctx.ref.name)),)
    if trouble.kind in (Kind.CLAIM, Kind.STUCK):
        return (*claim_causes(subject.cron, ctx), *spec_causes(cron.name), Cause("cdi-degraded"))
    if trouble.kind is Kind.QUOTA:
        quota = re.search(r"exceeded quota: ([^,\s]+)", trouble.evidence)
        return (Cause("quota-exhausted", RESOURCE_QUOTAS.ref(ctx.ref.namespace, quota[1]), "images"),) if quota else ()
    if trouble.kind is Kind.CONSUMER:
        return (Cause("immediate-binding-missing", cron),)
    if trouble.kind in (Kind.REFERENCE, Kind.CRASH, Kind.PULL):
        return (Cause("image-pinned-by-digest", cron), *spec_causes(cron.name))
    return ()


def _fix(trouble: Trouble, subject: Importing, ctx: Context) -> Fixes:
    if trouble.kind is Kind.SIZE:
        return _enlarge(subject, ctx)
    return remedies(trouble, subject, ctx)


def _enlarge(subject: Importing, ctx: Context) -> Fix | None:
    """Ask for what common boot sources ask for, or for twice as much as now: CDI does not tell how much it takes."""
    spec = subject.cron.spec.template.spec
    part, claim = ("storage", spec.storage) if spec.storage else ("pvc", spec.pvc)
    asked = (
        bytes_of(claim.resources.requests.storage) if claim and claim.resources and claim.resources.requests else None
    )
    if asked is None:
        return None
    size = f"{max(30, -(-2 * int(asked) // 2**30))}Gi"
    enlarge = Change(("spec", "template", "spec", part, "resources", "requests", "storage"), size)
    return edit_entry_of(subject.cron, ctx, enlarge, note=f"{size} is a guess: take the virtual size of the image")
