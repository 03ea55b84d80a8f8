"""Operators that are not well."""

from __future__ import annotations

from tests.worlds import Manifest, condition

REFUSED = (
    "Error: failed to reconcile *v1beta1.DataImportCron object openshift-virtualization-os-images/corp-image-cron: "
    'failed creating object: admission webhook "dataimportcron-validate.cdi.kubevirt.io" denied the request: '
)
NO_NAMESPACE = (
    "Error: failed to reconcile *v1beta1.DataImportCron object golden/fedora-image-cron: failed creating object: "
    'namespaces "golden" not found'
)


def status_with(*conditions: Manifest) -> Manifest:
    """A status with just these conditions."""
    return {"status": {"conditions": list(conditions)}}


def degraded_status(message: str, reason: str = "Degraded", **span: float) -> Manifest:
    """The status of an operator that is degraded."""
    return status_with(condition("Degraded", "True", reason, message, **span))
