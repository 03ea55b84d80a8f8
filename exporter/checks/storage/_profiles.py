"""What the checks on StorageProfiles share."""

from __future__ import annotations

from exporter.checks.check import Context
from exporter.checks.shared.storage import target_class
from exporter.cluster.resources import DATA_IMPORT_CRONS, STORAGE_CLASSES, VOLUME_SNAPSHOT_CLASSES
from exporter.model.cdi import DataImportCron
from exporter.model.storage import StorageProfile, VolumeSnapshotClass
from exporter.model.wire import ABSENT


def crons_on(storage_class: str, ctx: Context) -> list[DataImportCron]:
    """The crons that CDI wants to import to this class."""
    return ctx.once("crons by class", lambda: _crons_by_class(ctx)).get(storage_class, [])


def _crons_by_class(ctx: Context) -> dict[str, list[DataImportCron]]:
    found: dict[str, list[DataImportCron]] = {}
    for _, cron in ctx[DATA_IMPORT_CRONS]:
        found.setdefault(target_class(cron, ctx), []).append(cron)
    return found


def driver_of(profile: StorageProfile, ctx: Context) -> str:
    """The driver of the profile's class."""
    row = ctx[STORAGE_CLASSES].get("", profile.metadata.name)
    return (profile.status.provisioner if profile.status else "") or ("" if row is ABSENT else row.provisioner)


def snapshot_classes_of(driver: str, ctx: Context) -> list[VolumeSnapshotClass]:
    """The snapshot classes of a driver, the one that CDI takes first: annotated as default, then by name.

    Raises UndecodableError if there is none and one cannot be read.
    """
    rows = [row for _, row in ctx[VOLUME_SNAPSHOT_CLASSES] if row.driver == driver]
    if not rows:
        ctx[VOLUME_SNAPSHOT_CLASSES].whole()
    return sorted(rows, key=lambda row: not row.default)
