"""Suppressions that are not as they should be: nothing that is muted may be forgotten."""

from __future__ import annotations

from typing import Final

from exporter.checks.check import Check
from exporter.checks.discovery import checks_in

SUPPRESSIONS: Final[tuple[Check, ...]] = checks_in(__name__, __path__)
