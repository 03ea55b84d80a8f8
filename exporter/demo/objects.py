"""What all objects of the sample cluster are made with."""

from __future__ import annotations

import hashlib
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
CDI: Final = "cdi.kubevirt.io/v1beta1"
SSP_OWNED: Final = {
    "operator-sdk/primary-resource": f"{OPERATORS}/ssp-kubevirt-hyperconverged",
    "operator-sdk/primary-resource-type": "SSP.ssp.kubevirt.io",
}
"""Annotations of what SSP makes."""


def rfc3339(instant: datetime) -> str:
    """As Kubernetes writes it."""
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


def digest_of(text: str) -> str:
    """A digest that stays the same from run to run."""
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def build_manifest(api: str, kind: str, name: str, namespace: str = "", **body: Any) -> Object:  # noqa: ANN401
    """An object; `meta` is laid into its metadata."""
    meta = {"name": name, "uid": digest_of(kind + namespace + name)[7:43], **body.pop("meta", {})}
    return {
        "apiVersion": api,
        "kind": kind,
        "metadata": {**meta, **({"namespace": namespace} if namespace else {})},
        **body,
    }


def build_condition(type_: str, status: str, reason: str, message: str, at: datetime) -> Object:
    """One condition."""
    return {"type": type_, "status": status, "reason": reason, "message": message, "lastTransitionTime": rfc3339(at)}


def old_metadata(now: datetime, days: float = 60) -> Object:
    """Metadata of something that has been there for a while."""
    return {"creationTimestamp": rfc3339(now - timedelta(days=days))}
