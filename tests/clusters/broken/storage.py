"""StorageClasses, StorageProfiles, snapshot classes and quotas are not as they should be."""

from __future__ import annotations

from tests.clusters.broken.changes import (
    ask,
    broken,
    leave_unfilled,
    not_ready,
    stuck,
    waiting,
    warning,
    without_images,
)
from tests.clusters.controllers import settle
from tests.clusters.entries import corp
from tests.clusters.healthy import profile, snapshot_class, storage_class
from tests.clusters.importing import claim, marks
from tests.clusters.sample import CRON, IMPORT, Sample
from tests.worlds import Manifest, ago, condition, manifest, merge

VIRT = "storageclass.kubevirt.io/is-default-virt-class"
DEFAULT = "storageclass.kubernetes.io/is-default-class"
NO_CLASS = ("ErrClaimNotValid", "PVC spec is missing accessMode and no storageClass to choose profile")


def lose_defaults(s: Sample) -> None:
    """Both annotations go before a new class has one: CDI deletes every snapshot, and imports wait for ever."""
    for each in s.all("StorageClass"):
        each["metadata"]["annotations"] = {}
    for cron in s.all("DataImportCron"):
        wait_for_a_claim(s, cron, NO_CLASS)


def wait_for_a_claim(s: Sample, cron: Manifest, why: tuple[str, str]) -> None:
    """The image is gone, and the next one gets no claim."""
    without_images(s, cron)
    name = stuck(s, cron, "", bound=why, seed="", hours=5)
    source = s.get("DataSource", cron["spec"]["managedDataSource"], cron["metadata"]["namespace"])
    source["spec"]["source"] = {"pvc": {"name": name, "namespace": cron["metadata"]["namespace"]}}
    not_ready(source, "", "Import DataVolume phase ", hours=5)


@broken("4.20")
def no_default_storage_class(s: Sample) -> None:
    """The documented order: remove all defaults, then set the new one. Here is the moment in between."""
    lose_defaults(s)
    s.put(*waiting(s, "web-9", "fedora"))


@broken()
def multiple_virt_default_storage_classes(s: Sample) -> None:
    """A second, newer virt default has taken all boot sources over."""
    s.put(storage_class("ceph-fast", virt=True, creationTimestamp=ago(days=6)), profile("ceph-fast"))
    settle(s)


@broken("4.14")
def multiple_default_storage_classes(s: Sample) -> None:
    """Two classes are the Kubernetes default, on a CDI that knows no other."""
    s.put(storage_class("nfs", "nfs.csi.k8s.io", default=True, creationTimestamp=ago(days=400)))
    s.put(profile("nfs", "nfs.csi.k8s.io", "pvc"))


@broken()
def default_storage_class_being_deleted(s: Sample) -> None:
    """The virt default was deleted, and a finalizer holds it."""
    meta = s.get("StorageClass", "ceph-rbd")["metadata"]
    meta["deletionTimestamp"], meta["finalizers"] = ago(hours=3), ["example.com/in-use"]


@broken()
def default_annotation_without_effect(s: Sample) -> None:
    """Somebody wrote True."""
    s.put(storage_class("nfs", "nfs.csi.k8s.io"), profile("nfs", "nfs.csi.k8s.io", "pvc"))
    s.get("StorageClass", "nfs")["metadata"]["annotations"] = {VIRT: "True"}


@broken()
def storage_class_missing(s: Sample) -> None:
    """An entry names a class that does not exist: the cron that was made anew has lost its image."""
    storage = {"spec": {"template": {"spec": {"storage": {"storageClassName": "fast-nvme"}}}}}
    s.entries[0] = merge(s.entries[0], storage)
    settle(s)
    cron = s.cron("corp-debian12")
    cron["metadata"]["creationTimestamp"] = ago(days=2)
    stuck(s, cron, "", bound=NO_CLASS, seed="", days=2)
    if s.has("DataSource", "corp-debian12", s.shape.images):
        leave_unfilled(s, cron, days=2)


@broken("4.22-volumes")
def incomplete_storage_profile(s: Sample) -> None:
    """The virt default has moved to a class of a driver that CDI does not know."""
    driver = "csi.acme.example"
    s.put(storage_class("acme", driver, virt=True, creationTimestamp=ago(days=2)))
    s.put(profile("acme", driver, "pvc", status={"claimPropertySets": []}))
    s.get("StorageClass", "ceph-rbd")["metadata"]["annotations"] = {}
    for cron in s.all("DataImportCron"):
        wait_for_a_claim(s, cron, ("ErrClaimNotValid", "no accessMode specified in StorageProfile acme"))
        cron["metadata"]["annotations"][IMPORT + "storageClass"] = "acme"


@broken()
def snapshot_class_missing(s: Sample) -> None:
    """A class without snapshots is forced to keep images as snapshots: every image comes, none is ready."""
    driver = "nfs.csi.k8s.io"
    s.put(storage_class("nfs", driver, virt=True, creationTimestamp=ago(days=4)))
    s.put(profile("nfs", driver, "snapshot", spec={"dataImportCronSourceFormat": "snapshot"}))
    s.get("StorageClass", "ceph-rbd")["metadata"]["annotations"] = {}
    for cron in s.all("DataImportCron"):
        name, space = cron["status"]["currentImports"][0]["DataVolumeName"], cron["metadata"]["namespace"]
        without_images(s, cron)
        _snapshot_fails(s, cron, name)
        cron["metadata"]["annotations"][IMPORT + "storageClass"] = "nfs"
        source = s.get("DataSource", cron["spec"]["managedDataSource"], space)
        not_ready(source, "SnapshotNotReady", "Snapshot phase is not ready", days=4)


def _snapshot_fails(s: Sample, cron: Manifest, name: str) -> None:
    space, at = cron["metadata"]["namespace"], ago(days=4)
    meta = {"labels": marks(cron), "creationTimestamp": at}
    why = "Failed to get snapshot class: cannot find default snapshot class"
    s.put(
        manifest(
            "cdi.kubevirt.io/v1beta1", "DataVolume", name, space, metadata=meta, spec={}, status={"phase": "Succeeded"}
        ),
        claim(name, space, "nfs", metadata=meta),
        manifest(
            "snapshot.storage.k8s.io/v1",
            "VolumeSnapshot",
            name,
            space,
            metadata=meta,
            spec={"source": {"persistentVolumeClaimName": name}},
            status={"readyToUse": False, "error": {"time": at, "message": why}},
        ),
    )
    cron["status"]["conditions"] = [
        condition("Progressing", "False", "NoImport", "No current import", days=4),
        condition("UpToDate", "False", "ImportProgressing", "Snapshot of imported data is progressing", days=4),
    ]


@broken()
def stale_snapshot_class(s: Sample) -> None:
    """The profile names a snapshot class that was deleted; another one would do. CDI 1.65 freezes all of its crons."""
    s.drop("VolumeSnapshotClass", "ceph-snapshots")
    s.put(snapshot_class("ceph-retain"))
    for cron in s.all("DataImportCron"):
        cron["status"]["lastExecutionTimestamp"] = ago(days=5)
        for key in ("lastCronTime", "nextCronTime"):
            if IMPORT + key in cron["metadata"]["annotations"]:
                cron["metadata"]["annotations"][IMPORT + key] = ago(days=5)
    for job in s.all("CronJob"):
        job["status"]["lastSuccessfulTime"] = ago(days=5)


@broken("4.22-volumes")
def quota_exhausted(s: Sample) -> None:
    """The namespace may hold 90Gi and does: the newer fedora gets no claim."""
    used = {"requests.storage": "90Gi"}
    s.put(
        manifest(
            "v1", "ResourceQuota", "golden", s.shape.images, spec={"hard": used}, status={"hard": used, "used": used}
        )
    )
    why = "exceeded quota: golden, requested: requests.storage=30Gi, used: requests.storage=90Gi"
    stuck(s, s.cron("fedora"), "Pending", bound=("ErrExceededQuota", why), hours=9)


@broken("kubernetes")
def quota_of_pollers_exhausted(s: Sample) -> None:
    """A quota keeps CDI from making one more CronJob: it gives up before it writes anything."""
    ask(s, corp(s.shape, "corp-alma9"))
    cron = s.cron("corp-alma9")
    without_images(s, cron)
    cron["status"] = {}
    cron["metadata"]["creationTimestamp"] = ago(days=2)
    s.drop_all(s.all("CronJob", **{CRON: "corp-alma9-image-cron"}))
    s.drop("DataSource", "corp-alma9", s.shape.images)
    used = {"count/cronjobs.batch": "3"}
    space = s.shape.operators
    s.put(manifest("v1", "ResourceQuota", "jobs", space, spec={"hard": used}, status={"hard": used, "used": used}))


@broken()
def default_storage_class_degraded(s: Sample) -> None:
    """The volumes of the virt default can be mounted on one node only."""
    s.get("StorageProfile", "ceph-rbd")["status"]["claimPropertySets"] = [
        {"accessModes": ["ReadWriteOnce"], "volumeMode": "Block"}
    ]
    s.put(manifest("v1", "Node", "worker-9", status={"nodeInfo": {"architecture": "amd64"}}))


@broken()
def virtualization_class_not_used(s: Sample) -> None:
    """Data Foundation has made a class for virtual machines, and the plain one is still the virt default."""
    name = "ceph-rbd-virtualization"
    s.put(merge(storage_class(name), {"parameters": {"mapOptions": "krbd:rxbounce"}}), profile(name))


@broken("4.16")
def storage_profile_not_applied(s: Sample) -> None:
    """Somebody asks for shared volumes and forgets the volume mode: CDI refuses, and leaves everything as it was."""
    s.get("StorageProfile", "ceph-rbd")["spec"] = {"claimPropertySets": [{"accessModes": ["ReadWriteMany"]}]}


@broken()
def clone_strategy_without_effect(s: Sample) -> None:
    """The annotation says csi_clone, which CDI takes for nothing."""
    s.get("StorageClass", "ceph-rbd")["metadata"]["annotations"]["cdi.kubevirt.io/clone-strategy"] = "csi_clone"


@broken("4.22-volumes")
def storage_class_cannot_provision(s: Sample) -> None:
    """The driver refuses the size: the claims of all newer images stay Pending."""
    why = (
        'failed to provision volume with StorageClass "ceph-rbd": rpc error: a volume of 30Gi is below the minimum size'
    )
    for cron in s.all("DataImportCron"):
        name, space = stuck(s, cron, "Pending", hours=3), cron["metadata"]["namespace"]
        meta = {"labels": marks(cron), "creationTimestamp": ago(hours=3)}
        s.put(claim(name, space, metadata=meta, spec={"volumeName": None}, status={"phase": "Pending"}))
        s.put(warning("PersistentVolumeClaim", name, space, "ProvisioningFailed", why))


@broken()
def snapshot_class_refuses(s: Sample) -> None:
    """The class names a backup target that does not exist: images are there as volumes, and no snapshot is ready."""
    for cron in s.all("DataImportCron"):
        name, space = cron["status"]["currentImports"][0]["DataVolumeName"], cron["metadata"]["namespace"]
        without_images(s, cron)
        _snapshot_fails(s, cron, name)
        snapshot = s.get("VolumeSnapshot", name, space)
        snapshot["spec"]["volumeSnapshotClassName"] = "ceph-snapshots"
        snapshot["status"]["error"]["message"] = "rpc error: code = Internal desc = backup target URL is empty"
        s.get("PersistentVolumeClaim", name, space)["spec"]["storageClassName"] = "ceph-rbd"
        source = s.get("DataSource", cron["spec"]["managedDataSource"], space)
        not_ready(source, "SnapshotNotReady", "Snapshot phase is not ready", days=4)


@broken("4.22-volumes")
def snapshot_api_missing(s: Sample) -> None:
    """No VolumeSnapshot CRDs, and another default class: CDI cannot delete a snapshot first, and moves nothing."""
    s.drop("VolumeSnapshotClass", "ceph-snapshots")
    s.put(storage_class("nfs", "nfs.csi.k8s.io", virt=True, creationTimestamp=ago(days=2)))
    s.put(profile("nfs", "nfs.csi.k8s.io", "pvc"))
    s.get("StorageClass", "ceph-rbd")["metadata"]["annotations"] = {}


@broken("4.20")
def default_annotation_mistyped(s: Sample) -> None:
    """The new default was written as True: there is none, and that is why nothing can be imported."""
    lose_defaults(s)
    s.get("StorageClass", "ceph-rbd")["metadata"]["annotations"] = {VIRT: "True"}


@broken("kubernetes")
def scratch_space_quota(s: Sample) -> None:
    """An import waits for scratch space, which would be on the default class; a quota allows no claim of that."""
    name, space = stuck(s, s.cron("fedora"), "ImportScheduled", bound=_UNPACKING, hours=4), s.shape.images
    hard = {"ceph-rbd.storageclass.storage.k8s.io/persistentvolumeclaims": "0"}
    quota = manifest(
        "v1", "ResourceQuota", "only-mine", space, spec={"hard": hard}, status={"hard": hard, "used": hard}
    )
    why = f'persistentvolumeclaims "{name}-scratch" is forbidden: exceeded quota: only-mine'
    s.put(quota, warning("PersistentVolumeClaim", name, space, "ErrExceededQuota", why))


_UNPACKING = ("CreatingScratchSpace", "target PVC Pending and [prime-1] : Creating scratch space")
