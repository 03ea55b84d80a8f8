"""DataSources do not stand for what they should."""

from __future__ import annotations

from tests.clusters.broken.changes import broken, not_ready
from tests.clusters.controllers import settle
from tests.clusters.entries import corp
from tests.clusters.importing import data_source, image, marks
from tests.clusters.sample import CDI_API, CRON, Sample
from tests.worlds import manifest

DEFAULTS = {
    "instancetype.kubevirt.io/default-instancetype": "u1.medium",
    "instancetype.kubevirt.io/default-preference": "linux",
}


@broken()
def data_source_missing(s: Sample) -> None:
    """SSP has lost a DataSource that common templates name, and does not make it anew."""
    s.drop("DataSource", "win11", s.shape.images)
    s.down.add("ssp-operator")


@broken()
def data_source_beside_cron(s: Sample) -> None:
    """The console has made a DataSource for one architecture, and a cron that manages the name without it."""
    cron = manifest(
        CDI_API,
        "DataImportCron",
        "office-image-cron",
        s.shape.images,
        metadata={"annotations": {}},
        spec=corp(s.shape, "office")["spec"],
        status={},
    )
    s.put(cron)
    settle(s)
    source = data_source(s, "office-amd64", {})
    source["metadata"]["labels"] = dict(DEFAULTS)
    not_ready(source, "NoSource", "No source PVC set", days=3)
    s.put(source)


@broken()
def data_source_not_following_cron(s: Sample) -> None:
    """The label of a DataSource was removed: it keeps an old image."""
    cron, source = s.cron("corp-debian12"), s.source("corp-debian12")
    old = "corp-debian12-0123456789ab"
    s.put(*image(s, cron, old, "snapshot", "ceph-rbd", days=40))
    s.get("VolumeSnapshot", old)["metadata"]["labels"] = {}
    source["metadata"]["labels"].pop(CRON)
    source["spec"]["source"] = {"snapshot": {"name": old, "namespace": s.shape.images}}


@broken()
def data_source_without_source(s: Sample) -> None:
    """Somebody's own DataSource stands for nothing."""
    source = data_source(s, "office", {})
    not_ready(source, "NoSource", "No source PVC set", days=3)
    s.put(source)


@broken()
def data_source_target_missing(s: Sample) -> None:
    """Somebody's own DataSource stands for a claim that is gone."""
    source = data_source(s, "office", {"pvc": {"name": "gone", "namespace": s.shape.images}})
    not_ready(source, "NotFound", "PVC not found", days=3)
    s.put(source)


@broken()
def data_source_not_ready(s: Sample) -> None:
    """An upload that nobody finishes."""
    source = data_source(s, "office", {"pvc": {"name": "office", "namespace": s.shape.images}})
    not_ready(source, "UploadReady", "Import DataVolume phase UploadReady", days=3)
    s.put(source)


@broken("4.22-multi-arch")
def data_source_pointer_broken(s: Sample) -> None:
    """Somebody's own DataSource points at a pointer."""
    source = data_source(s, "office", {"dataSource": {"name": "fedora", "namespace": s.shape.images}})
    not_ready(source, "MaxReferenceDepthReached", "DataSource reference chain exceeds maximum depth of 1", days=3)
    s.put(source)


@broken()
def data_source_deleted_with_cron(s: Sample) -> None:
    """Somebody's own DataSource on a cron's image has inherited the labels that delete it with the cron."""
    cron, point = s.cron("rhel9"), s.source("rhel9")["spec"]["source"]
    source = data_source(s, "office", point, ready=True)
    source["metadata"]["labels"] = {**marks(cron), **DEFAULTS}
    s.put(source)


@broken()
def data_source_without_preference(s: Sample) -> None:
    """An image that says nothing about itself."""
    for each in (s.source("corp-debian12"), s.get("VolumeSnapshot", s.volume("corp-debian12"))):
        each["metadata"]["labels"] = {k: v for k, v in each["metadata"]["labels"].items() if "instancetype" not in k}


@broken()
def hand_made_snapshot_ignored(s: Sample) -> None:
    """Windows was provided as a snapshot with the name of the DataSource, for which SSP wants a claim."""
    space = s.shape.images
    s.put(
        data_source(s, "win11", {"pvc": {"name": "win11", "namespace": space}}, ready=False, by_ssp=True),
        manifest(
            "snapshot.storage.k8s.io/v1",
            "VolumeSnapshot",
            "win11",
            space,
            spec={"source": {"persistentVolumeClaimName": "uploaded"}},
            status={"readyToUse": True},
        ),
    )
    s.source("win11")["metadata"]["labels"] = {"instancetype.kubevirt.io/default-preference": "windows.11"}
    not_ready(s.source("win11"), "NotFound", "PVC not found", days=9)
