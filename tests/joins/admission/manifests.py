"""The manifest that the recordings start from, and how it is changed."""

from __future__ import annotations

from typing import Any

from exporter.joins.admission import REMOVE, FieldChange, apply_changes
from tests.worlds import Manifest

VALID: Manifest = {
    "metadata": {"name": "probe-cron"},
    "spec": {
        "schedule": "0 */12 * * *",
        "managedDataSource": "probe",
        "garbageCollect": "Outdated",
        "template": {
            "spec": {
                "source": {"registry": {"url": "docker://quay.io/containerdisks/fedora:latest"}},
                "storage": {"resources": {"requests": {"storage": "30Gi"}}},
            }
        },
    },
}
VOLUME = ("spec", "template", "spec")
SOURCE = (*VOLUME, "source")
REGISTRY = (*SOURCE, "registry")
SIZE = ("resources", "requests", "storage")
PVC = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "30Gi"}}}


def having(*changes: tuple[tuple[str, ...], Any]) -> Any:
    """The valid manifest with these fields set, or removed."""
    return apply_changes(VALID, [FieldChange(path, value) for path, value in changes])


def spec(**fields: Any) -> Any:
    """The same for fields of the spec."""
    return having(*(((("spec", name)), value) for name, value in fields.items()))


def volume(**fields: Any) -> Any:
    """The same for fields of the DataVolume's spec."""
    return having(*(((*VOLUME, name), value) for name, value in fields.items()))


def registry(**fields: Any) -> Any:
    """The same for the registry; None removes a field."""
    return having(*(((*REGISTRY, name), REMOVE if value is None else value) for name, value in fields.items()))


def size(value: Any) -> Any:
    """The same with another size."""
    return having(((*VOLUME, "storage", *SIZE), value))


def name(value: str) -> Any:
    """The same by another name."""
    return having((("metadata", "name"), value))


def instead(**storage: Any) -> Any:
    """The same with `pvc` in the place of `storage`."""
    return volume(storage=REMOVE, pvc={**PVC, **storage})
