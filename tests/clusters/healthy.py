"""The healthy cluster of each shape: what administrators wrote, and all that the controllers make of it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from tests.clusters.controllers import settle
from tests.clusters.entries import corp
from tests.clusters.sample import CDI_API, Sample, place
from tests.clusters.shapes import SHAPES, Shape
from tests.worlds import Manifest, a_machine, a_template, ago, condition, manifest, merge

DRIVER = "rbd.csi.ceph.com"
SNAPSHOTS = "ceph-snapshots"
_LOCAL = "ebs.csi.aws.com"


def healthy(name: str) -> Sample:
    """The healthy cluster of this shape, for the caller to change."""
    return _build(name).copy()


@cache
def _build(name: str) -> Sample:
    shape = SHAPES[name]
    sample = Sample(shape, [*_places(shape), *_storage(shape), *_operators(shape), *_consumers(shape)])
    settle(sample)
    return sample


def _places(shape: Shape) -> Iterator[Manifest]:
    for name in (shape.operators, shape.images, "openshift" if shape.openshift else "kubevirt", "shop", "team-a"):
        yield manifest("v1", "Namespace", name, status={"phase": "Active"})
    for i, arch in enumerate(("amd64", "arm64") if shape.multi_arch else ("amd64",)):
        yield manifest("v1", "Node", f"worker-{i}", status={"nodeInfo": {"architecture": arch}})


def storage_class(
    name: str, driver: str = DRIVER, *, virt: bool = False, default: bool = False, **meta: Any
) -> Manifest:
    """A StorageClass with its default annotations."""
    marks = {
        "storageclass.kubevirt.io/is-default-virt-class": virt,
        "storageclass.kubernetes.io/is-default-class": default,
    }
    notes = {key: "true" for key, on in marks.items() if on}
    told = {"creationTimestamp": ago(days=200), "annotations": notes, **meta}
    return manifest("storage.k8s.io/v1", "StorageClass", name, metadata=told, provisioner=driver)


def profile(name: str, driver: str = DRIVER, form: str = "snapshot", **changes: Any) -> Manifest:
    """A complete StorageProfile."""
    block = {"accessModes": ["ReadWriteMany"], "volumeMode": "Block"}
    status = {
        "storageClass": name,
        "provisioner": driver,
        "claimPropertySets": [block],
        "dataImportCronSourceFormat": form,
        **({"snapshotClass": SNAPSHOTS} if driver == DRIVER else {}),
    }
    return merge(manifest(CDI_API, "StorageProfile", name, spec={}, status=status), changes)


def snapshot_class(name: str = SNAPSHOTS, driver: str = DRIVER) -> Manifest:
    """A VolumeSnapshotClass."""
    api = "snapshot.storage.k8s.io/v1"
    return manifest(api, "VolumeSnapshotClass", name, driver=driver, deletionPolicy="Delete")


def _storage(shape: Shape) -> Iterator[Manifest]:
    yield storage_class("ceph-rbd", virt=shape.virt_default, default=not shape.virt_default)
    yield profile("ceph-rbd", form=shape.form)
    yield storage_class("local", _LOCAL, default=shape.virt_default)
    yield profile("local", _LOCAL, "pvc")
    yield snapshot_class()


def _operators(shape: Shape) -> Iterator[Manifest]:
    spec: Manifest = {}
    place(spec, shape.gate, shape.gate_on)
    place(spec, shape.entries, [corp(shape)])
    if shape.multi_arch and shape.version.startswith("4.22"):
        spec["featureGates"] = [{"name": "enableMultiArchBootImageImport", "state": "Enabled"}]
    elif shape.multi_arch:
        spec["workloadSources"]["enableMultiArchBootImageImport"] = True
    arches = ["amd64", "arm64"] if shape.multi_arch else ["amd64"]
    told = {
        "dataImportSchedule": "41 11/12 * * *",
        "versions": [{"name": "operator", "version": shape.version}],
        "nodeInfo": {"workloadsArchitectures": arches, "controlPlaneArchitectures": ["amd64"]},
    }
    meta = {"generation": 4}
    api = f"hco.kubevirt.io/{shape.hco_api}"
    name, space = "kubevirt-hyperconverged", shape.operators
    yield manifest(api, "HyperConverged", name, space, metadata=meta, spec=spec, status=told)
    body: Manifest = {"commonTemplates": {"namespace": "openshift"}}
    if shape.multi_arch:
        body |= {
            "enableMultipleArchitectures": True,
            "cluster": {"workloadArchitectures": arches, "controlPlaneArchitectures": ["amd64"]},
        }
    api = f"ssp.kubevirt.io/{shape.ssp_api}"
    yield manifest(api, "SSP", "ssp-kubevirt-hyperconverged", space, metadata={"generation": 3}, spec=body, status={})
    good = [condition(t, "True" if t == "Available" else "False", t, days=60) for t in ("Available", "Degraded")]
    status = {"phase": "Deployed", "observedVersion": shape.cdi, "conditions": good}
    yield manifest(CDI_API, "CDI", "cdi-kubevirt-hyperconverged", spec={}, status=status)


def _consumers(shape: Shape) -> Iterator[Manifest]:
    suffix = "-amd64" if shape.multi_arch else ""
    if shape.openshift:
        for name in ("fedora", "rhel9", "win11"):
            yield a_template(f"{name}-server-small", source=name + suffix)
        own = {"namespace": "team-a", "labels": {"template.kubevirt.io/type": "vm"}}
        yield a_template("corp-debian12-small", source="corp-debian12" + suffix, metadata=own)
    if shape.gate_on:
        yield from machine("web-1", "fedora", shape.images)
    yield from machine("db-1", "corp-debian12" + suffix, shape.images)


def machine(name: str, source: str, namespace: str) -> Iterator[Manifest]:
    """A running machine with its disk."""
    yield a_machine(name, source=source, namespace=namespace, status={"created": True})
    yield manifest(CDI_API, "DataVolume", f"{name}-root", "shop", spec={}, status={"phase": "Succeeded"})
