"""What volumes are cloned from, and which volumes a VirtualMachine mounts without making them itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, NamedTuple

from exporter.model.wire import wire

CLAIM: Final = "PersistentVolumeClaim"
SNAPSHOT: Final = "VolumeSnapshot"
DATA_SOURCE: Final = "DataSource"
DEFAULT_ACCOUNT: Final = "default"
"""The service account of whatever names none."""
IMAGE: Final = re.compile(r"(.+)-[0-9a-f]{12}", re.ASCII)
"""An image that a DataImportCron made: the DataSource that it is for, and twelve digits of its digest.

Source: CDI pkg/controller/dataimportcron-controller.go, createDvName.
"""


class CloneSource(NamedTuple):
    """What a volume is cloned from."""

    kind: str
    """PersistentVolumeClaim, VolumeSnapshot or DataSource; of spec.sourceRef whatever kind is written there."""
    namespace: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """The volume that a template of a VirtualMachine makes, and what it is cloned from.

    That is the DataSource of a sourceRef, or with `direct` the PersistentVolumeClaim or VolumeSnapshot of a source. An
    empty namespace is the VirtualMachine's own.
    """

    volume: str
    kind: str
    namespace: str
    name: str
    index: int = 0
    """Its place in dataVolumeTemplates, which a patch of it needs."""
    direct: bool = False

    @property
    def dynamic(self) -> bool:
        """A parameter has no value yet, or an empty one: what this names is known once the template is processed."""
        return not self.name or "${" in self.namespace or "${" in self.name or "${" in self.kind

    @property
    def supported(self) -> bool:
        """KubeVirt follows references to DataSources only. The API demands a kind, so a missing one says nothing."""
        return self.direct or self.kind in ("DataSource", "")

    @property
    def definite(self) -> bool:
        """It names one DataSource, whether or not that exists."""
        return not self.direct and self.supported and not self.dynamic


# VirtualMachines come in tens of thousands: these models say "or null" for the reason that is told in kubevirt.py.


@wire
class ObjectName:
    """Names an object of the same or another namespace."""

    namespace: str | None = None
    name: str | None = None


@wire
class DirectSource:
    """spec.source of a volume, as far as it names something to clone."""

    pvc: ObjectName | None = None
    snapshot: ObjectName | None = None


@wire
class ClaimName:
    """A volume that is a PersistentVolumeClaim."""

    claim_name: str | None = None


@wire
class AccountName:
    """A volume that gives a VirtualMachine the token of a service account."""

    service_account_name: str | None = None


@wire
class MountedVolume:
    """One of the volumes that a VirtualMachine mounts."""

    data_volume: ObjectName | None = None
    persistent_volume_claim: ClaimName | None = None
    service_account: AccountName | None = None


@wire
class InstanceSpec:
    """spec.template.spec of a VirtualMachine."""

    service_account_name: str | None = None
    volumes: tuple[MountedVolume, ...] | None = None


@wire
class InstanceTemplate:
    """spec.template of a VirtualMachine."""

    spec: InstanceSpec | None = None


def direct_source(source: DirectSource | None) -> tuple[str, ObjectName] | None:
    """The kind and name of what spec.source clones; None if it imports, uploads or is blank."""
    if source is None:
        return None
    if source.pvc is not None:
        return CLAIM, source.pvc
    return (SNAPSHOT, source.snapshot) if source.snapshot is not None else None


def mounted_claims(template: InstanceTemplate | None) -> tuple[str, ...]:
    """Names of the PersistentVolumeClaims that a VirtualMachine mounts. That of a DataVolume has the same name."""
    volumes = (template.spec.volumes or ()) if template and template.spec else ()
    named = (
        (v.data_volume.name if v.data_volume else None)
        or (v.persistent_volume_claim.claim_name if v.persistent_volume_claim else None)
        for v in volumes
    )
    return tuple(name for name in named if name)


def service_account_of(template: InstanceTemplate | None) -> str:
    """The service account as which KubeVirt clones for a VirtualMachine.

    That of its spec, else that of its last volume of this kind, else `default`. Source: pkg/virt-controller/watch/vm,
    authorizeDataVolume.
    """
    spec = template.spec if template else None
    if spec is None:
        return DEFAULT_ACCOUNT
    volumes = [v.service_account.service_account_name for v in spec.volumes or () if v.service_account]
    return spec.service_account_name or next(filter(None, reversed(volumes)), DEFAULT_ACCOUNT)


def may_be_image(namespace: str, claim: str) -> bool:
    """Whether a claim may be an image that DataSources stand for, as far as its names tell.

    Only to decide what is worth its memory: nearly all claims that VirtualMachines mount are their own disks.
    """
    return IMAGE.fullmatch(claim) is not None or "image" in namespace or "golden" in namespace


_WITHOUT_WAITING: Final = frozenset({"Stopped", "Running", "Stopping", "Paused", "Migrating", "Terminating"})


def waits_for_volumes(*, created: bool, status: str) -> bool:
    """Whether a VirtualMachine may wait for a volume; `status` is its status.printableStatus.

    A stopped one whose DataVolume is not finished is shown as Provisioning: KubeVirt looks at volumes first. Source:
    pkg/virt-controller/watch/vm, the order of the printable statuses.
    """
    return not created and status not in _WITHOUT_WAITING
