"""What CDI's validating webhook for DataImportCrons refuses.

Sources: CDI's pkg/apiserver/webhooks of 1.61 and 1.66, and server-side dry runs against both. The webhook stops at the
first mistake; here all are listed, in its order, so that one edit can correct them all.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from exporter.joins.admission.field_values import object_at, quote, text_at, value_at
from exporter.joins.admission.names import LONGEST_LABEL, too_long
from exporter.joins.admission.sources import source_refusals
from exporter.joins.admission.verdict import REMOVE, AdmissionRule, FieldChange, Path, Refusal, cdi_refusal
from exporter.joins.admission.version import CdiVersion
from exporter.joins.admission.volumes import volume_refusals
from exporter.model.raw import Raw
from exporter.schedule.grammar import InvalidSchedule, parse_schedule

_VOLUME: Final[Path] = ("spec", "template", "spec")
_EMPTY_SCHEDULE_SINCE: Final = 58
_STANDARD_CRON_SINCE: Final = 59
"""robfig/cron instead of gorhill/cronexpr."""
_COLLECTS: Final = ("Outdated", "Never")


def webhook_refusals(manifest: Raw, cdi: CdiVersion) -> Iterator[Refusal]:
    """What this version of CDI has against a manifest that the schema lets pass."""
    name = text_at(manifest, "metadata", "name") or ""
    long = too_long(("metadata", "name"), name, LONGEST_LABEL, AdmissionRule.NAME_LENGTH)
    if long is not None:
        yield long
    spec = object_at(manifest, "spec") or {}
    volume = object_at(spec, "template", "spec") or {}
    yield from source_refusals(volume, cdi)
    yield from _unsettable(volume)
    yield from volume_refusals(volume, cdi)
    schedule = schedule_refusal(text_at(spec, "schedule") or "", cdi)
    if schedule is not None:
        yield schedule
    yield from _collection(spec)
    yield from _name_refusals(text_at(spec, "managedDataSource") or "")


def _unsettable(volume: Raw) -> Iterator[Refusal]:
    """Fields of a DataVolume that a cron sets itself, or that no cron can have."""
    says = "Unsettable fields: SourceRef, ContentType, Checkpoints, FinalCheckpoint"
    for name in ("sourceRef", "contentType", "checkpoints", "finalCheckpoint"):
        value = value_at(volume, name)
        if value or (name == "sourceRef" and value is not None):
            path = (*_VOLUME, name)
            observed = quote(value) if isinstance(value, str | bool) else "set"
            reason = f"{name} cannot be set in a DataImportCron"
            yield cdi_refusal(
                AdmissionRule.UNSETTABLE, path, reason, says, observed, "not set", FieldChange(path, REMOVE)
            )


def schedule_refusal(text: str, cdi: CdiVersion) -> Refusal | None:
    """What this version of CDI has against a schedule; None if it can parse it."""
    path, says, expected = ("spec", "schedule"), "Illegal cron schedule", "five cron fields, for example 0 3 * * *"
    if text == "":
        reason = "an empty schedule is allowed only since CDI 1.58"
        old = not cdi.since(_EMPTY_SCHEDULE_SINCE)
        return cdi_refusal(AdmissionRule.SCHEDULE, path, reason, says, "empty", expected) if old else None
    read = parse_schedule(text)
    if not isinstance(read, InvalidSchedule) or (read.maybe_legacy and not cdi.since(_STANDARD_CRON_SINCE)):
        return None
    reason = f"the schedule cannot be parsed: {read.reason}"
    return cdi_refusal(AdmissionRule.SCHEDULE, path, reason, says, quote(text), expected)


def _collection(spec: Raw) -> Iterator[Refusal]:
    keep, collect = spec.get("importsToKeep"), text_at(spec, "garbageCollect")
    if isinstance(keep, int | float) and keep < 0:
        path: Path = ("spec", "importsToKeep")
        reason = f"importsToKeep is {quote(keep)}, which is below zero"
        says = "Illegal ImportsToKeep value"
        yield cdi_refusal(
            AdmissionRule.IMPORTS_TO_KEEP, path, reason, says, quote(keep), "1 or more", FieldChange(path, 1)
        )
    if collect is not None and collect not in _COLLECTS:
        path = ("spec", "garbageCollect")
        right = next((c for c in _COLLECTS if c.lower() == collect.strip().lower()), None)
        change = FieldChange(path, right or REMOVE) if right or not collect.strip() else None
        reason = f"garbageCollect is {quote(collect)}, which is neither Outdated nor Never"
        says = "Illegal GarbageCollect value"
        yield cdi_refusal(
            AdmissionRule.GARBAGE_COLLECT, path, reason, says, quote(collect), "Outdated or Never", change
        )


def _name_refusals(name: str) -> Iterator[Refusal]:
    path: Path = ("spec", "managedDataSource")
    if not name:
        says = "Illegal ManagedDataSource value"
        reason = "managedDataSource is empty"
        yield cdi_refusal(AdmissionRule.MANAGED, path, reason, says, "empty", "the name of a DataSource")
    long = too_long(path, name, LONGEST_LABEL, AdmissionRule.MANAGED)
    if long is not None:
        yield long
