"""Checks on the operators: HCO, SSP and CDI must work before anything below them can."""

from __future__ import annotations

from typing import Final

from exporter.checks.kit import Check

OPERATORS: Final[tuple[Check, ...]] = ()
