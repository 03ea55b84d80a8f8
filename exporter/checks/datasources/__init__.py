"""Checks on DataSources: what they stand for and whether they follow their cron."""

from __future__ import annotations

from typing import Final

from exporter.checks.check import Check
from exporter.checks.datasources.data_source_beside_cron import data_source_beside_cron
from exporter.checks.datasources.data_source_deleted_with_cron import data_source_deleted_with_cron
from exporter.checks.datasources.data_source_missing import data_source_missing
from exporter.checks.datasources.data_source_not_following_cron import data_source_not_following_cron
from exporter.checks.datasources.data_source_not_ready import data_source_not_ready
from exporter.checks.datasources.data_source_pointer_broken import data_source_pointer_broken
from exporter.checks.datasources.data_source_target_missing import data_source_target_missing
from exporter.checks.datasources.data_source_without_preference import data_source_without_preference
from exporter.checks.datasources.data_source_without_source import data_source_without_source

DATASOURCES: Final[tuple[Check, ...]] = (
    data_source_missing,
    data_source_beside_cron,
    data_source_not_following_cron,
    data_source_without_source,
    data_source_target_missing,
    data_source_not_ready,
    data_source_pointer_broken,
    data_source_deleted_with_cron,
    data_source_without_preference,
)
