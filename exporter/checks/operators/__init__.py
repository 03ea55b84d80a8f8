"""Checks on the operators: HCO, SSP and CDI must work before anything below them can."""

from __future__ import annotations

from typing import Final

from exporter.checks.check import Check
from exporter.checks.operators.cdi_degraded import cdi_degraded
from exporter.checks.operators.hyperconverged_degraded import hyperconverged_degraded
from exporter.checks.operators.hyperconverged_deletion_blocked import hyperconverged_deletion_blocked
from exporter.checks.operators.hyperconverged_missing import hyperconverged_missing
from exporter.checks.operators.hyperconverged_not_upgradeable import hyperconverged_not_upgradeable
from exporter.checks.operators.hyperconverged_status_stale import hyperconverged_status_stale
from exporter.checks.operators.hyperconverged_tainted import hyperconverged_tainted
from exporter.checks.operators.ssp_degraded import ssp_degraded
from exporter.checks.operators.ssp_paused import ssp_paused
from exporter.checks.operators.ssp_status_stale import ssp_status_stale

OPERATORS: Final[tuple[Check, ...]] = (
    hyperconverged_missing,
    hyperconverged_status_stale,
    hyperconverged_tainted,
    ssp_paused,
    ssp_status_stale,
    cdi_degraded,
    ssp_degraded,
    hyperconverged_degraded,
    hyperconverged_not_upgradeable,
    hyperconverged_deletion_blocked,
)
