"""The boot sources of the sample clusters, as HCO, SSP and CDI list them."""

from __future__ import annotations

from typing import Any

from tests.clusters.shapes import Shape
from tests.worlds import Manifest, merge


def entry(shape: Shape, name: str, registry: Manifest, *, schedule: str = "41 11/12 * * *", **meta: Any) -> Manifest:
    """One boot source as HCO, SSP and CDI hold it."""
    spec = {
        "schedule": schedule,
        "managedDataSource": name,
        "garbageCollect": "Outdated",
        "importsToKeep": shape.keep,
        "retentionPolicy": shape.retention,
        "template": {
            "spec": {"source": {"registry": registry}, "storage": {"resources": {"requests": {"storage": "30Gi"}}}}
        },
    }
    notes = {"cdi.kubevirt.io/storage.bind.immediate.requested": "true", **meta.pop("annotations", {})}
    return {"metadata": {"name": f"{name}-image-cron", "annotations": notes, **meta}, "spec": spec}


def corp(shape: Shape, name: str = "corp-debian12", **changes: Any) -> Manifest:
    """A boot source of the administrator's own, pulled in a pod and so polled by a CronJob."""
    url = f"docker://registry.corp.example/os/{name.removeprefix('corp-')}:latest"
    arch = {"ssp.kubevirt.io/dict.architectures": "amd64"} if shape.multi_arch else {}
    return merge(entry(shape, name, {"url": url}, schedule="20 3/6 * * *", annotations=arch), changes)


def common(shape: Shape) -> list[Manifest]:
    """What HCO brings along."""
    node = {"pullMethod": "node"} if shape.openshift else {}
    both = {"ssp.kubevirt.io/dict.architectures": "amd64,arm64"} if shape.multi_arch else {}
    found = [
        entry(
            shape,
            "centos-stream10",
            {"url": "docker://quay.io/containerdisks/centos-stream:10", **node},
            annotations=both,
        ),
        entry(shape, "fedora", {"url": "docker://quay.io/containerdisks/fedora:latest", **node}, annotations=both),
    ]
    if shape.openshift:
        found.append(entry(shape, "rhel9", {"imageStream": "rhel9-guest", "pullMethod": "node"}, annotations=both))
    return found
