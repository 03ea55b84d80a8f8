"""WATCHED: every resource that we look at, and the only place that names API groups and paths."""

from __future__ import annotations

from typing import Any, Final

from exporter.cluster.resource import Resource, Scope
from exporter.model import (
    cdi,
    core,
    data_volumes,
    hco,
    hco_layout,
    kubevirt,
    machine_templates,
    openshift,
    rbac,
    ssp,
    storage,
)

_CDI_GROUP: Final = "cdi.kubevirt.io"
_SNAPSHOT_GROUP: Final = "snapshot.storage.k8s.io"

HYPERCONVERGEDS: Final[Resource[hco.HyperConverged]] = Resource(
    plural="hyperconvergeds",
    kind="HyperConverged",
    group="hco.kubevirt.io",
    versions=hco_layout.api_versions(),
    wire=hco.HyperConvergedObject,
    row=hco.hyperconverged_row,
    purpose="the gate, the administrator's entries, and what HCO made of them",
    cost="one object, of up to 100 KiB; its status changes every few minutes while operators work",
)
SSPS: Final[Resource[ssp.SSP]] = Resource(
    plural="ssps",
    kind="SSP",
    group="ssp.kubevirt.io",
    versions=("v1beta3", "v1beta2", "v1beta1"),
    wire=ssp.SSP,
    purpose="the entries that SSP turns into DataImportCrons, and whether it can",
    cost="one object, of about the size of the HyperConverged",
)
CDIS: Final[Resource[cdi.CDI]] = Resource(
    plural="cdis",
    kind="CDI",
    group=_CDI_GROUP,
    versions=("v1beta1",),
    wire=cdi.CDI,
    purpose="CDI's version and health",
    cost="one object",
)
DATA_IMPORT_CRONS: Final[Resource[cdi.DataImportCron]] = Resource(
    plural="dataimportcrons",
    kind="DataImportCron",
    group=_CDI_GROUP,
    versions=("v1beta1",),
    wire=cdi.DataImportCron,
    purpose="polling and import of each boot source",
    cost="one per boot source, so 4 to 40; each changes with every poll",
)
DATA_SOURCES: Final[Resource[cdi.DataSource]] = Resource(
    plural="datasources",
    kind="DataSource",
    group=_CDI_GROUP,
    versions=("v1beta1",),
    wire=cdi.DataSource,
    purpose="what templates and virtual machines are cloned from",
    cost="14 to 60; they change with every import",
)
DATA_VOLUMES: Final[Resource[data_volumes.DataVolume]] = Resource(
    plural="datavolumes",
    kind="DataVolume",
    group=_CDI_GROUP,
    versions=("v1beta1",),
    wire=data_volumes.DataVolumeObject,
    row=data_volumes.data_volume_row,
    purpose="running imports, clones that are not finished, what DataVolumes of their own are cloned from, and "
    "from which "
    "image each volume came",
    switchable=True,
    cost="all DataVolumes of the cluster are watched, since any of them may be a clone that waits, and none "
    "carries a label "
    "by which those could be told. Of a finished one only its source and the month are kept, in a row that all "
    "volumes of the same image and month share: about 190 bytes each, nearly all of it the name. 50,000 take 10 MB; a "
    "volume with a "
    "source of its own, such as a copy of another disk, takes about 400 bytes more",
)
STORAGE_PROFILES: Final[Resource[storage.StorageProfile]] = Resource(
    plural="storageprofiles",
    kind="StorageProfile",
    group=_CDI_GROUP,
    versions=("v1beta1",),
    wire=storage.StorageProfile,
    purpose="whether CDI can import to a StorageClass, and in which format",
    cost="one per StorageClass",
)
STORAGE_CLASSES: Final[Resource[storage.StorageClass]] = Resource(
    plural="storageclasses",
    kind="StorageClass",
    group="storage.k8s.io",
    versions=("v1",),
    wire=storage.StorageClass,
    purpose="the default annotations that decide where images go",
    cost="3 to 30, which hardly ever change",
)
CSI_DRIVERS: Final[Resource[storage.CSIDriver]] = Resource(
    plural="csidrivers",
    kind="CSIDriver",
    group="storage.k8s.io",
    versions=("v1",),
    wire=storage.CSIDriver,
    purpose="whether a StorageClass can clone by itself, and how many claims an import needs at once",
    cost="one per storage driver, so 1 to 10; they change when a driver is installed or removed",
    switchable=True,
)
VOLUME_SNAPSHOT_CLASSES: Final[Resource[storage.VolumeSnapshotClass]] = Resource(
    plural="volumesnapshotclasses",
    kind="VolumeSnapshotClass",
    group=_SNAPSHOT_GROUP,
    versions=("v1",),
    wire=storage.VolumeSnapshotClass,
    purpose="whether snapshots can be made for a StorageClass",
    cost="1 to 10, which hardly ever change",
)
VOLUME_SNAPSHOTS: Final[Resource[storage.VolumeSnapshot]] = Resource(
    plural="volumesnapshots",
    kind="VolumeSnapshot",
    group=_SNAPSHOT_GROUP,
    versions=("v1",),
    wire=storage.VolumeSnapshot,
    purpose="images that are kept as snapshots",
    cost="a few per boot source",
    scope=Scope.BOOT_SOURCES,
)
VOLUME_SNAPSHOT_CONTENTS: Final[Resource[storage.VolumeSnapshotContent]] = Resource(
    plural="volumesnapshotcontents",
    kind="VolumeSnapshotContent",
    group=_SNAPSHOT_GROUP,
    versions=("v1",),
    wire=storage.VolumeSnapshotContent,
    purpose="whether the data behind a snapshot still exists",
    cost="one per snapshot of the cluster, of which the name is kept; backup programs make thousands",
    switchable=True,
)
PERSISTENT_VOLUME_CLAIMS: Final[Resource[core.PersistentVolumeClaim]] = Resource(
    plural="persistentvolumeclaims",
    kind="PersistentVolumeClaim",
    group="",
    versions=("v1",),
    wire=core.PersistentVolumeClaim,
    purpose="images that are kept as volumes",
    cost="a few per boot source, and whatever else lies in these namespaces",
    scope=Scope.BOOT_SOURCES,
)
CRON_JOBS: Final[Resource[core.CronJob]] = Resource(
    plural="cronjobs",
    kind="CronJob",
    group="batch",
    versions=("v1",),
    wire=core.CronJob,
    purpose="when registries were last polled",
    cost="one per boot source that is polled by a pod; each changes with every poll",
    label_selector=cdi.CRON_LABEL,
)
PODS: Final[Resource[core.Pod]] = Resource(
    plural="pods",
    kind="Pod",
    group="",
    versions=("v1",),
    wire=core.Pod,
    row=core.cdi_pod_row,
    purpose="pollers and importers that cannot start, and why",
    cost="the pods of these namespaces, of which pollers and importers are kept",
    scope=Scope.BOOT_SOURCES,
    # In CDI's namespace there are several pods per node. Pollers there belong to a Job, which Kubernetes marks so.
    at_pollers="job-name",
    switchable=True,
)
EVENTS: Final[Resource[core.Event]] = Resource(
    plural="events",
    kind="Event",
    group="",
    versions=("v1",),
    wire=core.EventObject,
    row=core.warning_row,
    purpose="why a volume is not made, or why a poller or importer does not start",
    scope=Scope.BOOT_SOURCES,
    field_selector="type=Warning",
    at_pollers="",
    switchable=True,
    cost="1 KiB for each warning about an object of an import or a poll, as long as Kubernetes keeps the warning",
)
IMAGE_STREAMS: Final[Resource[openshift.ImageStream]] = Resource(
    plural="imagestreams",
    kind="ImageStream",
    group="image.openshift.io",
    versions=("v1",),
    wire=openshift.ImageStream,
    purpose="the images that ImageStream crons follow",
    cost="a few",
    scope=Scope.BOOT_SOURCES,
)
TEMPLATES: Final[Resource[openshift.Template]] = Resource(
    plural="templates",
    kind="Template",
    group="template.openshift.io",
    versions=("v1",),
    wire=openshift.TemplateObject,
    row=openshift.template_row,
    purpose="which DataSources templates refer to",
    cost="90 to 200, and those of users",
    switchable=True,
)
VIRTUAL_MACHINE_TEMPLATES: Final[Resource[machine_templates.VirtualMachineTemplate]] = Resource(
    plural="virtualmachinetemplates",
    kind="VirtualMachineTemplate",
    group="template.kubevirt.io",
    versions=("v1beta1", "v1alpha1"),
    wire=machine_templates.VirtualMachineTemplateObject,
    row=machine_templates.virtual_machine_template_row,
    purpose="which DataSources virtual machine templates refer to",
    cost="those of users",
    switchable=True,
)
VIRTUAL_MACHINES: Final[Resource[kubevirt.VirtualMachine]] = Resource(
    plural="virtualmachines",
    kind="VirtualMachine",
    group="kubevirt.io",
    versions=("v1", "v1alpha3"),
    wire=kubevirt.VirtualMachineObject,
    row=kubevirt.virtual_machine_row,
    purpose="which virtual machines still wait for a volume, and which hold an image that others are cloned from",
    switchable=True,
    cost="a VirtualMachine that runs and was cloned from DataSources shares its row with all others that name "
    "the same ones: "
    "about 150 bytes each, nearly all of it the name. One that was cloned from nothing is not kept, unless it "
    "waits for a "
    "volume or mounts what may be an image: a PersistentVolumeClaim that is named like an image of a "
    "DataImportCron, or one "
    "in a namespace that is named for images",
    numerous=True,
)
NAMESPACES: Final[Resource[core.Namespace]] = Resource(
    plural="namespaces",
    kind="Namespace",
    group="",
    versions=("v1",),
    wire=core.Namespace,
    purpose="whether the namespaces that entries name exist",
    cost="one per namespace, of which name and phase are kept",
)
RESOURCE_QUOTAS: Final[Resource[core.ResourceQuota]] = Resource(
    plural="resourcequotas",
    kind="ResourceQuota",
    group="",
    versions=("v1",),
    wire=core.ResourceQuota,
    purpose="whether there is room for another image, and for pollers",
    cost="one or two per namespace; each changes whenever something that it counts does",
    switchable=True,
)
NODES: Final[Resource[core.Node]] = Resource(
    plural="nodes",
    kind="Node",
    group="",
    versions=("v1",),
    wire=core.Node,
    purpose="architectures that images are needed for",
    cost="one per node; the kubelet updates its status every few minutes, more often under pressure",
    switchable=True,
)
_RBAC_GROUP: Final = "rbac.authorization.k8s.io"
ROLE_BINDINGS: Final[Resource[rbac.Binding]] = Resource(
    plural="rolebindings",
    kind="RoleBinding",
    group=_RBAC_GROUP,
    versions=("v1",),
    wire=rbac.Binding,
    row=rbac.binding_row,
    purpose="who may clone images of a namespace only by the role cdi.kubevirt.io:view, which CDI 1.66 takes this from",
    cost="3 to 20 per namespace, which hardly ever change",
    scope=Scope.BOOT_SOURCES,
    switchable=True,
)
CLUSTER_ROLE_BINDINGS: Final[Resource[rbac.Binding]] = Resource(
    plural="clusterrolebindings",
    kind="ClusterRoleBinding",
    group=_RBAC_GROUP,
    versions=("v1",),
    wire=rbac.Binding,
    row=rbac.binding_row,
    purpose="who may clone by that role in all namespaces, and who may by another one",
    cost="200 to 400, which hardly ever change; those of roles of Kubernetes and OpenShift themselves are not kept",
    switchable=True,
)

WATCHED: Final[tuple[Resource[Any], ...]] = (
    HYPERCONVERGEDS,
    SSPS,
    CDIS,
    DATA_IMPORT_CRONS,
    DATA_SOURCES,
    DATA_VOLUMES,
    STORAGE_PROFILES,
    STORAGE_CLASSES,
    VOLUME_SNAPSHOT_CLASSES,
    VOLUME_SNAPSHOTS,
    VOLUME_SNAPSHOT_CONTENTS,
    PERSISTENT_VOLUME_CLAIMS,
    CRON_JOBS,
    PODS,
    EVENTS,
    IMAGE_STREAMS,
    TEMPLATES,
    VIRTUAL_MACHINE_TEMPLATES,
    VIRTUAL_MACHINES,
    NAMESPACES,
    RESOURCE_QUOTAS,
    NODES,
    CSI_DRIVERS,
    ROLE_BINDINGS,
    CLUSTER_ROLE_BINDINGS,
)
