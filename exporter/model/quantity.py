"""Kubernetes quantities: `30Gi`, `1e9`, `500m`. Source: apimachinery's resource.ParseQuantity."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

_GRAMMAR: Final = re.compile(r"([+-]?)([0-9]+(?:\.[0-9]*)?|\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+|)")
_UNITS: Final = {
    "": Decimal(1),
    **{unit: Decimal(1024) ** (i + 1) for i, unit in enumerate(("Ki", "Mi", "Gi", "Ti", "Pi", "Ei"))},
    **{unit: Decimal(1000) ** (i + 1) for i, unit in enumerate(("k", "M", "G", "T", "P", "E"))},
    **{unit: Decimal(1000) ** -(i + 1) for i, unit in enumerate(("m", "u", "n"))},
}
_LARGEST: Final = Decimal(2**63 - 1)
"""What Kubernetes caps a quantity at."""
_LONGEST_EXPONENT: Final = 18
"""Digits that fit into 64 bits, which Kubernetes reads an exponent into."""
_LONGEST: Final = 64
"""Digits that matter; more than these are beyond the cap, or below the smallest unit."""


def bytes_of(quantity: str) -> Decimal | None:
    """A quantity in bytes, capped as Kubernetes does; None if the text is not a quantity."""
    match = _GRAMMAR.fullmatch(quantity)
    if match is None:
        return None
    sign, digits, unit = match.groups()
    if len(unit.lstrip("eE+-0")) > _LONGEST_EXPONENT and unit not in _UNITS:
        return None
    size = min(_LARGEST, _scale(digits, unit))
    return -size if sign == "-" else size


def _scale(digits: str, unit: str) -> Decimal:
    whole, _, fraction = digits.partition(".")
    if len(whole.lstrip("0")) > _LONGEST:
        return _LARGEST
    number = Decimal(f"{whole.lstrip('0') or '0'}.{fraction[:_LONGEST] or '0'}")
    if unit in _UNITS:
        return number * _UNITS[unit]
    return number.scaleb(max(-999, min(999, int(unit[1:]))))
