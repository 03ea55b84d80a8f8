"""Checks on what HyperConverged lists, and whether it arrives: gate, annotations, entries, drift along the hops."""

from __future__ import annotations

from typing import Final

from exporter.checks.check import Check
from exporter.checks.discovery import checks_in

ENTRIES: Final[tuple[Check, ...]] = checks_in(__name__, __path__)
