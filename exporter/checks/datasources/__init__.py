"""Checks on DataSources: what they stand for and whether they follow their cron."""

from __future__ import annotations

from typing import Final

from exporter.checks.kit import Check

DATASOURCES: Final[tuple[Check, ...]] = ()
