"""In which fields two copies of a DataImportCron's spec differ. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from exporter.model.cdi import DataImportCronSpec, ImportSource
from exporter.model.core import ClaimSpec
from exporter.model.quantity import bytes_of


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that two copies of a spec disagree on, as text; "" where it is not set."""

    path: str
    expected: str
    observed: str


def differences(
    expected: DataImportCronSpec, observed: DataImportCronSpec, *, only_set: bool = False
) -> list[Difference]:
    """The fields in which a copy differs. `only_set`: what the original leaves out may have been filled in."""
    want, have = _fields(expected), _fields(observed)
    return [
        Difference(path, want[path], have[path])
        for path in want
        if not _is_same(path, want[path], have[path]) and (want[path] or not only_set)
    ]


def _fields(spec: DataImportCronSpec) -> dict[str, str]:
    volume = spec.template.spec
    source = volume.source or ImportSource()
    registry, claim = source.registry, source.pvc
    return {
        "schedule": spec.schedule,
        "managedDataSource": spec.managed_data_source,
        "garbageCollect": spec.garbage_collect,
        "importsToKeep": "" if spec.imports_to_keep is None else str(spec.imports_to_keep),
        "retentionPolicy": spec.retention_policy,
        "template.spec.source": "" if registry or claim else ", ".join(source.kinds),
        "template.spec.source.registry.url": registry.url if registry else "",
        "template.spec.source.registry.imageStream": registry.image_stream if registry else "",
        "template.spec.source.registry.pullMethod": registry.pull_method if registry else "",
        "template.spec.source.registry.secretRef": registry.secret_ref if registry else "",
        "template.spec.source.registry.certConfigMap": registry.cert_config_map if registry else "",
        "template.spec.source.registry.platform.architecture": (
            registry.platform.architecture if registry and registry.platform else ""
        ),
        "template.spec.source.pvc": f"{claim.namespace}/{claim.name}" if claim else "",
        **_claim("template.spec.storage", volume.storage),
        **_claim("template.spec.pvc", volume.pvc),
        "template.spec.contentType": volume.content_type,
        "template.spec.priorityClassName": volume.priority_class_name,
        "template.spec.preallocation": "" if volume.preallocation is None else str(volume.preallocation).lower(),
        "template.metadata.labels": _marks(spec.template.metadata.labels),
        "template.metadata.annotations": _marks(spec.template.metadata.annotations),
        "serviceAccountName": spec.service_account_name,
    }


def _marks(marks: Mapping[str, str]) -> str:
    return ", ".join(f"{key}={value}" for key, value in sorted(marks.items()))


def _claim(path: str, claim: ClaimSpec | None) -> dict[str, str]:
    claim = claim or ClaimSpec()
    requests = claim.resources.requests if claim.resources else None
    return {
        f"{path}.storageClassName": '""' if claim.storage_class_name == "" else claim.storage_class_name or "",
        f"{path}.volumeMode": claim.volume_mode,
        f"{path}.accessModes": ", ".join(claim.access_modes),
        f"{path}.resources.requests.storage": requests.storage if requests else "",
    }


def _is_same(path: str, one: str, other: str) -> bool:
    """Go writes quantities in its own way: 1024Mi comes back as 1Gi."""
    if path.endswith("requests.storage") and one and other:
        size, other_size = bytes_of(one), bytes_of(other)
        return one == other if size is None or other_size is None else size == other_size
    return one == other
