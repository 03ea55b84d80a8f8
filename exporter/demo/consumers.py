"""Templates and virtual machines of the sample cluster."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from exporter.demo.api import Object
from exporter.demo.objects import IMAGES, build_condition, build_manifest, digest_of, old_metadata


def consumer_objects(now: datetime) -> Iterator[Object]:
    """Healthy ones, and two that name a DataSource which does not exist."""
    for name in ("centos-stream9", "fedora", "rhel8", "rhel9", "win11"):
        for size in ("small", "medium"):
            yield _template(f"{name}-server-{size}", name, "openshift", "base", now)
    yield _template("corp-debian12-small", "corp-debian12", "team-a", "vm", now)
    yield _template("office-desktop", "corp-ubuntu22", "team-a", "vm", now)
    yield _template("corp-centos7-small", "corp-centos7", "team-a", "vm", now)
    yield _template("win2k19-server-medium", "win2k19", "openshift", "base", now)
    for number, days in enumerate((2, 50, 120, 120, 300), 1):
        # fedora's image is three weeks old: the older ones are gone, and only the disks tell of them.
        image = f"fedora-{digest_of('fedora' if days < 21 else f'fedora/{days}')[7:19]}"
        yield from _machine(f"web-{number}", "fedora", now, image=image, days=days)
    for number in (1, 2):
        image = f"corp-centos7-{digest_of('corp-centos7')[7:19]}"
        yield from _machine(f"ledger-{number}", "corp-centos7", now, image=image, days=400)
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
    meta = {**old_metadata(now), "labels": {"template.kubevirt.io/type": type_}}
    return build_manifest(
        "template.openshift.io/v1", "Template", name, namespace, meta=meta, objects=[machine], parameters=parameters
    )


def _machine(
    name: str, source: str, now: datetime, *, made: bool = True, image: str = "", days: int = 1
) -> Iterator[Object]:
    """A virtual machine of this age, with its disk if it is made; virt-controller writes its image into that."""
    ref = {"kind": "DataSource", "name": source, "namespace": IMAGES}
    volumes = [{"metadata": {"name": f"{name}-root"}, "spec": {"sourceRef": ref}}]
    why = (
        "Error encountered while creating DataVolumes: unable to create DataVolume manifest: "
        f'datasources.cdi.kubevirt.io "{source}" not found'
    )
    failed = [build_condition("Failure", "True", "FailedCreate", why, now - timedelta(hours=4))]
    status = {"created": made, "ready": made, "conditions": [] if made else failed}
    spec = {"dataVolumeTemplates": volumes}
    yield build_manifest(
        "kubevirt.io/v1", "VirtualMachine", name, "shop", meta=old_metadata(now, days), spec=spec, status=status
    )
    if made:
        point = {"snapshot": {"namespace": IMAGES, "name": image}}
        body = {"spec": {"source": point}, "status": {"phase": "Succeeded"}}
        yield build_manifest(
            "cdi.kubevirt.io/v1beta1", "DataVolume", f"{name}-root", "shop", meta=old_metadata(now, days), **body
        )
