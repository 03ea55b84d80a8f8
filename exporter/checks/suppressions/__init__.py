"""Suppressions that are not as they should be: nothing that is muted may be forgotten."""

from __future__ import annotations

from typing import Final

from exporter.checks.check import Check
from exporter.checks.suppressions.suppression_expired import suppression_expired
from exporter.checks.suppressions.suppression_malformed import suppression_malformed
from exporter.checks.suppressions.suppression_unused import suppression_unused

SUPPRESSIONS: Final[tuple[Check, ...]] = (suppression_malformed, suppression_expired, suppression_unused)
