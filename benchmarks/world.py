"""The objects that are measured on: virtual machines of 8 KB, and boot sources that are all in order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final

Object = dict[str, Any]

NAMESPACES: Final = 100
SOURCES: Final = "openshift-virtualization-os-images"
WITH_REFERENCE: Final = 40
"""Percent of the machines."""
AGE_DAYS: Final = 720
"""How old the oldest virtual machine is."""
IMAGE_DAYS: Final = 30
"""How long an image of a boot source is the newest one."""
MACHINES: Final = "/apis/kubevirt.io/v1/virtualmachines"
STORAGE_CLASS: Final = "ceph-rbd-virtualization"
STORAGE_CLASS_PATH: Final = f"/apis/storage.k8s.io/v1/storageclasses/{STORAGE_CLASS}"
DEFAULT_CLASS: Final = {
    "storageclass.kubernetes.io/is-default-class": "true",
    "storageclass.kubevirt.io/is-default-virt-class": "true",
}
FROZEN: Final = datetime(2025, 1, 6, 8, 0, tzinfo=UTC)
"""When a DataImportCron that nobody polls was last polled."""
_CDI: Final = "cdi.kubevirt.io/v1beta1"
_CRON_LABEL: Final = "cdi.kubevirt.io/dataImportCron"
_FILLER: Final = 4300
"""Characters of cloud-init data that bring a machine to 8 KB on the wire, managedFields included."""


def has_reference(number: int) -> bool:
    """Whether this machine is cloned from a DataSource."""
    return number * 37 % 100 < WITH_REFERENCE


def namespace(number: int) -> str:
    return f"tenant-{number % NAMESPACES:03d}"


def machine_path(number: int) -> str:
    return f"/apis/kubevirt.io/v1/namespaces/{namespace(number)}/virtualmachines/vm-{number:06d}"


def source_path(number: int) -> str:
    return f"/apis/{_CDI}/namespaces/{SOURCES}/datasources/{source_name(number)}"


def cron_path(number: int) -> str:
    return f"/apis/{_CDI}/namespaces/{SOURCES}/dataimportcrons/{source_name(number)}-cron"


def source_name(number: int) -> str:
    return f"image-{number:04d}"


def collection_of(thing: Object) -> str:
    """The path that a namespaced object is created at."""
    api = thing["apiVersion"]
    root = f"/apis/{api}" if "/" in api else f"/api/{api}"
    return f"{root}/namespaces/{thing['metadata']['namespace']}/{thing['kind'].lower()}s"


def machine(number: int, sources: int) -> Object:
    """A virtual machine as templates of the console make them."""
    name, random = f"vm-{number:06d}", Random(number)
    source: Object
    if has_reference(number):
        source = {"sourceRef": {"kind": "DataSource", "namespace": SOURCES, "name": source_name(number % sources)}}
    else:
        source = {"source": {"registry": {"url": f"docker://registry.example.com/disks/{name}:1"}}}
    user_data = "#cloud-config\nuser: cloud-user\nwrite_files:\n- content: " + random.randbytes(_FILLER // 2).hex()
    volumes: list[Object] = [
        {"name": "rootdisk", "dataVolume": {"name": f"{name}-root"}},
        {"name": "cloudinitdisk", "cloudInitNoCloud": {"userData": user_data}},
    ]
    labels = {"app": name, "vm.kubevirt.io/template": "rhel9-server-small", "team": f"team-{number % 37}"}
    return {
        "apiVersion": "kubevirt.io/v1",
        "kind": "VirtualMachine",
        "metadata": {
            "name": name,
            "namespace": namespace(number),
            "labels": labels,
            "annotations": {"vm.kubevirt.io/os": "rhel9", "description": f"machine {number} of the benchmark"},
        },
        "spec": {
            "runStrategy": "Always",
            "dataVolumeTemplates": [
                {
                    "apiVersion": _CDI,
                    "kind": "DataVolume",
                    "metadata": {"name": f"{name}-root"},
                    "spec": {**source, "storage": {"resources": {"requests": {"storage": "30Gi"}}}},
                }
            ],
            "template": {"metadata": {"labels": labels}, "spec": {"domain": _domain(random), "volumes": volumes}},
        },
    }


def _domain(random: Random) -> Object:
    mac = ":".join(f"{byte:02x}" for byte in (2, *random.randbytes(5)))
    return {
        "cpu": {"cores": 2, "sockets": 1, "threads": 1},
        "memory": {"guest": "4Gi"},
        "machine": {"type": "pc-q35-rhel9.4.0"},
        "firmware": {"serial": random.randbytes(16).hex(), "bootloader": {"efi": {"secureBoot": False}}},
        "features": {"acpi": {}, "smm": {"enabled": True}, "hyperv": {"relaxed": {}, "vapic": {}, "vpindex": {}}},
        "devices": {
            "rng": {},
            "disks": [
                {"name": "rootdisk", "bootOrder": 1, "disk": {"bus": "virtio"}},
                {"name": "cloudinitdisk", "disk": {"bus": "virtio"}},
            ],
            "interfaces": [{"name": "default", "model": "virtio", "macAddress": mac, "masquerade": {}}],
        },
    }


def disk(number: int, sources: int, now: datetime) -> Object:
    """The finished DataVolume of a virtual machine that is cloned, into which virt-controller has written its image.

    Each boot source gets a new image every month and keeps the last one, so most were cloned from one that is gone.
    """
    made = now - timedelta(days=Random(number).uniform(0, AGE_DAYS))
    source, generation = number % sources, (now - made).days // IMAGE_DAYS
    pointer = {"namespace": SOURCES, "name": f"{source_name(source)}-{generation * 10_000 + source:012x}"}
    return {
        "apiVersion": _CDI,
        "kind": "DataVolume",
        "metadata": {
            "name": f"vm-{number:06d}-root",
            "namespace": namespace(number),
            "creationTimestamp": _text(made),
            "ownerReferences": [{"kind": "VirtualMachine", "name": f"vm-{number:06d}", "uid": f"{number:036x}"}],
        },
        "spec": {"source": {"pvc": pointer}, "storage": {"resources": {"requests": {"storage": "30Gi"}}}},
        "status": {"phase": "Succeeded", "progress": "100.0%", "claimName": f"vm-{number:06d}-root"},
    }


def machine_status() -> Object:
    """What KubeVirt writes for a machine that runs."""
    conditions = [
        _condition("Ready", "", ""),
        _condition("LiveMigratable", "", ""),
        _condition("AgentConnected", "", ""),
        _condition("DataVolumesReady", "AllDVsReady", "All of the VMI's DVs are bound and not running"),
    ]
    return {
        "status": {
            "created": True,
            "ready": True,
            "printableStatus": "Running",
            "conditions": conditions,
            "observedGeneration": 1,
            "runStrategy": "Always",
            "volumeSnapshotStatuses": [
                {"enabled": True, "name": "rootdisk"},
                {"enabled": False, "name": "cloudinitdisk", "reason": "Snapshot is not supported for this volume type"},
            ],
        }
    }


def platform() -> Iterator[Object]:
    """What surrounds the boot sources."""
    for each in (SOURCES, *(namespace(number) for number in range(NAMESPACES))):
        yield {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": each}}
    yield {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {
            "name": STORAGE_CLASS,
            "annotations": DEFAULT_CLASS,
        },
        "provisioner": "rbd.csi.ceph.com",
        "volumeBindingMode": "Immediate",
    }
    version = "v1.64.0"
    yield {
        "apiVersion": _CDI,
        "kind": "CDI",
        "metadata": {"name": "cdi-kubevirt-hyperconverged"},
        "spec": {},
        "status": {"phase": "Deployed", "observedVersion": version, "operatorVersion": version},
    }
    claim_property = {"accessModes": ["ReadWriteMany"], "volumeMode": "Block"}
    yield {
        "apiVersion": _CDI,
        "kind": "StorageProfile",
        "metadata": {"name": STORAGE_CLASS},
        "spec": {},
        "status": {
            "storageClass": STORAGE_CLASS,
            "provisioner": "rbd.csi.ceph.com",
            "claimPropertySets": [claim_property],
            "dataImportCronSourceFormat": "pvc",
            "cloneStrategy": "csi-clone",
        },
    }


def boot_source(number: int, now: datetime) -> Iterator[Object]:
    """A cron that has imported an image, the claim that holds it, and the DataSource that names it."""
    source = source_name(number)
    cron, claim = f"{source}-cron", f"{source}-{number:012x}"
    label = {_CRON_LABEL: cron}
    polled = _text(now - timedelta(hours=1 + number % 10))
    yield {
        "apiVersion": _CDI,
        "kind": "DataImportCron",
        "metadata": {
            "name": cron,
            "namespace": SOURCES,
            "annotations": {
                "cdi.kubevirt.io/storage.import.sourceDesiredDigest": f"sha256:{number:064x}",
                "cdi.kubevirt.io/storage.import.lastCronTime": polled,
            },
        },
        "spec": {
            "schedule": f"{number % 60} {number % 12}/12 * * *",
            "managedDataSource": source,
            "garbageCollect": "Outdated",
            "importsToKeep": 3,
            "template": {
                "spec": {
                    "source": {"registry": {"url": f"docker://registry.example.com/{source}:latest"}},
                    "storage": {"resources": {"requests": {"storage": "30Gi"}}},
                }
            },
        },
        "status": {
            "currentImports": [{"DataVolumeName": claim, "Digest": f"sha256:{number:064x}"}],
            "lastImportedPVC": {"name": claim, "namespace": SOURCES},
            "lastExecutionTimestamp": polled,
            "lastImportTimestamp": polled,
            "sourceFormat": "pvc",
            "conditions": [
                _condition("Progressing", "NoImport", "No current import", status="False"),
                _condition("UpToDate", "UpToDate", "Latest import is up to date"),
            ],
        },
    }
    yield {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": claim, "namespace": SOURCES, "labels": label},
        "spec": {
            "accessModes": ["ReadWriteMany"],
            "volumeMode": "Block",
            "storageClassName": STORAGE_CLASS,
            "resources": {"requests": {"storage": "30Gi"}},
        },
        "status": {"phase": "Bound", "capacity": {"storage": "30Gi"}},
    }
    pointer = {"pvc": {"name": claim, "namespace": SOURCES}}
    yield {
        "apiVersion": _CDI,
        "kind": "DataSource",
        "metadata": {"name": source, "namespace": SOURCES, "labels": label},
        "spec": {"source": pointer},
        "status": {"source": pointer, "conditions": source_conditions(ready=True)},
    }


def boot_source_objects(number: int) -> dict[str, Object]:
    """The same by kind."""
    return {thing["kind"]: thing for thing in boot_source(number, datetime.now(UTC))}


def polled_status(at: datetime | None) -> Object:
    """What CDI writes when it has polled; None for a moment ago."""
    polled = _text(at or datetime.now(UTC))
    return {
        "metadata": {"annotations": {"cdi.kubevirt.io/storage.import.lastCronTime": polled}},
        "status": {"lastExecutionTimestamp": polled, "lastImportTimestamp": polled},
    }


def waiting_machine(name: str, source: str) -> Object:
    """A virtual machine whose disk KubeVirt has failed to make for days."""
    waiting = machine(0, 1) | {"metadata": {"name": name, "namespace": namespace(0)}}
    reference = {"kind": "DataSource", "namespace": SOURCES, "name": source}
    waiting["spec"]["dataVolumeTemplates"][0]["spec"] = {"sourceRef": reference}
    failure = _condition("Failure", "FailedCreate", "the disk cannot be made")
    return waiting | {"status": {"created": False, "printableStatus": "Provisioning", "conditions": [failure]}}


def source_conditions(*, ready: bool) -> list[Object]:
    """What CDI writes on a DataSource."""
    if ready:
        return [_condition("Ready", "Ready", "DataSource is ready to be consumed")]
    return [_condition("Ready", "NotFound", "PVC not found", status="False")]


def unrelated_crd() -> Object:
    """A CRD that has nothing to do with virtual machines."""
    versions = [
        {
            "name": "v1",
            "served": True,
            "storage": True,
            "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}},
        }
    ]
    names = {"kind": "Comet", "listKind": "CometList", "plural": "comets", "singular": "comet"}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "comets.unrelated.example.com"},
        "spec": {"group": "unrelated.example.com", "names": names, "scope": "Namespaced", "versions": versions},
    }


def _condition(kind: str, reason: str, message: str, *, status: str = "True") -> Object:
    instant = _text(datetime(2025, 1, 6, 8, 0, tzinfo=UTC))
    return {"type": kind, "status": status, "reason": reason, "message": message, "lastTransitionTime": instant}


def _text(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")
