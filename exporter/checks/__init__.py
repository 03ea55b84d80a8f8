"""CHECKS: every judgement that we make, in the order of the causal chain. One module per check, named like it.

What belongs here: pure functions from a subject and its surroundings to a verdict, and what people need to know about
it. What does not: I/O, clocks, logging, anything that a second check could share (that is a joint).
"""

from __future__ import annotations

from typing import Final

from exporter.checks.check import Check
from exporter.checks.datasources import DATASOURCES
from exporter.checks.entries import ENTRIES
from exporter.checks.imports import IMPORTS
from exporter.checks.operators import OPERATORS
from exporter.checks.polling import POLLING
from exporter.checks.references import REFERENCES
from exporter.checks.storage import STORAGE
from exporter.checks.suppressions import SUPPRESSIONS

CHECKS: Final[tuple[Check, ...]] = (
    *OPERATORS,
    *ENTRIES,
    *STORAGE,
    *POLLING,
    *IMPORTS,
    *DATASOURCES,
    *REFERENCES,
    *SUPPRESSIONS,
)
"""In the order of the causal chain: of two findings that explain each other the earlier is the cause."""
