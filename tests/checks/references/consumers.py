"""Templates and machines that name DataSources in every way."""

from __future__ import annotations

from typing import Any

from tests.worlds import (
    IMAGES,
    Manifest,
    a_data_volume,
    a_machine,
    a_template,
    ago,
    condition,
    manifest,
    merge,
)


def source_ref(name: str = "fedora", namespace: str = "", kind: str = "DataSource") -> Manifest:
    """A sourceRef; no namespace means none."""
    return {"kind": kind, "name": name, **({"namespace": namespace} if namespace else {})}


def a_users_template(name: str = "office", **options: Any) -> Manifest:
    """A template of a team's own."""
    return merge(a_template(name, **options), {"metadata": {"namespace": "team-a", "labels": None}})


def a_template_on(*refs: Manifest, name: str = "office") -> Manifest:
    """A template of a team's own with these sourceRefs, as they are."""
    made = a_users_template(name)
    volumes = [{"metadata": {"name": f"disk-{i}"}, "spec": {"sourceRef": ref}} for i, ref in enumerate(refs)]
    machine = {**made["objects"][0], "spec": {"dataVolumeTemplates": volumes}}
    return {**made, "objects": [machine]}


SUPPRESSION = "*; reason=known; owner=team-a"
"""A value of the annotation that suppresses every check."""


def image(name: str, namespace: str = IMAGES) -> Manifest:
    """The spec of a volume that is cloned from a claim."""
    return {"source": {"pvc": {"name": name, "namespace": namespace}}}


def a_template_that_clones(name: str, namespace: str = IMAGES) -> Manifest:
    """A VirtualMachineTemplate of namespace shop that was made from a machine: it clones a claim by its name."""
    volumes = [{"metadata": {"name": "disk"}, "spec": image(name, namespace)}]
    machine = {"metadata": {"name": "${NAME}"}, "spec": {"dataVolumeTemplates": volumes}}
    spec = {"parameters": [{"name": "NAME"}], "virtualMachine": machine}
    return manifest("template.kubevirt.io/v1beta1", "VirtualMachineTemplate", "cloned", "shop", spec=spec)


def a_machine_template(*refs: Manifest, name: str = "small") -> Manifest:
    """A VirtualMachineTemplate of namespace shop with these sourceRefs."""
    volumes = [{"metadata": {"name": f"disk-{i}"}, "spec": {"sourceRef": ref}} for i, ref in enumerate(refs)]
    machine = {"metadata": {"name": "${NAME}"}, "spec": {"dataVolumeTemplates": volumes}}
    spec = {"parameters": [{"name": "DS", "value": "fedora"}], "virtualMachine": machine}
    return manifest("template.kubevirt.io/v1beta1", "VirtualMachineTemplate", name, "shop", spec=spec)


def not_found(name: str = "fedora") -> str:
    """What virt-controller says when a DataSource is missing."""
    what = f'unable to create DataVolume manifest: datasources.cdi.kubevirt.io "{name}" not found'
    return f"Error encountered while creating DataVolumes: {what}"


def machine_status(**status: Any) -> Manifest:
    """The status of a machine that KubeVirt has looked at."""
    return {"status": {"printableStatus": "Stopped", **status}}


DEFERRED: Manifest = {"metadata": {"annotations": {"kubevirt.io/immediate-data-volume-creation": "false"}}}


def a_waiting_volume(machine: str = "web-1", *, phase: str = "", reason: str = "CloneWithoutSource") -> Manifest:
    """A machine's DataVolume that waits for its source."""
    bound = condition("Bound", "False", reason, "The source pvc win11 doesn't exist", hours=4)
    return a_data_volume(
        f"{machine}-root",
        cron="",
        phase=phase,
        metadata={"namespace": "shop", "creationTimestamp": ago(hours=4)},
        status={"conditions": [bound] if reason else []},
    )


def a_finished_volume(machine: str = "web-1") -> Manifest:
    """A machine's DataVolume that is done."""
    return a_data_volume(f"{machine}-root", cron="", metadata={"namespace": "shop"})


def a_clone(
    name: str = "web-1-root",
    source: Manifest | None = None,
    *,
    phase: str = "CSICloneInProgress",
    hours: float = 7,
    message: str = "PVC Pending",
    **changes: Any,
) -> Manifest:
    """A DataVolume of namespace shop that is a clone of the image of DataSource fedora, as virt-controller makes it."""
    made = manifest(
        "cdi.kubevirt.io/v1beta1",
        "DataVolume",
        name,
        "shop",
        metadata={"creationTimestamp": ago(hours=hours)},
        spec={
            **(source or {"source": {"pvc": {"name": "fedora-0123456789ab", "namespace": IMAGES}}}),
            "storage": {"storageClassName": "fast", "resources": {"requests": {"storage": "30Gi"}}},
        },
        status={"phase": phase, "conditions": [condition("Bound", "False", "Pending", message, hours=hours)]},
    )
    return merge(made, changes)


def owned_by(machine: str) -> Manifest:
    """The metadata of a DataVolume that virt-controller made for a machine."""
    owner = {"apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine", "name": machine, "uid": f"uid-{machine}"}
    return {"metadata": {"ownerReferences": [owner]}}


def a_mounting_machine(name: str = "web-3", *, volume: Manifest, namespace: str = "shop", **status: Any) -> Manifest:
    """A machine without volume templates that mounts one volume."""
    return manifest(
        "kubevirt.io/v1",
        "VirtualMachine",
        name,
        namespace,
        spec={"template": {"spec": {"volumes": [{"name": "root", **volume}, {"name": "ci", "cloudInitNoCloud": {}}]}}},
        status={"printableStatus": "Provisioning", **status},
    )


def a_waiting_machine(name: str = "web-1", **options: Any) -> list[Manifest]:
    """A machine and its DataVolume, which waits."""
    return [a_machine(name, **{**machine_status(printableStatus="Provisioning"), **options}), a_waiting_volume(name)]
