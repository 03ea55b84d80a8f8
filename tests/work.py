"""Work: how often functions are called. It tells how time grows with size, on any machine."""

from __future__ import annotations

import cProfile
from collections.abc import Callable
from typing import Any

FEW = 5000
"""Calls that do not matter, however they grow."""
SLACK = 1.7
"""More than in proportion, as sorting takes; far from the square."""


def count_calls(function: Callable[[], object]) -> dict[str, int]:
    """Calls by caller and function, those of built-in functions included."""
    profile = cProfile.Profile()
    profile.runcall(function)
    counts: dict[str, int] = {}
    for entry in profile.getstats():
        for called in entry.calls or ():
            edge = f"{_name(entry.code)} -> {_name(called.code)}"
            counts[edge] = counts.get(edge, 0) + called.callcount
    return counts


def excessive(small: dict[str, int], large: dict[str, int], times: float) -> dict[str, tuple[int, int]]:
    """What is called more often than in proportion where everything is so many times as large."""
    return {
        edge: (small.get(edge, 0), count)
        for edge, count in large.items()
        if count > FEW and count > SLACK * times * max(1, small.get(edge, 0))
    }


def _name(code: Any) -> str:
    return code if isinstance(code, str) else f"{code.co_filename.rpartition('/')[2]}:{code.co_qualname}"
