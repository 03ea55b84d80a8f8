"""Checks on the operators: HCO, SSP and CDI must work before anything below them can."""

from __future__ import annotations

from typing import Final

from exporter.checks.check import Check
from exporter.checks.discovery import checks_in

OPERATORS: Final[tuple[Check, ...]] = checks_in(__name__, __path__)
