"""Templates and machines refer to what is not there."""

from __future__ import annotations

from tests.clusters.broken.changes import ask, bind, broken, missing, waiting
from tests.clusters.entries import corp
from tests.clusters.healthy import machine
from tests.clusters.importing import claim
from tests.clusters.sample import CDI_API, Sample
from tests.worlds import Manifest, a_template, ago, manifest


def own_template(name: str, source: str, namespace: str) -> Manifest:
    """A template of a team."""
    meta = {"namespace": "team-a", "labels": {"template.kubevirt.io/type": "vm"}}
    return a_template(name, source=source, namespace=namespace, metadata=meta)


@broken()
def template_source_missing(s: Sample) -> None:
    """A template has outlived its boot source."""
    s.put(own_template("office-desktop", "corp-alma8", s.shape.images))


@broken("4.23")
def machine_template_source_missing(s: Sample) -> None:
    """So has a VirtualMachineTemplate."""
    ref = {"kind": "DataSource", "name": "${SOURCE}", "namespace": s.shape.images}
    volume = {"metadata": {"name": "${NAME}"}, "spec": {"sourceRef": ref}}
    body = {
        "parameters": [{"name": "NAME"}, {"name": "SOURCE", "value": "corp-alma8"}],
        "virtualMachine": {"spec": {"dataVolumeTemplates": [volume]}},
    }
    s.put(manifest("template.kubevirt.io/v1beta1", "VirtualMachineTemplate", "office", "team-a", spec=body))


@broken()
def machine_source_missing(s: Sample) -> None:
    """A machine looks for a DataSource in its own namespace; it is in the golden one."""
    s.put(*waiting(s, "web-8", "fedora", namespace="", said=missing("fedora")))


@broken("4.22-volumes")
def machine_source_not_ready(s: Sample) -> None:
    """The DataVolume of a machine waits for an image that has been replaced since."""
    s.put(*waiting(s, "web-9", "fedora"))


@broken()
def machine_on_a_placeholder(s: Sample) -> None:
    """A machine was made from a Windows for which nobody has provided an image."""
    s.put(*waiting(s, "web-9", "win11"))


@broken("4.22-volumes")
def clone_unfinished(s: Sample) -> None:
    """A machine mounts the golden image itself, so that two others wait for their clones of it."""
    image = next(o for o in s.all("PersistentVolumeClaim") if o["metadata"]["namespace"] == s.shape.images)
    name = image["metadata"]["name"]
    mount = {"name": "root", "persistentVolumeClaim": {"claimName": name}}
    holder = {"template": {"spec": {"volumes": [mount]}}}
    running = {"created": True, "printableStatus": "Running"}
    s.put(manifest("kubevirt.io/v1", "VirtualMachine", "maintenance", s.shape.images, spec=holder, status=running))
    for waiter in ("web-8", "web-9"):
        s.put(
            manifest(
                CDI_API,
                "DataVolume",
                f"{waiter}-root",
                "shop",
                metadata={
                    "creationTimestamp": ago(hours=7),
                    "ownerReferences": [
                        {
                            "apiVersion": "kubevirt.io/v1",
                            "kind": "VirtualMachine",
                            "name": waiter,
                            "uid": f"uid-of-{waiter}",
                        }
                    ],
                },
                spec={"source": {"pvc": {"name": name, "namespace": s.shape.images}}, "storage": {}},
                status={"phase": "CSICloneInProgress"},
            )
        )


@broken()
def data_volume_on_a_placeholder(s: Sample) -> None:
    """A DataVolume of its own, as repositories have them, waits for a Windows that has no image; a machine "
    "mounts it."""
    ref = {"kind": "DataSource", "name": "win11", "namespace": s.shape.images}
    made = {"creationTimestamp": ago(hours=5)}
    told = {"phase": "Pending"}
    s.put(manifest(CDI_API, "DataVolume", "web-3-disk", "shop", metadata=made, spec={"sourceRef": ref}, status=told))
    volumes = [{"name": "root", "dataVolume": {"name": "web-3-disk"}}]
    waits = {"printableStatus": "Provisioning"}
    spec = {"template": {"spec": {"volumes": volumes}}}
    s.put(manifest("kubevirt.io/v1", "VirtualMachine", "web-3", "shop", metadata=made, spec=spec, status=waits))


@broken("4.23")
def template_of_an_image_that_is_gone(s: Sample) -> None:
    """A VirtualMachineTemplate that was made from a machine clones the image of that time by its name."""
    source = {"pvc": {"name": "fedora-ffffffffffff", "namespace": s.shape.images}}
    volume = {"metadata": {"name": "${NAME}"}, "spec": {"source": source}}
    body = {"parameters": [{"name": "NAME"}], "virtualMachine": {"spec": {"dataVolumeTemplates": [volume]}}}
    s.put(manifest("template.kubevirt.io/v1beta1", "VirtualMachineTemplate", "office", "team-a", spec=body))


@broken()
def machine_clone_unauthorized(s: Sample) -> None:
    """A machine may not clone from a namespace of somebody's own."""
    s.put(manifest("v1", "Namespace", "golden", status={"phase": "Active"}))
    ask(s, corp(s.shape, "corp-alma9", metadata={"namespace": "golden"}))
    s.put(
        manifest(
            "cdi.kubevirt.io/v1beta1",
            "DataSource",
            "office",
            "golden",
            metadata={"labels": {"instancetype.kubevirt.io/default-preference": "linux"}},
            spec={"source": {"pvc": {"name": "office", "namespace": "golden"}}},
            status={"conditions": [{"type": "Ready", "status": "True", "reason": "Ready"}]},
        ),
        claim("office", "golden"),
    )
    said = "not authorized to create DataVolume: insufficient permissions in clone source namespace golden"
    s.put(*waiting(s, "web-9", "office", namespace="golden", said=said))


@broken()
def cloning_by_view_role(s: Sample) -> None:
    """Two teams may clone only by a role that CDI 1.66 takes the permission from; another has a second role."""
    s.put(manifest("v1", "Namespace", "golden", status={"phase": "Active"}))
    ask(s, corp(s.shape, "corp-alma9", metadata={"namespace": "golden"}))
    s.put(
        bind("shops", "golden", "cdi.kubevirt.io:view", "shop", "market", "bank"),
        bind("banks", "golden", "cdi.kubevirt.io:clone-sourcer", "bank"),
        bind("readers", "golden", "view", "robots"),
    )


@broken()
def custom_source_unused(s: Sample) -> None:
    """A healthy boot source that nobody uses."""
    ask(s, corp(s.shape, "corp-alma9"))


@broken("4.23")
def deprecated_template(s: Sample) -> None:
    """A template of a retired operating system is left, without its DataSource."""
    mark = {"template.kubevirt.io/deprecated": "true"}
    s.put(a_template("centos7-server-small", source="centos7", metadata={"labels": mark, "annotations": mark}))
    s.get("Template", "centos7-server-small")["metadata"]["labels"]["template.kubevirt.io/type"] = "vm"


@broken("4.20")
def history_of_a_machine(s: Sample) -> None:
    """No problem at all: a machine that has its disk, made from a DataSource that is gone."""
    s.put(*machine("old-1", "corp-alma8", s.shape.images))
