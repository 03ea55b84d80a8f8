"""An import that fails, or that stands still where a healthy one passes within seconds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from exporter.base.excerpts import both_ends
from exporter.checks.check import PASSED, Cause, Context, Failed, Threshold, Verdict, check
from exporter.checks.fixes import Fix, Fixes
from exporter.checks.imports._remedies import remedies
from exporter.checks.shared.access import access_causes, access_of
from exporter.checks.shared.admission import spec_causes
from exporter.checks.shared.entries import edit_entry_of, written_entries
from exporter.checks.shared.import_failures import FailureKind, ImportFailure, import_failure_of
from exporter.checks.shared.provisioning import Unprovisioned, provisioning_words, unprovisioned
from exporter.checks.shared.refs import class_ref, cron_ref
from exporter.checks.shared.registries import registry_causes
from exporter.checks.shared.storage import SCRATCH, claim_causes
from exporter.checks.shared.waiting_pods import describe_waiting
from exporter.cluster.resources import PERSISTENT_VOLUME_CLAIMS, RESOURCE_QUOTAS
from exporter.joins.admission import FieldChange
from exporter.joins.defaults import defaults
from exporter.joins.images import RunningImport, imports
from exporter.joins.pods import importers
from exporter.joins.warnings import quoted, said_of, warnings
from exporter.model.cdi import DataImportCron
from exporter.model.quantity import bytes_of
from exporter.report import Severity

_GRACE: Final = Threshold(
    "grace", timedelta(minutes=30), "how long an import may fail or stand still while it is tried again"
)

_COPIED: Final = Threshold("copied-grace", timedelta(hours=2), "how long an import may take to end after its last byte")


@check(
    id="import-failing",
    severity=Severity.WARNING,
    over=imports,
    optional=(defaults, written_entries, unprovisioned, importers, warnings),
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
        "By what the finding says. Unauthorized: renew the Secret that secretRef names, in the DataImportCron's namespace for "
        "imports and in CDI's for polls. Rate limit: wait, or give the boot source credentials or a mirror. Certificate: a "
        "ConfigMap with the CA (certConfigMap) in both namespaces, under a key that ends in `.crt`. No disk (bootc): take an "
        "image that holds a disk under /disk. Too small: raise resources.requests.storage of the entry. Quota: raise it or "
        "remove old images. Scratch space: spec.config.scratchSpaceStorageClass of CDI (spec.scratchSpaceStorageClass of "
        "HyperConverged v1beta1), or the quota. No claim or no volume: see the findings on StorageClasses and "
        "StorageProfiles. The import is tried again by itself."
    ),
    thresholds=(_GRACE, _COPIED),
    alert_for=timedelta(minutes=15),
    scenarios=("F24", "F25", "F27", "F29", "F31", "F33", "F36", "F41", "F45", "F46"),
)
def import_failing(subject: RunningImport, ctx: Context) -> Verdict:
    """Judge the DataVolume of the newest import, once it is older than a healthy import takes to start."""
    trouble = _explained(import_failure_of(subject.volume), ctx)
    if trouble is None:
        return PASSED
    return Failed(
        summary=f"DataVolume {ctx.ref.name} of cron {subject.cron.metadata.name} {trouble.kind.value}",
        field=trouble.field,
        observed=trouble.evidence,
        expected=_EXPECTED.get(trouble.kind, "phase Succeeded") + _access(trouble, subject.cron, ctx),
        since=subject.volume.created,
        grace=ctx.limit(_COPIED if trouble.kind is FailureKind.COMPLETE else _GRACE),
        causes=_causes(trouble, subject, ctx),
        fix=_fix(trouble, subject, ctx),
    )


_EXPECTED: Final[Mapping[FailureKind, str]] = {
    FailureKind.RATE: "pulls within the registry's limit: wait, or use credentials (secretRef) or a mirror",
    FailureKind.CREDENTIALS: "credentials that the registry accepts",
    FailureKind.CERTIFICATE: "a certificate that is trusted: its CA in a ConfigMap (certConfigMap), under a key that ends in .crt",
    FailureKind.BOOTC: "an image with a disk under /disk, made of the bootable container by bootc-image-builder or the like",
    FailureKind.SCRATCH: "a Bound claim for scratch space: see scratchSpaceStorageClass of CDI or HyperConverged, and quotas",
    FailureKind.VOLUME: "a Bound claim",
}


def _explained(trouble: ImportFailure | None, ctx: Context) -> ImportFailure | None:
    """The same with what the claim, the importer pod and events tell, where the DataVolume itself says little."""
    if trouble is None or trouble.kind not in (
        FailureKind.STUCK,
        FailureKind.SCRATCH,
        FailureKind.VOLUME,
        FailureKind.SCHEDULING,
    ):
        return trouble
    waits = ctx.consult(unprovisioned, {}).get(ctx.ref)
    kind, parts = trouble.kind, [trouble.evidence]
    if waits is not None:
        kind = FailureKind.VOLUME
        parts.append(f"claim {waits.claim.metadata.name} Pending on StorageClass {waits.storage_class or '(none)'}")
    if importer := ctx.consult(importers, {}).get(ctx.ref):
        parts.append(describe_waiting(*importer, ctx))
    parts += _events(kind, waits, ctx)
    return ImportFailure(kind, trouble.field, both_ends("; ".join(dict.fromkeys(parts)), 800))


def _events(kind: FailureKind, waits: Unprovisioned | None, ctx: Context) -> tuple[str, ...]:
    """What was said of the DataVolume and of its claim; a claim for scratch space has no event of its own."""
    known = ctx.consult(warnings, {})
    if kind is FailureKind.SCRATCH:
        return quoted(e for e in known.get(ctx.ref.namespace, ()) if "-scratch" in e.message)[:1]
    claim = PERSISTENT_VOLUME_CLAIMS.ref(ctx.ref.namespace, ctx.ref.name)
    own = said_of(known, ctx.ref, claim)
    return own or (provisioning_words(waits.storage_class, (ctx.ref.namespace,), known)[:1] if waits else ())


def _access(trouble: ImportFailure, cron: DataImportCron, ctx: Context) -> str:
    """Which Secret or ConfigMap it is, and where it must be. What polls use is in CDI's own namespace."""
    kinds = {FailureKind.CREDENTIALS: "Secret", FailureKind.RATE: "Secret", FailureKind.CERTIFICATE: "ConfigMap"}
    named = [n for n in access_of(cron) if n[1] == kinds.get(trouble.kind)]
    places = " and ".join(dict.fromkeys((ctx.ref.namespace, ctx.platform.cdi_namespace or "CDI's namespace")))
    return "".join(f"; {field} names {kind} {name}, which must exist in {places}" for field, kind, name in named)


def _causes(trouble: ImportFailure, subject: RunningImport, ctx: Context) -> tuple[Cause, ...]:
    """Only what fits the trouble: an expired password is no less a root because a profile is incomplete too."""
    cron, kind, space = cron_ref(subject.cron), trouble.kind, ctx.ref.namespace
    waits = ctx.consult(unprovisioned, {}).get(ctx.ref)
    held_up = (*spec_causes(cron.name), *access_causes(subject.cron))
    pinned = (Cause("image-pinned-by-digest", cron), *spec_causes(cron.name), *registry_causes(subject.cron))
    quotas = (*_quotas(trouble, space), Cause("quota-exhausted", part=f"{SCRATCH}-{space}"))
    causes: dict[FailureKind, tuple[Cause, ...]] = {
        FailureKind.LOST: (Cause("image-volume-lost", PERSISTENT_VOLUME_CLAIMS.ref(space, ctx.ref.name)),),
        FailureKind.VOLUME: (Cause("storage-class-cannot-provision", class_ref(waits.storage_class)),) if waits else (),
        FailureKind.CONSUMER: (Cause("immediate-binding-missing", cron),),
        **dict.fromkeys(
            (FailureKind.CLAIM, FailureKind.STUCK), (*claim_causes(subject.cron, ctx), *held_up, Cause("cdi-degraded"))
        ),
        **dict.fromkeys((FailureKind.QUOTA, FailureKind.SCRATCH), quotas),
        **dict.fromkeys((FailureKind.REFERENCE, FailureKind.CRASH, FailureKind.PULL), pinned),
        **dict.fromkeys(_OF_THE_REGISTRY, registry_causes(subject.cron)),
    }
    return causes.get(kind, ())


_OF_THE_REGISTRY: Final = (
    FailureKind.RATE,
    FailureKind.CREDENTIALS,
    FailureKind.CERTIFICATE,
    FailureKind.DNS,
    FailureKind.NETWORK,
)


def _quotas(trouble: ImportFailure, namespace: str) -> tuple[Cause, ...]:
    named = re.search(r"exceeded quota: ([^,\s]+)", trouble.evidence)
    if named is None:
        return ()
    part = "images" if trouble.kind is FailureKind.QUOTA else f"{SCRATCH}-{namespace}"
    return (Cause("quota-exhausted", RESOURCE_QUOTAS.ref(namespace, named[1]), part),)


def _fix(trouble: ImportFailure, subject: RunningImport, ctx: Context) -> Fixes:
    if trouble.kind is FailureKind.SIZE:
        return _enlarge(subject, ctx)
    return remedies(trouble, subject, ctx)


def _enlarge(subject: RunningImport, ctx: Context) -> Fix | None:
    """Ask for what common boot sources ask for, or for twice as much as now: CDI does not tell how much it takes."""
    spec = subject.cron.spec.template.spec
    part, claim = ("storage", spec.storage) if spec.storage else ("pvc", spec.pvc)
    asked = (
        bytes_of(claim.resources.requests.storage) if claim and claim.resources and claim.resources.requests else None
    )
    if asked is None:
        return None
    size = f"{max(30, -(-2 * int(asked) // 2**30))}Gi"
    enlarge = FieldChange(("spec", "template", "spec", part, "resources", "requests", "storage"), size)
    return edit_entry_of(subject.cron, ctx, enlarge, note=f"{size} is a guess: take the virtual size of the image")
