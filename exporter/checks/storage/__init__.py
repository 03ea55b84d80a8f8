"""Checks on StorageClasses, StorageProfiles and snapshot classes."""

from __future__ import annotations

from typing import Final

from exporter.checks.kit import Check

STORAGE: Final[tuple[Check, ...]] = ()
