"""Checks on what the administrator asked for: the gate, annotations, entries, and how far they have come."""

from __future__ import annotations

from typing import Final

from exporter.checks.kit import Check

ENTRIES: Final[tuple[Check, ...]] = ()
