"""Checks on importing: DataVolumes, claims, snapshots, and what is left of old ones."""

from __future__ import annotations

from typing import Final

from exporter.checks.kit import Check

IMPORTS: Final[tuple[Check, ...]] = ()
