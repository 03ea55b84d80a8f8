"""Checks on what HyperConverged lists, and whether it arrives: gate, annotations, entries, drift along the hops."""

from __future__ import annotations

from typing import Final

from exporter.checks.check import Check
from exporter.checks.entries.architectures_without_images import architectures_without_images
from exporter.checks.entries.boot_image_namespace_missing import boot_image_namespace_missing
from exporter.checks.entries.common_boot_images_off import common_boot_images_off
from exporter.checks.entries.cron_drifted import cron_drifted
from exporter.checks.entries.cron_not_created import cron_not_created
from exporter.checks.entries.cron_opted_out import cron_opted_out
from exporter.checks.entries.disabled_entry_still_deployed import disabled_entry_still_deployed
from exporter.checks.entries.duplicate_entry import duplicate_entry
from exporter.checks.entries.duplicate_managed_data_source import duplicate_managed_data_source
from exporter.checks.entries.enable_annotation_mistyped import enable_annotation_mistyped
from exporter.checks.entries.entry_disabled import entry_disabled
from exporter.checks.entries.entry_field_without_effect import entry_field_without_effect
from exporter.checks.entries.entry_not_propagated import entry_not_propagated
from exporter.checks.entries.entry_refused_by_cdi import entry_refused_by_cdi
from exporter.checks.entries.entry_will_fail import entry_will_fail
from exporter.checks.entries.entry_without_source import entry_without_source
from exporter.checks.entries.gate_at_dead_path import gate_at_dead_path
from exporter.checks.entries.modified_entry_behind_closed_gate import modified_entry_behind_closed_gate
from exporter.checks.entries.standalone_cron import standalone_cron
from exporter.checks.entries.templates_ignore_boot_image_namespace import templates_ignore_boot_image_namespace
from exporter.checks.entries.unsupported_architecture import unsupported_architecture

ENTRIES: Final[tuple[Check, ...]] = (
    common_boot_images_off,
    gate_at_dead_path,
    enable_annotation_mistyped,
    entry_disabled,
    modified_entry_behind_closed_gate,
    duplicate_entry,
    entry_without_source,
    entry_refused_by_cdi,
    entry_will_fail,
    entry_field_without_effect,
    boot_image_namespace_missing,
    templates_ignore_boot_image_namespace,
    duplicate_managed_data_source,
    unsupported_architecture,
    architectures_without_images,
    entry_not_propagated,
    cron_not_created,
    cron_drifted,
    disabled_entry_still_deployed,
    cron_opted_out,
    standalone_cron,
)
