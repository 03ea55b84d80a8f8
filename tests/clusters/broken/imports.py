"""Images are known and not imported, lost, or left over."""

from __future__ import annotations

from tests.clusters.broken.changes import broken, frozen, leave_unfilled, not_ready, stuck, without_images
from tests.clusters.controllers import settle
from tests.clusters.healthy import profile, storage_class
from tests.clusters.importing import image, mark_imported, marks
from tests.clusters.sample import Sample, digest
from tests.worlds import ago, condition, merge


@broken("4.18")
def imports_to_keep_zero(s: Sample) -> None:
    """The entry keeps no image: each is deleted when it is done."""
    s.entries[0]["spec"]["importsToKeep"] = 0
    settle(s)
    s.source("corp-debian12")["metadata"]["labels"] = marks(s.cron("corp-debian12"))


@broken("4.22-volumes")
def image_volume_lost(s: Sample) -> None:
    """The volume behind the current image is gone."""
    name, cron = s.volume("fedora"), s.cron("fedora")
    s.get("PersistentVolumeClaim", name)["status"] = {"phase": "Lost"}
    volume = s.get("DataVolume", name)
    volume["status"] = {
        "phase": "Failed",
        "conditions": [condition("Bound", "False", "ClaimLost", "Claim Lost", days=1)],
    }
    cron["status"]["conditions"] = [
        condition("Progressing", "False", "Failed", "Import DataVolume phase Failed", days=1),
        condition("UpToDate", "False", "ImportProgressing", "Import is progressing", days=1),
    ]
    not_ready(s.source("fedora"), "Failed", "Import DataVolume phase Failed", days=1)


@broken("4.12")
def immediate_binding_missing(s: Sample) -> None:
    """CDI before 1.57 does not ask for immediate binding, and neither does the cron."""
    cron, key = s.cron("fedora"), "cdi.kubevirt.io/storage.bind.immediate.requested"
    name = stuck(s, cron, "WaitForFirstConsumer", days=2)
    for each in (cron, s.get("DataVolume", name)):
        each["metadata"]["annotations"].pop(key)


@broken()
def import_failing(s: Sample) -> None:
    """The registry refuses the password."""
    why = ("Error", "reading manifest: unauthorized: authentication required")
    stuck(s, s.cron("corp-debian12"), "ImportInProgress", running=why, restarts=96, hours=9)


@broken("4.22-volumes")
def import_too_small(s: Sample) -> None:
    """The request of an entry was shrunk, and the image does not fit."""
    s.entries[0]["spec"]["template"]["spec"]["storage"]["resources"]["requests"]["storage"] = "2Gi"
    settle(s)
    cron = s.cron("corp-debian12")
    why = ("Error", "DataVolume too small to contain image")
    stuck(s, cron, "ImportInProgress", running=why, restarts=230, days=2)


@broken()
def import_outdated(s: Sample) -> None:
    """A newer image has been importing for a day, and nothing says why that takes so long."""
    cron = s.cron("fedora")
    name = stuck(s, cron, "ImportInProgress", running=("", ""), days=1)
    said = s.get("DataVolume", name)["status"]["conditions"]
    said[:] = [condition("Running", "True", "Pod is running", days=1)]


@broken()
def snapshot_content_lost(s: Sample) -> None:
    """The data behind a snapshot was deleted; everything above still says ready."""
    s.drop("VolumeSnapshotContent", f"content-{s.volume('rhel9')}")


@broken()
def source_on_wrong_storage_class(s: Sample) -> None:
    """The default has moved; one old snapshot hangs in its deletion, and its cron with it."""
    s.put(storage_class("ceph-fast", virt=True, creationTimestamp=ago(days=30)), profile("ceph-fast"))
    s.get("StorageClass", "ceph-rbd")["metadata"]["annotations"] = {}
    frozen(s.cron("rhel9"), days=3)
    meta = s.get("VolumeSnapshot", s.volume("rhel9"))["metadata"]
    meta["deletionTimestamp"] = ago(days=3)
    meta["finalizers"] = ["snapshot.storage.kubernetes.io/volumesnapshot-bound-protection"]
    settle(s)


@broken("4.15")
def source_left_on_old_storage_class(s: Sample) -> None:
    """CDI before 1.61 does not follow when the default moves."""
    s.put(storage_class("ceph-fast", virt=True, creationTimestamp=ago(days=30)), profile("ceph-fast"))
    s.get("StorageClass", "ceph-rbd")["metadata"]["annotations"] = {}


@broken("4.16")
def one_source_left_on_old_storage_class(s: Sample) -> None:
    """The default has moved, this CDI does not follow, and somebody has deleted all images but fedora's."""
    source_left_on_old_storage_class(s)
    for name in ("rhel9", "corp-debian12", "centos-stream10"):
        without_images(s, s.cron(name))
        mark_imported(s, s.cron(name))


@broken("4.16")
def source_format_mismatch(s: Sample) -> None:
    """The profile was switched to volumes; this CDI adopts the snapshot again and again."""
    s.get("StorageProfile", "ceph-rbd")["spec"] = {"dataImportCronSourceFormat": "pvc"}
    s.get("StorageProfile", "ceph-rbd")["status"]["dataImportCronSourceFormat"] = "pvc"
    for name in ("fedora", "rhel9", "corp-debian12", "centos-stream10"):
        cron = s.cron(name)
        if name != "fedora":
            settle_as_volume(s, name)
            continue
        cron["status"]["conditions"] = [
            condition("Progressing", "False", "NoImport", "No current import", days=6),
            condition("UpToDate", "False", "Outdated", "Source digest updated since last import", days=6),
        ]
        not_ready(s.source(name), "NotFound", "PVC not found", days=6)


def settle_as_volume(s: Sample, name: str) -> None:
    """This one has gone over to a volume."""
    without_images(s, s.cron(name))
    settle(s)


@broken()
def old_images_pile_up(s: Sample) -> None:
    """Nothing is collected: five old snapshots of one boot source are left."""
    cron = s.cron("fedora")
    for i in range(1, 6):
        name = f"fedora-{digest(f'fedora/{i}')[7:19]}"
        s.put(*image(s, cron, name, "snapshot", "ceph-rbd", days=9 + 7 * i))


@broken("4.20")
def orphaned_image(s: Sample) -> None:
    """A platform upgrade dropped an operating system and left its images."""
    gone = merge(s.cron("fedora"), {"metadata": {"name": "centos-stream8-image-cron"}})
    for i in range(2):
        s.put(*image(s, gone, f"centos-stream8-{digest(f'8/{i}')[7:19]}", "snapshot", "ceph-rbd", days=90 + i))


@broken()
def image_being_rebuilt(s: Sample) -> None:
    """An entry was edited ten minutes ago: its cron is new, and takes a while to import."""
    cron = s.cron("fedora")
    without_images(s, cron)
    cron["metadata"]["creationTimestamp"] = ago(minutes=10)
    cron["status"].pop("lastImportedPVC")
    name = stuck(s, cron, "ImportInProgress", seed="", minutes=9)
    s.get("DataVolume", name)["status"]["conditions"] = [condition("Running", "True", "Pod is running", minutes=9)]
    leave_unfilled(s, cron, minutes=10)


@broken()
def boot_source_end_of_life(s: Sample) -> None:
    """Nobody has noticed that the maintenance of this Fedora has ended."""
    s.source("fedora")["metadata"]["labels"]["instancetype.kubevirt.io/default-preference"] = "fedora.40"


@broken()
def boot_image_old(s: Sample) -> None:
    """The publisher of an image has not rebuilt it for two years: it is the newest that there is."""
    cron = s.cron("corp-debian12")
    cron["status"]["lastImportTimestamp"] = ago(days=700)
    s.get("VolumeSnapshot", s.volume("corp-debian12"))["metadata"]["creationTimestamp"] = ago(days=700)


@broken("4.18")
def storage_wasted_by_old_images(s: Sample) -> None:
    """Three images of each boot source are kept, as CDI does by default; the old ones add up."""
    for entry in s.entries:
        entry["spec"]["importsToKeep"] = 3
    settle(s)
    for name in ("fedora", "rhel9"):
        cron = s.cron(name)
        cron["spec"]["importsToKeep"] = 3
        current = s.get("VolumeSnapshot", s.volume(name))
        for number in (1, 2):
            meta = {
                "name": f"{name}-{digest(f'{name}/{number}')[7:19]}",
                "creationTimestamp": ago(days=30 * number),
                "annotations": {"cdi.kubevirt.io/storage.import.lastUseTime": ago(days=20 * number)},
            }
            s.put(merge(current, {"metadata": meta, "status": {"restoreSize": "30Gi"}}))
