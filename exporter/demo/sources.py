"""The boot sources of the sample cluster, and what CDI has made of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from exporter.demo.api import Object
from exporter.demo.objects import (
    IMAGES,
    IMPORT,
    LABEL,
    OPERATORS,
    SSP_OWNED,
    build_condition,
    build_manifest,
    digest_of,
    old_metadata,
    rfc3339,
)

POLL_EVERY: Final = 5
"""Minutes between two polls: often, so that somebody who watches sees them."""
SCHEDULE: Final = f"*/{POLL_EVERY} * * * *"
COMMON: Final = ("centos-stream9", "fedora", "rhel8", "rhel9", "rhel10")
CUSTOM: Final = ("corp-alma9", "corp-centos7", "corp-debian12", "corp-gold", "corp-oracle9", "corp-suse15")
_IN_PODS: Final = ("corp-oracle9", "corp-suse15")
"""Pulled in a pod, so that a CronJob polls them."""
_NEVER: Final = ("corp-gold", "corp-oracle9")
"""Those that have never been imported."""
HEALTHY: Final = ("centos-stream9", "corp-debian12", "corp-suse15", "rhel8", "rhel9")
"""Boot sources that are imported while the demo runs."""
POLLED: Final = (*HEALTHY, "corp-alma9", "corp-centos7", "rhel10")
"""Those that are polled: all but the frozen one."""
_IMPORTED: Final = {"corp-centos7": 700, "fedora": 21}
"""How many days ago, where it is not 9."""
PLACEHOLDERS: Final = ("win11", "win2k22", "rhel7")


def _source(name: str) -> Object:
    if name.startswith("rhel"):
        return {"registry": {"imageStream": f"{name}-guest", "pullMethod": "node"}}
    if name == "corp-gold":
        return {"pvc": {"namespace": "team-a", "name": "golden"}}
    place = "registry.corp.example/os/" if name.startswith("corp-") else "quay.io/containerdisks/"
    url = f"docker://{place}{name.removeprefix('corp-')}:latest"
    return {"registry": {"url": url} if name in _IN_PODS else {"url": url, "pullMethod": "node"}}


def template_entry(name: str) -> Object:
    """One item of HCO's and SSP's lists."""
    spec = {
        "schedule": SCHEDULE,
        "managedDataSource": name,
        "garbageCollect": "Outdated",
        "importsToKeep": 1,
        "retentionPolicy": "None",
        "template": {"spec": {"source": _source(name), "storage": {"resources": {"requests": {"storage": "30Gi"}}}}},
    }
    marks = {"cdi.kubevirt.io/storage.bind.immediate.requested": "true"}
    return {"metadata": {"name": f"{name}-image-cron", "annotations": marks}, "spec": spec}


def boot_source_objects(now: datetime) -> Iterator[Object]:
    """All of them, and placeholders for systems that have none."""
    for name in (*COMMON, *CUSTOM):
        yield from _never_imported(name, now) if name in _NEVER else _boot_source(name, now)
    for name in _IN_PODS:
        yield poller_object(name, now - timedelta(minutes=2), ok=name not in _NEVER)
    for name in PLACEHOLDERS:
        yield placeholder_object(name, now)


def poller_object(name: str, at: datetime, *, ok: bool = True) -> Object:
    """The CronJob that polls a source, started at this instant."""
    labels = {LABEL: f"{name}-image-cron", LABEL + "Ns": IMAGES}
    status = {"lastScheduleTime": rfc3339(at), **({"lastSuccessfulTime": rfc3339(at)} if ok else {})}
    meta = {"creationTimestamp": rfc3339(at - timedelta(days=30)), "labels": labels}
    spec = {"schedule": SCHEDULE}
    return build_manifest(
        "batch/v1",
        "CronJob",
        f"{name}-image-cron-{digest_of(name)[7:15]}",
        OPERATORS,
        meta=meta,
        spec=spec,
        status=status,
    )


def _never_imported(name: str, now: datetime) -> Iterator[Object]:
    """Its poller has never got through; of one whose claim is gone CDI has written nothing at all."""
    made = now - timedelta(days=3)
    cron = cron_object(name, "", made, made)
    marks = cron["metadata"]["annotations"]
    cron["metadata"] |= {
        "creationTimestamp": rfc3339(made),
        "annotations": {k: v for k, v in marks.items() if not k.startswith(IMPORT)},
    }
    idle = build_condition("Progressing", "False", "NoImport", "No current import", made)
    told = [idle, build_condition("UpToDate", "False", "NoDigest", "No source digest", made)]
    cron["status"] = {"conditions": told} if name in _IN_PODS else {}
    yield cron
    empty = build_condition("Ready", "False", "NoSource", "No source PVC set", made)
    body = {"spec": {"source": {}}, "status": {"conditions": [empty]}}
    meta = {"creationTimestamp": rfc3339(made), "labels": _labels(name)}
    yield build_manifest("cdi.kubevirt.io/v1beta1", "DataSource", name, IMAGES, meta=meta, **body)


def _boot_source(name: str, now: datetime) -> Iterator[Object]:
    frozen = name == "fedora"
    polled = now - timedelta(days=12) if frozen else now - timedelta(minutes=2)
    imported = now - timedelta(days=_IMPORTED.get(name, 9))
    volume = f"{name}-{digest_of(name)[7:19]}"
    cron = cron_object(name, volume, polled, imported)
    if name == "corp-alma9":
        stuck = now - timedelta(hours=9)
        newer = f"{name}-{digest_of(name + '/newer')[7:19]}"
        yield import_object(name, newer, stuck, error="unauthorized: authentication required", restarts=96)
        mark_importing(cron, newer, digest_of(name + "/newer"), stuck)
    yield cron
    yield from snapshot_objects(name, volume, imported)
    yield data_source_object(name, volume, imported)


def cron_object(name: str, volume: str, polled: datetime, imported: datetime) -> Object:
    """An up-to-date cron that was last polled and has last imported at these instants."""
    listed = template_entry(name)
    marks = {
        **SSP_OWNED,
        **listed["metadata"]["annotations"],
        IMPORT + "lastCronTime": rfc3339(polled),
        IMPORT + "nextCronTime": rfc3339(polled + timedelta(minutes=POLL_EVERY)),
        IMPORT + "sourceDesiredDigest": digest_of(name),
        IMPORT + "storageClass": "ceph-rbd-fast",
    }
    up_to_date = build_condition("UpToDate", "True", "UpToDate", "Latest import is up to date", imported)
    return build_manifest(
        "cdi.kubevirt.io/v1beta1",
        "DataImportCron",
        f"{name}-image-cron",
        IMAGES,
        meta={"creationTimestamp": rfc3339(imported - timedelta(days=30)), "annotations": marks, "generation": 40},
        spec=listed["spec"],
        status={
            "sourceFormat": "snapshot",
            "currentImports": [{"DataVolumeName": volume, "Digest": digest_of(name)}],
            "lastImportedPVC": {"name": volume, "namespace": IMAGES},
            "lastExecutionTimestamp": rfc3339(polled),
            "lastImportTimestamp": rfc3339(imported),
            "conditions": [
                build_condition("Progressing", "False", "NoImport", "No current import", imported),
                up_to_date,
            ],
        },
    )


def mark_importing(cron: Object, volume: str, digest: str, at: datetime) -> None:
    """A newer image is known, and its import runs."""
    cron["metadata"]["annotations"][IMPORT + "sourceDesiredDigest"] = digest
    cron["status"]["currentImports"] = [{"DataVolumeName": volume, "Digest": digest}]
    cron["status"]["conditions"] = [
        build_condition("Progressing", "True", "ImportProgressing", "Import is progressing", at),
        build_condition("UpToDate", "False", "ImportProgressing", "Import is progressing", at),
    ]


def import_object(name: str, volume: str, at: datetime, error: str = "", restarts: int = 0) -> Object:
    """The DataVolume of a running import, or of one that fails again and again."""
    running = (
        build_condition("Running", "False", "Error", error, at)
        if error
        else build_condition("Running", "True", "Running", "", at)
    )
    return build_manifest(
        "cdi.kubevirt.io/v1beta1",
        "DataVolume",
        volume,
        IMAGES,
        meta={"creationTimestamp": rfc3339(at), "labels": _labels(name)},
        spec={"storage": {"resources": {"requests": {"storage": "30Gi"}}}},
        status={
            "phase": "ImportInProgress",
            "restartCount": restarts,
            "conditions": [
                build_condition("Bound", "True", "Bound", "", at),
                build_condition("Ready", "False", "", "", at),
                running,
            ],
        },
    )


def _labels(name: str) -> dict[str, str]:
    return {LABEL: f"{name}-image-cron", LABEL + ".cleanup": "true"}


def snapshot_objects(name: str, volume: str, at: datetime) -> Iterator[Object]:
    """The snapshot that an image is kept in, and its content."""
    content = f"snapcontent-{volume}"
    status = {
        "readyToUse": True,
        "boundVolumeSnapshotContentName": content,
        "creationTime": rfc3339(at),
        "restoreSize": "30Gi",
    }
    spec = {"source": {"persistentVolumeClaimName": volume}, "volumeSnapshotClassName": "ceph-snapshots"}
    meta = {"creationTimestamp": rfc3339(at), "labels": _labels(name)}
    api = "snapshot.storage.k8s.io/v1"
    yield build_manifest(api, "VolumeSnapshot", volume, IMAGES, meta=meta, spec=spec, status=status)
    yield build_manifest(api, "VolumeSnapshotContent", content, meta={"creationTimestamp": rfc3339(at)})


def data_source_object(name: str, volume: str, at: datetime) -> Object:
    """A ready DataSource on that snapshot."""
    point = {"snapshot": {"name": volume, "namespace": IMAGES}}
    ready = build_condition("Ready", "True", "Ready", "DataSource is ready to be consumed", at)
    preference = {
        "instancetype.kubevirt.io/default-preference": name,
        "instancetype.kubevirt.io/default-instancetype": "u1.medium",
    }
    marks = {} if name in CUSTOM else SSP_OWNED
    meta = {"creationTimestamp": rfc3339(at), "labels": {**_labels(name), **preference}, "annotations": marks}
    body = {"spec": {"source": point}, "status": {"source": point, "conditions": [ready]}}
    return build_manifest("cdi.kubevirt.io/v1beta1", "DataSource", name, IMAGES, meta=meta, **body)


def placeholder_object(name: str, now: datetime) -> Object:
    """What SSP keeps for a system without a boot source."""
    missing = build_condition("Ready", "False", "NotFound", "PVC not found", now - timedelta(days=60))
    point = {"pvc": {"name": name, "namespace": IMAGES}}
    body = {"spec": {"source": point}, "status": {"conditions": [missing]}}
    return build_manifest(
        "cdi.kubevirt.io/v1beta1",
        "DataSource",
        name,
        IMAGES,
        meta={**old_metadata(now), "annotations": SSP_OWNED},
        **body,
    )


def image_stream_objects(now: datetime) -> Iterator[Object]:
    """Of the Red Hat images; OpenShift may not import the one for rhel10."""
    for name in (n for n in COMMON if n.startswith("rhel")):
        item = {"created": rfc3339(now - timedelta(days=9)), "image": digest_of(name)}
        tag: Object = {"tag": "latest", "items": [item]}
        if name == "rhel10":
            why = "you may not have access to the container image registry.redhat.io/rhel10/rhel-guest-image"
            tag["conditions"] = [
                build_condition("ImportSuccess", "False", "Unauthorized", why, now - timedelta(days=4))
            ]
        yield build_manifest(
            "image.openshift.io/v1",
            "ImageStream",
            f"{name}-guest",
            IMAGES,
            meta=old_metadata(now),
            status={"tags": [tag]},
        )
