"""What keeps CDI from polling or importing, as far as objects show it."""

from __future__ import annotations

from typing import Final

from exporter.cluster.resources import (
    DATA_IMPORT_CRONS,
    DATA_SOURCES,
    IMAGE_STREAMS,
    PERSISTENT_VOLUME_CLAIMS,
    STORAGE_PROFILES,
    VOLUME_SNAPSHOT_CLASSES,
)
from exporter.joins.admission import schedule_refusal
from exporter.joins.admission.version import CdiVersion
from exporter.joins.crons import Polling, polling
from exporter.joins.platform import cdi_minor
from exporter.kube.contract import Key
from exporter.model.cdi import DataImportCron
from exporter.schedule.grammar import parse_schedule
from exporter.schedule.schedule import Schedule
from exporter.whatif.draft import Draft
from exporter.whatif.profiles import can_snapshot

NEWEST: Final = 1000
"""The minor version of CDI where none is told: rules of the newest."""


def minor_of(draft: Draft) -> int:
    """The minor version of CDI, the newest where it is not told."""
    known = draft.view().join(cdi_minor)
    return NEWEST if known is None else known


def reconcile_obstacle(draft: Draft, key: Key, cron: DataImportCron) -> str:
    """Why each reconcile of the DataImportCron ends in an error; "" if nothing shows one."""
    minor, schedule = minor_of(draft), cron.spec.schedule
    if schedule and schedule_refusal(schedule, CdiVersion(minor)) is not None:
        return "CDI cannot parse its schedule"
    read = parse_schedule(schedule) if schedule else None
    if polling(cron, minor) is Polling.CRON_JOB and isinstance(read, Schedule) and read.cronjob_problem is not None:
        return read.cronjob_problem
    return _rival(draft, key, cron) or _missing_source(draft, key, cron)


def _rival(draft: Draft, key: Key, cron: DataImportCron) -> str:
    managed = cron.spec.managed_data_source
    source = draft.get(DATA_SOURCES, Key(key.namespace, managed))
    other = draft.get(DATA_IMPORT_CRONS, Key(key.namespace, source.cron)) if source and source.cron else None
    if other is None or other.metadata.name == key.name or other.spec.managed_data_source != managed:
        return ""
    return f"DataImportCron {other.metadata.name} manages DataSource {managed} already"


def _missing_source(draft: Draft, key: Key, cron: DataImportCron) -> str:
    claim, registry = cron.source.pvc, cron.source.registry
    if claim is not None:
        place = Key(claim.namespace or key.namespace, claim.name)
        unseen = not draft.is_known(PERSISTENT_VOLUME_CLAIMS) or draft.get(PERSISTENT_VOLUME_CLAIMS, place) is not None
        return "" if unseen else f"its source PersistentVolumeClaim {place} does not exist"
    if registry is None or not registry.image_stream or not draft.is_known(IMAGE_STREAMS):
        return ""
    name, _, tag = registry.image_stream.partition(":")
    stream = draft.get(IMAGE_STREAMS, Key(key.namespace, name))
    if stream is None:
        return f"ImageStream {key.namespace}/{name} does not exist"
    found = next((t for t in stream.status.tags if not tag or t.tag == tag), None)
    if found is None or not found.items:
        return f"ImageStream {key.namespace}/{name} has no image yet"
    return ""


def claim_obstacle(draft: Draft, cron: DataImportCron, wanted: str) -> str:
    """Why the import gets no PersistentVolumeClaim; "" if it gets one."""
    explicit = cron.spec.explicit_storage_class
    if not wanted:
        return f"StorageClass {explicit} does not exist" if explicit else "there is no default StorageClass"
    volume = cron.spec.template.spec
    if volume.storage is None or volume.storage.access_modes or not draft.is_known(STORAGE_PROFILES):
        return ""
    profile = draft.get(STORAGE_PROFILES, Key("", wanted))
    if profile is not None and profile.complete is False:
        return f"StorageProfile {wanted} has no access mode and volume mode"
    return ""


def snapshot_obstacle(draft: Draft, wanted: str) -> str:
    """Why no snapshot of an image can be taken on this class; "" if one can."""
    if not draft.is_known(VOLUME_SNAPSHOT_CLASSES) or can_snapshot(draft, wanted):
        return ""
    return f"no VolumeSnapshotClass serves StorageClass {wanted}"
