"""Checks on StorageClasses, StorageProfiles and snapshot classes."""

from __future__ import annotations

from typing import Final

from exporter.checks.check import Check
from exporter.checks.storage.default_annotation_without_effect import default_annotation_without_effect
from exporter.checks.storage.default_storage_class_being_deleted import default_storage_class_being_deleted
from exporter.checks.storage.incomplete_storage_profile import incomplete_storage_profile
from exporter.checks.storage.multiple_default_storage_classes import multiple_default_storage_classes
from exporter.checks.storage.multiple_virt_default_storage_classes import multiple_virt_default_storage_classes
from exporter.checks.storage.no_default_storage_class import no_default_storage_class
from exporter.checks.storage.quota_exhausted import quota_exhausted
from exporter.checks.storage.snapshot_class_missing import snapshot_class_missing
from exporter.checks.storage.stale_snapshot_class import stale_snapshot_class
from exporter.checks.storage.storage_class_missing import storage_class_missing

STORAGE: Final[tuple[Check, ...]] = (
    no_default_storage_class,
    multiple_virt_default_storage_classes,
    multiple_default_storage_classes,
    default_storage_class_being_deleted,
    default_annotation_without_effect,
    storage_class_missing,
    incomplete_storage_profile,
    snapshot_class_missing,
    stale_snapshot_class,
    quota_exhausted,
)
