"""Checks on schedules and on whether anybody still looks for newer images."""

from __future__ import annotations

from typing import Final

from exporter.checks.check import Check
from exporter.checks.discovery import checks_in

POLLING: Final[tuple[Check, ...]] = checks_in(__name__, __path__)
