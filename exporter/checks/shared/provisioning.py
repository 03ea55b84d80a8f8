"""Claims of imports for which no volume is made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from exporter.checks.shared.import_failures import FailureKind, import_failure_of
from exporter.cluster.resource import Ref
from exporter.cluster.resources import PERSISTENT_VOLUME_CLAIMS
from exporter.cluster.snapshot import View, joint
from exporter.joins.images import RunningImport, imports
from exporter.joins.warnings import Warnings, quoted
from exporter.kube.contract import Key
from exporter.model.core import PersistentVolumeClaim


@dataclass(frozen=True, slots=True)
class Unprovisioned:
    """An import whose claim waits for a volume."""

    importing: RunningImport
    claim: PersistentVolumeClaim

    @property
    def storage_class(self) -> str:
        """The StorageClass that is to make the volume."""
        return self.claim.spec.storage_class_name or ""


@joint(imports, PERSISTENT_VOLUME_CLAIMS)
def unprovisioned(view: View) -> Mapping[Ref, Unprovisioned]:
    """The imports whose claims wait for a volume, by their DataVolume; also those that have just begun.

    Since CDI 1.57 an import fills another claim (prime-...) and the claim of the image is Pending until that is done:
    it waits for a volume only if the other one does, or does not exist.
    """
    claims = view[PERSISTENT_VOLUME_CLAIMS].rows
    provisioned = {
        Key(key.namespace, owner.name)
        for key, claim in claims.items()
        for owner in claim.metadata.owner_references
        if owner.kind == "PersistentVolumeClaim" and claim.status.phase == "Bound"
    }
    found: dict[Ref, Unprovisioned] = {}
    for ref, importing in imports(view).items():
        key = Key(ref.namespace, importing.volume.claim or ref.name)
        claim = claims.get(key)
        if claim is not None and _waits(claim) and key not in provisioned and _has_not_begun(importing):
            found[ref] = Unprovisioned(importing, claim)
    return found


def provisioning_words(storage_class: str, namespaces: Iterable[str], known: Warnings) -> tuple[str, ...]:
    """What drivers say of volumes that they cannot make for a StorageClass, whose name stands in these events."""
    events = (event for namespace in namespaces for event in known.get(namespace, ()))
    return quoted(e for e in events if e.reason == "ProvisioningFailed" and f'"{storage_class}"' in e.message)


def _waits(claim: PersistentVolumeClaim) -> bool:
    return claim.status.phase == "Pending" and not claim.spec.volume_name


def _has_not_begun(importing: RunningImport) -> bool:
    trouble, phase = import_failure_of(importing.volume), importing.volume.phase
    if trouble is None or trouble.kind is FailureKind.VOLUME:
        return trouble is not None
    return trouble.kind is FailureKind.STUCK and phase in ("", "Pending")
