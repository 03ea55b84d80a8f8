"""Checks on those who use boot sources: templates and virtual machines."""

from __future__ import annotations

from typing import Final

from exporter.checks.kit import Check

REFERENCES: Final[tuple[Check, ...]] = ()
