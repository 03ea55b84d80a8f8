"""Isolation: a bug in one check, family or reflector must not stop the others.

The package's only broad exception handler lives here, so that every other place has to name what it expects.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Crash:
    """An unexpected exception. The caller reports which part is lost, counts it and logs it once."""

    trace: str
    """The traceback, as text."""

    @property
    def summary(self) -> str:
        """Its last line: type and message."""
        return self.trace.rstrip().rpartition("\n")[2]


def run_isolated(work: Callable[[], T]) -> T | Crash:
    """Run `work` and return its result, or a Crash if it raised any Exception. Never raises one itself."""
    try:
        return work()
    except Exception:  # noqa: BLE001  (the only one: callers turn it into a visible loss of just this part)
        return Crash(traceback.format_exc())
