"""What each hop should hold, computed from the hop before it: HCO spec -> HCO status -> SSP -> DataImportCrons.

Sources of the rules: HCO controllers/handlers/golden-images, SSP internal/operands/data-sources. Pure functions on
entries; the joints at the end apply them to a cluster. Drift is the difference between what a function here gives and
what the cluster holds; what a fix will lead to is what the functions give for the object that it has changed.
"""

from __future__ import annotations

from dataclasses import replace

from exporter.joins.entries import (
    ListedEntry,
    Origin,
    entries_of,
    is_deployed,
)
from exporter.model.cdi import BIND_IMMEDIATE, DataImportCronSpec
from exporter.model.hco import ARCHITECTURES, BootSourceEntry, EntryStatus, HyperConverged, StatusEntry
from exporter.model.wire import Condition

# -- hop 1: HCO's spec -> HCO's status ----------------------------------------------------------------------


def expected_status_entries(hco: HyperConverged) -> tuple[StatusEntry, ...]:
    """What HCO's status should list, by name: the common entries if the gate is open, and the enabled entries of spec.

    The common ones are compiled into HCO, so only those are known that its status lists already.
    """
    return tuple(found for item in entries_of(hco) if (found := _expected_status_entry(hco, item)) is not None)


def _expected_status_entry(hco: HyperConverged, item: ListedEntry) -> StatusEntry | None:
    entry, status = item.entry, item.status
    common = item.origin is not Origin.CUSTOM
    if (entry is not None and not entry.enabled) or (common and not hco.gate.on):
        return None
    if entry is None:
        return None if status is None or not common else _supported_architectures(hco, status)
    said = EntryStatus(common_template=common, modified=common)
    below = status.metadata.annotations if status and common else {}
    meta = replace(entry.metadata, annotations={**below, **entry.metadata.annotations})
    taken = StatusEntry(metadata=meta, spec=_effective_spec(hco, item), status=said, written=entry.written)
    return _supported_architectures(hco, replace(taken, unreadable=entry.unreadable))


def _effective_spec(hco: HyperConverged, item: ListedEntry) -> DataImportCronSpec | None:
    """The administrator's spec replaces the common one as a whole; only an empty schedule is inherited."""
    spec = item.entry.spec if item.entry else None
    if spec is None or spec.schedule or item.origin is Origin.CUSTOM:
        return spec
    return replace(spec, schedule=hco.status.data_import_schedule)


def _supported_architectures(hco: HyperConverged, entry: StatusEntry) -> StatusEntry:
    """With multi-arch on: only the architectures that the cluster has. HCO does not trim what it splits."""
    wanted = entry.status.original_supported_architectures or entry.metadata.annotations.get(ARCHITECTURES, "")
    info = hco.status.node_info
    if not hco.multi_arch or info is None or not wanted:
        return entry
    left = ",".join(a for a in wanted.split(",") if a in info.workloads_architectures)
    meta = replace(entry.metadata, annotations={**entry.metadata.annotations, ARCHITECTURES: left})
    refused = () if left else (Condition(type="Deployed", status="False", reason="UnsupportedArchitectures"),)
    said = replace(entry.status, original_supported_architectures=wanted, conditions=refused)
    return replace(entry, metadata=meta, status=said)


def reconcile(hco: HyperConverged) -> HyperConverged:
    """The HyperConverged as HCO leaves it after it has reconciled the spec."""
    done = replace(
        hco.status, observed_generation=hco.metadata.generation, data_import_cron_templates=expected_status_entries(hco)
    )
    return replace(hco, status=done)


# -- hop 2: HCO's status -> SSP's spec ----------------------------------------------------------------------


def expected_ssp_entries(hco: HyperConverged) -> tuple[BootSourceEntry, ...]:
    """What SSP's spec should list: HCO's status without what it keeps back, each to be bound immediately."""
    return tuple(_expected_ssp_entry(hco, e) for e in hco.status.data_import_cron_templates if is_deployed(e))


def _expected_ssp_entry(hco: HyperConverged, entry: StatusEntry) -> BootSourceEntry:
    annotations = {BIND_IMMEDIATE: "true", **entry.metadata.annotations}
    if not hco.multi_arch:
        annotations.pop(ARCHITECTURES, None)
    meta = replace(entry.metadata, annotations=annotations)
    return BootSourceEntry(metadata=meta, spec=entry.spec, written=entry.written, unreadable=entry.unreadable)
