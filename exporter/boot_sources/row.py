"""One row per boot source: what the table of `list`, the page and the API show of it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from exporter.boot_sources import document as doc
from exporter.boot_sources.grouping import SourceGroup
from exporter.boot_sources.known_view import KnownView
from exporter.boot_sources.operating_system import system_name
from exporter.boot_sources.state import StateInputs, describe_state, state_of
from exporter.boot_sources.updates import Updates
from exporter.cluster.resources import DATA_IMPORT_CRONS, DATA_SOURCES
from exporter.cluster.snapshot import UndecodableError
from exporter.joins.data_sources import data_source_kind
from exporter.joins.entries import Origin, listed_entries
from exporter.model.cdi import DEFAULT_PREFERENCE, DataSource, owned_by_ssp
from exporter.model.wire import ABSENT
from exporter.report import SEVERITIES, Finding, Severity

_FORMATS: Final = {"PersistentVolumeClaim": "pvc", "VolumeSnapshot": "snapshot"}


@dataclass(frozen=True, slots=True)
class RowParts:
    """What a row is made of."""

    group: SourceGroup
    image: doc.Image | None
    image_missing: bool
    """What the DataSource stands for is known not to exist."""
    updates: Updates | None
    target_class: str | None
    """The StorageClass that CDI imports to; None if that is not known."""
    consumers: doc.Consumers
    findings: Sequence[Finding]
    """Those about any object of the boot source."""


def build_row(parts: RowParts, known: KnownView, now: datetime) -> doc.Row:
    """The row as of `now`."""
    group, updates, image = parts.group, parts.updates, parts.image
    problem = worst_problem(parts.findings)
    inputs = StateInputs(
        usable=_is_usable(parts, known),
        entry=group.entry,
        source=group.source,
        updates=updates,
        crons_known=known.table(DATA_IMPORT_CRONS) is not None,
        image_missing=parts.image_missing,
        has_problem=problem is not None and problem.severity is not Severity.INFO,
        now=now,
    )
    state = state_of(inputs)
    return doc.Row(
        namespace=group.key.namespace,
        name=group.key.name,
        data_import_cron=group.cron.metadata.name if group.cron else None,
        os=_system_of(group),
        origin=_origin_of(group, known),
        state=state,
        status=describe_state(state, inputs),
        usable=inputs.usable,
        newest=updates.newest if updates else None,
        imported=image.created if image else None,
        last_polled=updates.last_polled if updates else None,
        next_poll=updates.next_poll if updates else None,
        storage_class=image.storage_class if image else parts.target_class,
        format=_format_of(parts),
        templates=_template_count(parts.consumers),
        virtual_machines=parts.consumers.virtual_machines,
        problem=problem,
    )


def _is_usable(parts: RowParts, known: KnownView) -> bool | None:
    """CDI says Ready, and neither the image nor a finding says otherwise; None if that is not known."""
    source, table = parts.group.source, known.table(DATA_SOURCES)
    if table is None:
        return None
    if source is None:
        return False if _lacks(known, parts.group) else None
    ready = source.ready
    if ready is ABSENT or not (ready.true or ready.false):
        return None
    image_lost = any(f.severity is Severity.CRITICAL and f.object.kind in _OF_IMAGE for f in parts.findings)
    return ready.true and not (parts.image_missing or image_lost)


_OF_IMAGE: Final = frozenset({DATA_SOURCES.kind, *_FORMATS})
"""The kinds of object of which a critical finding means that no virtual machine can be made."""


def _lacks(known: KnownView, group: SourceGroup) -> bool:
    table = known.table(DATA_SOURCES)
    try:
        return table is not None and table.lacks(group.key)
    except UndecodableError:
        return False


def _system_of(group: SourceGroup) -> str:
    """By the preference that suits the image; else by the name, where SSP or HyperConverged has given it."""
    source = group.source
    preference = source.metadata.labels.get(DEFAULT_PREFERENCE, "") if source else ""
    if preference:
        return system_name(preference) or preference
    common = group.entry is not None and group.entry.origin is not Origin.CUSTOM
    return system_name(group.key.name) if common or (source and owned_by_ssp(source.metadata)) else ""


def _origin_of(group: SourceGroup, known: KnownView) -> doc.RowOrigin | None:
    if group.entry is not None:
        return doc.RowOrigin(group.entry.origin)
    if group.cron is None and group.source is not None:
        return _origin_of_source(group.source)
    if known.join(listed_entries) is None or group.cron is None:
        return None
    return doc.RowOrigin.SSP if owned_by_ssp(group.cron.metadata) else doc.RowOrigin.STANDALONE


def _origin_of_source(source: DataSource) -> doc.RowOrigin:
    if data_source_kind(source) == "pointer":
        return doc.RowOrigin.POINTER
    return doc.RowOrigin.PLACEHOLDER if source.placeholder else doc.RowOrigin.MANUAL


def _format_of(parts: RowParts) -> str | None:
    """That of the image; before there is one, that in which CDI says it will keep it."""
    if parts.image is not None:
        return _FORMATS[parts.image.kind]
    cron, source = parts.group.cron, parts.group.source
    kind = data_source_kind(source) if source is not None else "none"
    if kind in _FORMATS.values() and not (source and source.placeholder):
        return kind
    return (cron.status.source_format or None) if cron is not None else None


def _template_count(consumers: doc.Consumers) -> int | None:
    if consumers.templates is None or consumers.virtual_machine_templates is None:
        return None
    return len(consumers.templates) + len(consumers.virtual_machine_templates)


def worst_problem(findings: Sequence[Finding]) -> doc.Problem | None:
    """The worst finding that is not suppressed; of equally bad ones a root cause, then the first."""
    visible = [f for f in findings if f.suppressed is None]
    if not visible:
        return None
    worst = max(visible, key=lambda f: (SEVERITIES.index(f.severity), f.root))
    return doc.Problem(fingerprint=worst.fingerprint, check=worst.check, severity=worst.severity, summary=worst.summary)
