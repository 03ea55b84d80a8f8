"""Checks on DataSources: what they stand for and whether they follow their cron."""

from __future__ import annotations

from typing import Final

from exporter.checks.check import Check
from exporter.checks.discovery import checks_in

DATASOURCES: Final[tuple[Check, ...]] = checks_in(__name__, __path__)
