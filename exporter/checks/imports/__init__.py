"""Checks on importing: DataVolumes, claims, snapshots, and what is left of old ones."""

from __future__ import annotations

from typing import Final

from exporter.checks.check import Check
from exporter.checks.imports.image_being_rebuilt import image_being_rebuilt
from exporter.checks.imports.image_volume_lost import image_volume_lost
from exporter.checks.imports.immediate_binding_missing import immediate_binding_missing
from exporter.checks.imports.import_failing import import_failing
from exporter.checks.imports.import_outdated import import_outdated
from exporter.checks.imports.imports_to_keep_zero import imports_to_keep_zero
from exporter.checks.imports.old_images_pile_up import old_images_pile_up
from exporter.checks.imports.orphaned_image import orphaned_image
from exporter.checks.imports.snapshot_content_lost import snapshot_content_lost
from exporter.checks.imports.source_format_mismatch import source_format_mismatch
from exporter.checks.imports.source_on_wrong_storage_class import source_on_wrong_storage_class

IMPORTS: Final[tuple[Check, ...]] = (
    imports_to_keep_zero,
    image_volume_lost,
    immediate_binding_missing,
    import_failing,
    snapshot_content_lost,
    source_on_wrong_storage_class,
    source_format_mismatch,
    import_outdated,
    old_images_pile_up,
    orphaned_image,
    image_being_rebuilt,
)
