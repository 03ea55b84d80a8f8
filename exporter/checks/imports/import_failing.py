"""An import that fails, or that stands still where a healthy one passes within seconds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from exporter.base.excerpts import both_ends
from exporter.checks.check import PASSED, Cause, Context, Failed, Threshold, Verdict, check
from exporter.checks.fixes import Fix, command, named
from exporter.checks.shared.access import access_causes, access_of
from exporter.checks.shared.admission import spec_causes
from exporter.checks.shared.entries import edit_entry_of, written
from exporter.checks.shared.import_failures import Kind, Trouble, trouble_of
from exporter.checks.shared.provisioning import Unprovisioned, provisioning_words, unprovisioned
from exporter.checks.shared.refs import class_of, ref_of
from exporter.checks.shared.registries import registry_causes
from exporter.checks.shared.storage import SCRATCH, claim_causes
from exporter.checks.shared.waiting_pods import describe_waiting
from exporter.cluster.resources import PERSISTENT_VOLUME_CLAIMS, RESOURCE_QUOTAS
from exporter.joins.admission import Change
from exporter.joins.defaults import defaults
from exporter.joins.images import Importing, imports
from exporter.joins.pods import importers
from exporter.joins.warnings import quoted, said_of, warnings
from exporter.model.cdi import DataImportCron
from exporter.model.quantity import bytes_of
from exporter.report import Severity

_GRACE: Final = Threshold(
    "grace", timedelta(minutes=30), "how long an import may fail or stand still while it is tried again"
)

_REPEATABLE: Final = (Kind.CRASH, Kind.PULL, Kind.COMPLETE)
"""What another import may get past. CDI tries everything else again by itself, and it fails again as long as its cause is
there: a registry that refuses, limits or cannot be reached, a Secret that has expired, an image without a disk."""
_COPIED: Final = Threshold("copied-grace", timedelta(hours=2), "how long an import may take to end after its last byte")


@check(
    id="import-failing",
    severity=Severity.WARNING,
    over=imports,
    optional=(defaults, written, unprovisioned, importers, warnings),
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
def import_failing(subject: Importing, ctx: Context) -> Verdict:
    """Judge the DataVolume of the newest import, once it is older than a healthy import takes to start."""
    trouble = _explained(trouble_of(subject.volume), ctx)
    if trouble is None:
        return PASSED
    return Failed(
        summary=f"DataVolume {ctx.ref.name} of cron {subject.cron.metadata.name} {trouble.kind.value}",
        field=trouble.field,
        observed=trouble.evidence,
        expected=_EXPECTED.get(trouble.kind, "phase Succeeded") + _access(trouble, subject.cron, ctx),
        since=subject.volume.created,
        grace=ctx.limit(_COPIED if trouble.kind is Kind.COMPLETE else _GRACE),
        causes=_causes(trouble, subject, ctx),
        fix=_fix(trouble, subject, ctx),
    )


_EXPECTED: Final[Mapping[Kind, str]] = {
    Kind.RATE: "pulls within the registry's limit: wait, or use credentials (secretRef) or a mirror",
    Kind.CREDENTIALS: "credentials that the registry accepts",
    Kind.CERTIFICATE: "a certificate that is trusted: its CA in a ConfigMap (certConfigMap), under a key that ends in .crt",
    Kind.BOOTC: "an image with a disk under /disk, made of the bootable container by bootc-image-builder or the like",
    Kind.SCRATCH: "a Bound claim for scratch space: see scratchSpaceStorageClass of CDI or HyperConverged, and quotas",
    Kind.VOLUME: "a Bound claim",
}


def _explained(trouble: Trouble | None, ctx: Context) -> Trouble | None:
    """The same with what the claim, the importer pod and events tell, where the DataVolume itself says little."""
    if trouble is None or trouble.kind not in (Kind.STUCK, Kind.SCRATCH, Kind.VOLUME, Kind.SCHEDULING):
        return trouble
    waits = ctx.consult(unprovisioned, {}).get(ctx.ref)
    kind, parts = trouble.kind, [trouble.evidence]
    if waits is not None:
        kind = Kind.VOLUME
        parts.append(f"claim {waits.claim.metadata.name} Pending on StorageClass {waits.storage_class or '(none)'}")
    if importer := ctx.consult(importers, {}).get(ctx.ref):
        parts.append(describe_waiting(*importer, ctx))
    parts += _events(kind, waits, ctx)
    return Trouble(kind, trouble.field, both_ends("; ".join(dict.fromkeys(parts)), 800))


def _events(kind: Kind, waits: Unprovisioned | None, ctx: Context) -> tuple[str, ...]:
    """What was said of the DataVolume and of its claim; a claim for scratch space has no event of its own."""
    known = ctx.consult(warnings, {})
    if kind is Kind.SCRATCH:
        return quoted(e for e in known.get(ctx.ref.namespace, ()) if "-scratch" in e.message)[:1]
    claim = PERSISTENT_VOLUME_CLAIMS.ref(ctx.ref.namespace, ctx.ref.name)
    own = said_of(known, ctx.ref, claim)
    return own or (provisioning_words(waits.storage_class, (ctx.ref.namespace,), known)[:1] if waits else ())


def _access(trouble: Trouble, cron: DataImportCron, ctx: Context) -> str:
    """Which Secret or ConfigMap it is, and where it must be. What polls use is in CDI's own namespace."""
    kinds = {Kind.CREDENTIALS: "Secret", Kind.RATE: "Secret", Kind.CERTIFICATE: "ConfigMap"}
    named = [n for n in access_of(cron) if n[1] == kinds.get(trouble.kind)]
    places = " and ".join(dict.fromkeys((ctx.ref.namespace, ctx.platform.operator_namespace)))
    return "".join(f"; {field} names {kind} {name}, which must exist in {places}" for field, kind, name in named)


def _causes(trouble: Trouble, subject: Importing, ctx: Context) -> tuple[Cause, ...]:
    """Only what fits the trouble: an expired password is no less a root because a profile is incomplete too."""
    cron, kind, space = ref_of(subject.cron), trouble.kind, ctx.ref.namespace
    waits = ctx.consult(unprovisioned, {}).get(ctx.ref)
    held_up = (*spec_causes(cron.name), *access_causes(subject.cron))
    pinned = (Cause("image-pinned-by-digest", cron), *spec_causes(cron.name), *registry_causes(subject.cron))
    quotas = (*_quotas(trouble, space), Cause("quota-exhausted", part=f"{SCRATCH}-{space}"))
    causes: dict[Kind, tuple[Cause, ...]] = {
        Kind.LOST: (Cause("image-volume-lost", PERSISTENT_VOLUME_CLAIMS.ref(space, ctx.ref.name)),),
        Kind.VOLUME: (Cause("storage-class-cannot-provision", class_of(waits.storage_class)),) if waits else (),
        Kind.CONSUMER: (Cause("immediate-binding-missing", cron),),
        **dict.fromkeys((Kind.CLAIM, Kind.STUCK), (*claim_causes(subject.cron, ctx), *held_up, Cause("cdi-degraded"))),
        **dict.fromkeys((Kind.QUOTA, Kind.SCRATCH), quotas),
        **dict.fromkeys((Kind.REFERENCE, Kind.CRASH, Kind.PULL), pinned),
        **dict.fromkeys(_OF_THE_REGISTRY, registry_causes(subject.cron)),
    }
    return causes.get(kind, ())


_OF_THE_REGISTRY: Final = (Kind.RATE, Kind.CREDENTIALS, Kind.CERTIFICATE, Kind.DNS, Kind.NETWORK)


def _quotas(trouble: Trouble, namespace: str) -> tuple[Cause, ...]:
    named = re.search(r"exceeded quota: ([^,\s]+)", trouble.evidence)
    if named is None:
        return ()
    part = "images" if trouble.kind is Kind.QUOTA else f"{SCRATCH}-{namespace}"
    return (Cause("quota-exhausted", RESOURCE_QUOTAS.ref(namespace, named[1]), part),)


def _fix(trouble: Trouble, subject: Importing, ctx: Context) -> Fix | None:
    if trouble.kind is Kind.SIZE:
        return _enlarge(subject, ctx)
    if trouble.kind not in _REPEATABLE:
        return None
    client = ctx.platform.client
    return Fix(
        command(client, "delete", *named(ctx.ref)),
        command(client, "get", *named(ctx.ref)),
        "the download starts over, and fails again while its cause is there; nothing that is in use is deleted",
    )


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
    return edit_entry_of(subject.cron, ctx, enlarge, risk=f"{size} is a guess: take the virtual size of the image")
