"""storage.k8s.io and snapshot.storage.k8s.io: classes, and the snapshots that golden images live in."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from exporter.model.core import Quantity
from exporter.model.edits import EditedMetadata
from exporter.model.wire import Condition, Flag, Many, Metadata, Text, wire

VIRT_DEFAULT = "storageclass.kubevirt.io/is-default-virt-class"
"""Read by CDI since 1.58, exact value "true"."""
KUBERNETES_DEFAULT = "storageclass.kubernetes.io/is-default-class"
"""Read by Kubernetes and by CDI, exact value "true"."""
BETA_DEFAULT = "storageclass.beta.kubernetes.io/is-default-class"
"""Still honoured by Kubernetes admission, ignored by CDI."""
CLONE_STRATEGY = "cdi.kubevirt.io/clone-strategy"
"""On a StorageClass: copy, snapshot or csi-clone; counts while the profile's spec names none."""
CRON_SNAPSHOT_CLASS = "cdi.kubevirt.io/snapshotClassForDataImportCron"
"""On a StorageProfile, since CDI 1.65: the VolumeSnapshotClass for images of crons, used without looking for it."""
SNAPSHOT_DEFAULT = "snapshot.storage.kubernetes.io/is-default-class"
"""On a VolumeSnapshotClass, exact value "true"."""


@wire
class ClassParameters:
    """What is read of the parameters of a StorageClass, which mean something to its driver alone."""

    map_options: Text = ""


@wire
class StorageClass:
    """A StorageClass: its provisioner and which kinds of default it claims to be."""

    metadata: EditedMetadata
    provisioner: Text = ""
    volume_binding_mode: Text = ""
    parameters: ClassParameters | None = None

    @property
    def virt_default(self) -> bool:
        """CDI counts it as default for virtual machine images (the value must be exactly "true")."""
        return self.metadata.annotations.get(VIRT_DEFAULT) == "true"

    @property
    def kubernetes_default(self) -> bool:
        """CDI and Kubernetes count it as default (the value must be exactly "true")."""
        return self.metadata.annotations.get(KUBERNETES_DEFAULT) == "true"

    @property
    def beta_default(self) -> bool:
        """Kubernetes admission counts it as default because of the old key; CDI does not."""
        return self.metadata.annotations.get(BETA_DEFAULT) == "true"


@wire
class CSIDriver:
    """A storage driver that is installed; the name is that of the provisioner."""

    metadata: Metadata


@wire
class VolumeSnapshotClass:
    """A VolumeSnapshotClass: which driver it serves."""

    metadata: Metadata
    driver: Text = ""

    @property
    def default(self) -> bool:
        """Preferred among those of its driver (the value must be exactly "true")."""
        return self.metadata.annotations.get(SNAPSHOT_DEFAULT) == "true"


@wire
class SnapshotError:
    """Why the driver could not take the snapshot."""

    time: datetime | None = None
    message: Text = ""


@wire
class VolumeSnapshotStatus:
    """The status of a VolumeSnapshot."""

    ready_to_use: Flag = False
    bound_volume_snapshot_content_name: Text = ""
    restore_size: Quantity = ""
    error: SnapshotError | None = None


@wire
class VolumeSnapshotSpec:
    """The spec of a VolumeSnapshot."""

    volume_snapshot_class_name: Text = ""


@wire
class VolumeSnapshot:
    """A VolumeSnapshot; CDI counts it as ready when status.readyToUse is true."""

    metadata: Metadata
    spec: VolumeSnapshotSpec = Field(default_factory=VolumeSnapshotSpec)
    status: VolumeSnapshotStatus | None = None

    @property
    def ready(self) -> bool:
        """CDI's own test."""
        return self.status is not None and self.status.ready_to_use


@wire
class VolumeSnapshotContent:
    """The storage system's side of a VolumeSnapshot: without it the snapshot is a name for nothing."""

    metadata: Metadata


@wire
class ClaimPropertySet:
    """One way to make a claim of a StorageClass."""

    access_modes: Many[str] = ()
    volume_mode: Text = ""


@wire
class StorageProfileSpec:
    """What an administrator overrides."""

    claim_property_sets: Many[ClaimPropertySet] = ()
    data_import_cron_source_format: Text = ""
    snapshot_class: Text = ""
    clone_strategy: Text = ""


@wire
class StorageProfileStatus:
    """What CDI uses in effect."""

    provisioner: Text = ""
    claim_property_sets: Many[ClaimPropertySet] = ()
    data_import_cron_source_format: Text = ""
    snapshot_class: Text = ""
    clone_strategy: Text = ""
    conditions: Many[Condition] = ()


@wire
class StorageProfile:
    """CDI's view of one StorageClass (same name)."""

    metadata: Metadata
    spec: StorageProfileSpec = Field(default_factory=StorageProfileSpec)
    status: StorageProfileStatus | None = None

    @property
    def complete(self) -> bool | None:
        """CDI can derive a claim from it: at least one property set, each with both modes. None before CDI has said."""
        if self.status is None:
            return None
        sets = self.status.claim_property_sets
        return bool(sets) and all(s.access_modes and s.volume_mode for s in sets)

    @property
    def source_format(self) -> str:
        """`pvc` or `snapshot`: how a cron keeps its source on this class; CDI falls back to pvc."""
        return (self.status.data_import_cron_source_format if self.status else "") or "pvc"
