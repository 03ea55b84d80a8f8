"""The platform of the sample cluster: storage and operators."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from exporter.demo.api import Object
from exporter.demo.objects import (
    CLASS,
    DRIVER,
    IMAGES,
    OPERATORS,
    VIRT,
    build_condition,
    build_manifest,
    old_metadata,
    rfc3339,
)
from exporter.demo.sources import COMMON, CUSTOM, SCHEDULE, template_entry
from exporter.model.hco import HCO_NAME


def platform_objects(now: datetime) -> Iterator[Object]:
    """Namespaces and a node."""
    for name in (OPERATORS, IMAGES, "openshift", "shop", "team-a"):
        yield build_manifest("v1", "Namespace", name, meta=old_metadata(now), status={"phase": "Active"})
    info = {"nodeInfo": {"architecture": "amd64"}}
    yield build_manifest("v1", "Node", "worker-0", meta=old_metadata(now), status=info)


def storage_objects(now: datetime) -> Iterator[Object]:
    """Three classes: two virt defaults, where one would do, and the Kubernetes default."""
    yield build_manifest(
        "snapshot.storage.k8s.io/v1", "VolumeSnapshotClass", "ceph-snapshots", meta=old_metadata(now), driver=DRIVER
    )
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
    return build_manifest("storage.k8s.io/v1", "StorageClass", name, meta=meta, provisioner=driver, **binding)


def _profile(name: str, now: datetime, driver: str, claim: Object, form: str) -> Object:
    status = {
        "storageClass": name,
        "provisioner": driver,
        "claimPropertySets": [claim],
        "dataImportCronSourceFormat": form,
        **({"snapshotClass": "ceph-snapshots"} if form == "snapshot" else {}),
    }
    return build_manifest("cdi.kubevirt.io/v1beta1", "StorageProfile", name, meta=old_metadata(now), status=status)


def operator_objects(now: datetime) -> Iterator[Object]:
    """HCO, SSP and CDI, all well."""
    listed = sorted((template_entry(n) for n in (*COMMON, *CUSTOM)), key=lambda e: str(e["metadata"]["name"]))
    good = _healthy_conditions("Available", "Progressing", "Degraded", now=now)
    yield _hyperconverged(now, listed)
    yield build_manifest(
        "ssp.kubevirt.io/v1beta3",
        "SSP",
        "ssp-kubevirt-hyperconverged",
        OPERATORS,
        meta={**old_metadata(now), "generation": 3},
        spec={"commonTemplates": {"namespace": "openshift", "dataImportCronTemplates": listed}},
        status={"phase": "Deployed", "observedGeneration": 3, "observedVersion": "v0.25.0", "conditions": good},
    )
    status = {"phase": "Deployed", "observedVersion": "v1.65.0", "conditions": good}
    yield build_manifest(
        "cdi.kubevirt.io/v1beta1", "CDI", "cdi-kubevirt-hyperconverged", meta=old_metadata(now), status=status
    )


def _hyperconverged(now: datetime, listed: list[Object]) -> Object:
    """A disabled common entry, a modified one, and the custom ones."""
    enable = {"dataimportcrontemplate.kubevirt.io/enable": "false"}
    disabled = {"metadata": {"name": "centos-stream10-image-cron", "annotations": enable}}
    wanted = [template_entry(n) for n in ("centos-stream9", *CUSTOM)]
    return build_manifest(
        "hco.kubevirt.io/v1",
        "HyperConverged",
        HCO_NAME,
        OPERATORS,
        meta={**old_metadata(now), "generation": 4},
        spec={"workloadSources": {"enableCommonBootImageImport": True, "dataImportCronTemplates": [disabled, *wanted]}},
        status={
            "observedGeneration": 4,
            "dataImportSchedule": SCHEDULE,
            "systemHealthStatus": "healthy",
            "versions": [{"name": "operator", "version": "4.22.0"}],
            "nodeInfo": {"workloadsArchitectures": ["amd64"], "controlPlaneArchitectures": ["amd64"]},
            "dataImportCronTemplates": [{**e, "status": _listed_status(e)} for e in listed],
            "conditions": _healthy_conditions(
                "ReconcileComplete", "Available", "Progressing", "Degraded", "Upgradeable", now=now
            ),
        },
    )


def _healthy_conditions(*types: str, now: datetime) -> list[Object]:
    """Conditions of an operator that works."""
    since = now - timedelta(days=60)
    true = ("ReconcileComplete", "Available", "Upgradeable")
    return [build_condition(t, "True" if t in true else "False", "ReconcileCompleted", "", since) for t in types]


def _listed_status(listed: Object) -> Object:
    name = listed["metadata"]["name"].removesuffix("-image-cron")
    if name in CUSTOM:
        return {}
    return {"commonTemplate": True, **({"modified": True} if name == "centos-stream9" else {})}
