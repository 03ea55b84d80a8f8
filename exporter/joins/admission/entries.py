"""The manifests of the DataImportCrons that SSP makes of an entry."""

from __future__ import annotations

from collections.abc import Iterable

from exporter.joins.admission.verdict import FieldChange, apply_changes
from exporter.joins.ssp_crons import ExpectedCron
from exporter.model.raw import Raw


def cron_manifests(expected: Iterable[ExpectedCron]) -> list[Raw]:
    """What SSP will ask the API server to create: the entry as it is written, with what HCO and SSP fill in."""
    return [_manifest(item) for item in expected]


def _manifest(item: ExpectedCron) -> Raw:
    entry, changes = item.entry, [FieldChange(("metadata", "name"), item.key.name)]
    if isinstance(entry.written.get("spec"), dict) and entry.spec is not None:
        if item.managed != entry.spec.managed_data_source:
            changes.append(FieldChange(("spec", "managedDataSource"), item.managed))
        if entry.spec.schedule:  # inherited from HCO where the entry leaves it empty
            changes.append(FieldChange(("spec", "schedule"), entry.spec.schedule))
        registry = entry.spec.template.spec.source.registry if entry.spec.template.spec.source else None
        if item.architecture and registry is not None:
            path = ("spec", "template", "spec", "source", "registry", "platform", "architecture")
            changes.append(FieldChange(path, item.architecture))
    return apply_changes(entry.written, changes)
