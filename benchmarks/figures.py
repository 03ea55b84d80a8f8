"""Figures: samples of one quantity, and what is said of them."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median as _median


def median(values: Sequence[float]) -> float:
    """The middle value; NaN of none."""
    return _median(values) if values else float("nan")


def percentile(values: Sequence[float], percent: float) -> float:
    """The value that so many percent do not exceed; NaN of none."""
    if not values:
        return float("nan")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def spread(values: Sequence[float], scale: float = 1.0, digits: int = 2) -> str:
    """`median [least-most]`."""
    if not values:
        return "-"
    low, middle, high = (f"{v * scale:.{digits}f}" for v in (min(values), median(values), max(values)))
    return middle if len(values) == 1 else f"{middle} [{low}-{high}]"
