"""Isolation: one defect of ours must not cost the rest. The package's only broad exception handler lives here."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Crash:
    """What was raised. The caller says what is lost by it, counts it and logs it once."""

    trace: str
    """The traceback, as text."""

    @property
    def summary(self) -> str:
        """Its last line: type and message."""
        return self.trace.rstrip().rpartition("\n")[2]


def run_isolated(work: Callable[[], T]) -> T | Crash:
    """The result of the work, or the crash if it raised anything that only a defect of ours raises."""
    try:
        return work()
    except Exception:  # noqa: BLE001  (the only one: callers turn it into a visible loss of just this part)
        return Crash(traceback.format_exc())
