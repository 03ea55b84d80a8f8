"""Checks on schedules and on whether anybody still looks for newer images."""

from __future__ import annotations

from typing import Final

from exporter.checks.kit import Check

POLLING: Final[tuple[Check, ...]] = ()
