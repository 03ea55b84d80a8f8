"""The objects of the sample cluster: OpenShift Virtualization 4.22 with healthy and broken boot sources of every kind.

Healthy: rhel8 and rhel9 (ImageStreams), centos-stream9 (modified by the administrator), corp-debian12 (custom).
Broken: fedora is not polled any more, rhel10's ImageStream cannot be imported, corp-alma9 cannot be pulled, two
StorageClasses are virt default, and a template and a virtual machine name a DataSource that does not exist.
Switched off: centos-stream10.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from exporter.demo.api import Object

OPERATORS: Final = "openshift-cnv"
IMAGES: Final = "openshift-virtualization-os-images"
VIRT: Final = "storageclass.kubevirt.io/is-default-virt-class"
DRIVER: Final = "openshift-storage.rbd.csi.ceph.com"
CLASS: Final = "ceph-rbd-virt"
IMPORT: Final = "cdi.kubevirt.io/storage.import."
LABEL: Final = "cdi.kubevirt.io/dataImportCron"
POLL_EVERY: Final = 5
"""Minutes between two polls: often, so that somebody who watches sees them."""
SCHEDULE: Final = f"*/{POLL_EVERY} * * * *"
_SSP: Final = {
    "operator-sdk/primary-resource": f"{OPERATORS}/ssp-kubevirt-hyperconverged",
    "operator-sdk/primary-resource-type": "SSP.ssp.kubevirt.io",
}
_COMMON: Final = ("centos-stream9", "fedora", "rhel8", "rhel9", "rhel10")
_CUSTOM: Final = ("corp-alma9", "corp-debian12")
HEALTHY: Final = ("centos-stream9", "corp-debian12", "rhel8", "rhel9")
"""Boot sources that are imported while the demo runs."""
POLLED: Final = (*HEALTHY, "corp-alma9", "rhel10")
"""Those that are polled: all but the frozen one."""
_PLACEHOLDERS: Final = ("win11", "win2k22", "rhel7")


def rfc3339(instant: datetime) -> str:
    """As Kubernetes writes it."""
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


def digest_of(text: str) -> str:
    """A digest that stays the same from run to run."""
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def manifest(api: str, kind: str, name: str, namespace: str = "", **body: Any) -> Object:  # noqa: ANN401
    """An object; `meta` is laid into its metadata."""
    meta = {"name": name, "uid": digest_of(kind + namespace + name)[7:43], **body.pop("meta", {})}
    return {
        "apiVersion": api,
        "kind": kind,
        "metadata": {**meta, **({"namespace": namespace} if namespace else {})},
        **body,
    }


def condition(type_: str, status: str, reason: str, message: str, at: datetime) -> Object:
    """One condition."""
    return {"type": type_, "status": status, "reason": reason, "message": message, "lastTransitionTime": rfc3339(at)}


def sample(now: datetime) -> Iterator[Object]:
    """All objects as of `now`."""
    yield from _namespaces(now)
    yield from _storage(now)
    yield from _operators(now)
    for name in (*_COMMON, *_CUSTOM):
        yield from _boot_source(name, now)
    yield from _image_streams(now)
    for name in _PLACEHOLDERS:
        yield _placeholder(name, now)
    yield from _consumers(now)


def _old(now: datetime, days: float = 60) -> Object:
    return {"creationTimestamp": rfc3339(now - timedelta(days=days))}


def _namespaces(now: datetime) -> Iterator[Object]:
    for name in (OPERATORS, IMAGES, "openshift", "shop", "team-a"):
        yield manifest("v1", "Namespace", name, meta=_old(now), status={"phase": "Active"})
    info = {"nodeInfo": {"architecture": "amd64"}}
    yield manifest("v1", "Node", "worker-0", meta=_old(now), status=info)


def _storage(now: datetime) -> Iterator[Object]:
    yield manifest("snapshot.storage.k8s.io/v1", "VolumeSnapshotClass", "ceph-snapshots", meta=_old(now), driver=DRIVER)
    for name, days in ((CLASS, 200), ("ceph-rbd-fast", 6)):
        yield storage_class(name, now - timedelta(days=days), virt=True)
        yield _profile(name, now, DRIVER, {"accessModes": ["ReadWriteMany"], "volumeMode": "Block"}, "snapshot")
    yield storage_class("gp3-csi", now - timedelta(days=200), "ebs.csi.aws.com", default=True)
    yield _profile("gp3-csi", now, "ebs.csi.aws.com", {"accessModes": ["ReadWriteOnce"], "volumeMode": "Block"}, "pvc")


def storage_class(
    name: str, created: datetime, driver: str = DRIVER, *, virt: bool = False, default: bool = False
) -> Object:
    """A StorageClass with its default annotations."""
    marks = {VIRT: "true"} if virt else {}
    marks |= {"storageclass.kubernetes.io/is-default-class": "true"} if default else {}
    meta = {"creationTimestamp": rfc3339(created), "annotations": marks}
    binding = {"volumeBindingMode": "Immediate"}
    return manifest("storage.k8s.io/v1", "StorageClass", name, meta=meta, provisioner=driver, **binding)


def _profile(name: str, now: datetime, driver: str, claim: Object, form: str) -> Object:
    status = {
        "storageClass": name,
        "provisioner": driver,
        "claimPropertySets": [claim],
        "dataImportCronSourceFormat": form,
        **({"snapshotClass": "ceph-snapshots"} if form == "snapshot" else {}),
    }
    return manifest("cdi.kubevirt.io/v1beta1", "StorageProfile", name, meta=_old(now), status=status)


def _source(name: str) -> Object:
    if name.startswith("rhel"):
        return {"registry": {"imageStream": f"{name}-guest", "pullMethod": "node"}}
    place = "registry.corp.example/os/" if name.startswith("corp-") else "quay.io/containerdisks/"
    return {"registry": {"url": f"docker://{place}{name.removeprefix('corp-')}:latest", "pullMethod": "node"}}


def entry(name: str) -> Object:
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


def _operators(now: datetime) -> Iterator[Object]:
    listed = sorted((entry(n) for n in (*_COMMON, *_CUSTOM)), key=lambda e: str(e["metadata"]["name"]))
    at = now - timedelta(days=60)
    good = [
        condition(
            t,
            "True" if t in ("ReconcileComplete", "Available", "Upgradeable") else "False",
            "ReconcileCompleted",
            "",
            at,
        )
        for t in ("ReconcileComplete", "Available", "Progressing", "Degraded", "Upgradeable")
    ]
    disabled = {
        "metadata": {
            "name": "centos-stream10-image-cron",
            "annotations": {"dataimportcrontemplate.kubevirt.io/enable": "false"},
        }
    }
    wanted = [entry(n) for n in ("centos-stream9", *_CUSTOM)]
    yield manifest(
        "hco.kubevirt.io/v1",
        "HyperConverged",
        "kubevirt-hyperconverged",
        OPERATORS,
        meta={**_old(now), "generation": 4},
        spec={"workloadSources": {"enableCommonBootImageImport": True, "dataImportCronTemplates": [disabled, *wanted]}},
        status={
            "observedGeneration": 4,
            "dataImportSchedule": SCHEDULE,
            "systemHealthStatus": "healthy",
            "versions": [{"name": "operator", "version": "4.22.0"}],
            "nodeInfo": {"workloadsArchitectures": ["amd64"], "controlPlaneArchitectures": ["amd64"]},
            "dataImportCronTemplates": [{**e, "status": _listed_status(e)} for e in listed],
            "conditions": good,
        },
    )
    yield manifest(
        "ssp.kubevirt.io/v1beta3",
        "SSP",
        "ssp-kubevirt-hyperconverged",
        OPERATORS,
        meta={**_old(now), "generation": 3},
        spec={"commonTemplates": {"namespace": "openshift", "dataImportCronTemplates": listed}},
        status={
            "phase": "Deployed",
            "observedGeneration": 3,
            "observedVersion": "v0.25.0",
            "conditions": [c for c in good if c["type"] in ("Available", "Progressing", "Degraded")],
        },
    )
    status = {
        "phase": "Deployed",
        "observedVersion": "v1.65.0",
        "conditions": [c for c in good if c["type"] in ("Available", "Progressing", "Degraded")],
    }
    yield manifest("cdi.kubevirt.io/v1beta1", "CDI", "cdi-kubevirt-hyperconverged", meta=_old(now), status=status)


def _listed_status(listed: Object) -> Object:
    name = listed["metadata"]["name"].removesuffix("-image-cron")
    if name in _CUSTOM:
        return {}
    return {"commonTemplate": True, **({"modified": True} if name == "centos-stream9" else {})}


def _boot_source(name: str, now: datetime) -> Iterator[Object]:
    frozen = name == "fedora"
    polled = now - timedelta(days=12) if frozen else now - timedelta(minutes=2)
    imported = now - timedelta(days=21 if frozen else 9)
    volume = f"{name}-{digest_of(name)[7:19]}"
    cron = cron_object(name, volume, polled, imported)
    if name == "corp-alma9":
        stuck = now - timedelta(hours=9)
        newer = f"{name}-{digest_of(name + '/newer')[7:19]}"
        yield import_volume(name, newer, stuck, error="unauthorized: authentication required", restarts=96)
        mark_importing(cron, newer, digest_of(name + "/newer"), stuck)
    yield cron
    yield from snapshot_objects(name, volume, imported)
    yield data_source(name, volume, imported)


def cron_object(name: str, volume: str, polled: datetime, imported: datetime) -> Object:
    """An up-to-date cron that was last polled and has last imported at these instants."""
    listed = entry(name)
    marks = {
        **_SSP,
        **listed["metadata"]["annotations"],
        IMPORT + "lastCronTime": rfc3339(polled),
        IMPORT + "nextCronTime": rfc3339(polled + timedelta(minutes=POLL_EVERY)),
        IMPORT + "sourceDesiredDigest": digest_of(name),
        IMPORT + "storageClass": "ceph-rbd-fast",
    }
    up_to_date = condition("UpToDate", "True", "UpToDate", "Latest import is up to date", imported)
    return manifest(
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
            "conditions": [condition("Progressing", "False", "NoImport", "No current import", imported), up_to_date],
        },
    )


def mark_importing(cron: Object, volume: str, digest: str, at: datetime) -> None:
    """A newer image is known, and its import runs."""
    cron["metadata"]["annotations"][IMPORT + "sourceDesiredDigest"] = digest
    cron["status"]["currentImports"] = [{"DataVolumeName": volume, "Digest": digest}]
    cron["status"]["conditions"] = [
        condition("Progressing", "True", "ImportProgressing", "Import is progressing", at),
        condition("UpToDate", "False", "ImportProgressing", "Import is progressing", at),
    ]


def import_volume(name: str, volume: str, at: datetime, error: str = "", restarts: int = 0) -> Object:
    """The DataVolume of a running import, or of one that fails again and again."""
    running = (
        condition("Running", "False", "Error", error, at) if error else condition("Running", "True", "Running", "", at)
    )
    return manifest(
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
                condition("Bound", "True", "Bound", "", at),
                condition("Ready", "False", "", "", at),
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
    yield manifest(api, "VolumeSnapshot", volume, IMAGES, meta=meta, spec=spec, status=status)
    yield manifest(api, "VolumeSnapshotContent", content, meta={"creationTimestamp": rfc3339(at)})


def data_source(name: str, volume: str, at: datetime) -> Object:
    """A ready DataSource on that snapshot."""
    point = {"snapshot": {"name": volume, "namespace": IMAGES}}
    ready = condition("Ready", "True", "Ready", "DataSource is ready to be consumed", at)
    preference = {
        "instancetype.kubevirt.io/default-preference": name,
        "instancetype.kubevirt.io/default-instancetype": "u1.medium",
    }
    marks = {} if name in _CUSTOM else _SSP
    meta = {"creationTimestamp": rfc3339(at), "labels": {**_labels(name), **preference}, "annotations": marks}
    body = {"spec": {"source": point}, "status": {"source": point, "conditions": [ready]}}
    return manifest("cdi.kubevirt.io/v1beta1", "DataSource", name, IMAGES, meta=meta, **body)


def _placeholder(name: str, now: datetime) -> Object:
    missing = condition("Ready", "False", "NotFound", "PVC not found", now - timedelta(days=60))
    point = {"pvc": {"name": name, "namespace": IMAGES}}
    body = {"spec": {"source": point}, "status": {"conditions": [missing]}}
    return manifest(
        "cdi.kubevirt.io/v1beta1", "DataSource", name, IMAGES, meta={**_old(now), "annotations": _SSP}, **body
    )


def _image_streams(now: datetime) -> Iterator[Object]:
    for name in (n for n in _COMMON if n.startswith("rhel")):
        item = {"created": rfc3339(now - timedelta(days=9)), "image": digest_of(name)}
        tag: Object = {"tag": "latest", "items": [item]}
        if name == "rhel10":
            why = "you may not have access to the container image registry.redhat.io/rhel10/rhel-guest-image"
            tag["conditions"] = [condition("ImportSuccess", "False", "Unauthorized", why, now - timedelta(days=4))]
        yield manifest(
            "image.openshift.io/v1", "ImageStream", f"{name}-guest", IMAGES, meta=_old(now), status={"tags": [tag]}
        )


def _consumers(now: datetime) -> Iterator[Object]:
    for name in ("centos-stream9", "fedora", "rhel8", "rhel9", "win11"):
        for size in ("small", "medium"):
            yield _template(f"{name}-server-{size}", name, "openshift", "base", now)
    yield _template("corp-debian12-small", "corp-debian12", "team-a", "vm", now)
    yield _template("office-desktop", "corp-ubuntu22", "team-a", "vm", now)
    yield from _machine("web-1", "fedora", now)
    yield from _machine("billing-1", "corp-ubuntu22", now, made=False)


def _template(name: str, source: str, namespace: str, type_: str, now: datetime) -> Object:
    ref = {"kind": "DataSource", "name": "${DATA_SOURCE_NAME}", "namespace": "${DATA_SOURCE_NAMESPACE}"}
    volumes = [{"metadata": {"name": "${NAME}"}, "spec": {"sourceRef": ref}}]
    machine = {"apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine", "spec": {"dataVolumeTemplates": volumes}}
    parameters = [
        {"name": "NAME", "generate": "expression", "from": "[a-z0-9]{16}"},
        {"name": "DATA_SOURCE_NAME", "value": source},
        {"name": "DATA_SOURCE_NAMESPACE", "value": IMAGES},
    ]
    meta = {**_old(now), "labels": {"template.kubevirt.io/type": type_}}
    return manifest(
        "template.openshift.io/v1", "Template", name, namespace, meta=meta, objects=[machine], parameters=parameters
    )


def _machine(name: str, source: str, now: datetime, *, made: bool = True) -> Iterator[Object]:
    ref = {"kind": "DataSource", "name": source, "namespace": IMAGES}
    volumes = [{"metadata": {"name": f"{name}-root"}, "spec": {"sourceRef": ref}}]
    why = (
        "Error encountered while creating DataVolumes: unable to create DataVolume manifest: "
        f'datasources.cdi.kubevirt.io "{source}" not found'
    )
    failed = [condition("Failure", "True", "FailedCreate", why, now - timedelta(hours=4))]
    status = {"created": made, "ready": made, "conditions": [] if made else failed}
    spec = {"dataVolumeTemplates": volumes}
    yield manifest("kubevirt.io/v1", "VirtualMachine", name, "shop", meta=_old(now, 1), spec=spec, status=status)
    if made:
        body = {"status": {"phase": "Succeeded"}}
        yield manifest("cdi.kubevirt.io/v1beta1", "DataVolume", f"{name}-root", "shop", meta=_old(now, 1), **body)
