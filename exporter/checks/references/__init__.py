"""Checks on those who use boot sources: templates and virtual machines."""

from __future__ import annotations

from typing import Final

from exporter.checks.check import Check
from exporter.checks.discovery import checks_in

REFERENCES: Final[tuple[Check, ...]] = checks_in(__name__, __path__)
