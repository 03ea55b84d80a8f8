"""Checks on importing: DataVolumes, claims, snapshots, and what is left of old ones."""

from __future__ import annotations

from typing import Final

from exporter.checks.check import Check
from exporter.checks.discovery import checks_in

IMPORTS: Final[tuple[Check, ...]] = checks_in(__name__, __path__)
