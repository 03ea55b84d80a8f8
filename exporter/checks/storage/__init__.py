"""Checks on StorageClasses, StorageProfiles and snapshot classes."""

from __future__ import annotations

from typing import Final

from exporter.checks.check import Check
from exporter.checks.discovery import checks_in

STORAGE: Final[tuple[Check, ...]] = checks_in(__name__, __path__)
