"""References to the objects that checks name most often. Pure."""

from __future__ import annotations

from exporter.cluster.resource import Ref
from exporter.cluster.resources import DATA_IMPORT_CRONS, STORAGE_CLASSES, STORAGE_PROFILES
from exporter.model.cdi import DataImportCron


def cron_ref(cron: DataImportCron) -> Ref:
    """Names a cron."""
    return DATA_IMPORT_CRONS.ref(cron.metadata.namespace, cron.metadata.name)


def class_ref(name: str) -> Ref:
    """Names a StorageClass."""
    return STORAGE_CLASSES.ref("", name)


def profile_ref(name: str) -> Ref:
    """Names the StorageProfile of a class."""
    return STORAGE_PROFILES.ref("", name)
