"""Sizes that are no quantity, or hardly the one that was meant."""

from __future__ import annotations

import re
from typing import Final

_NUMBER: Final = re.compile(r"[0-9]{1,4}")
_LONGHAND: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?) *([KMGTPE])(i?)B?", re.IGNORECASE)


def correct_quantity(size: object) -> str:
    """The quantity that was most likely meant: G for GB, and Gi after a small number; "" if that is not known."""
    text = str(size).strip()
    if _NUMBER.fullmatch(text) and int(text):
        return f"{int(text)}Gi"
    match = _LONGHAND.fullmatch(text)
    if match is None:
        return ""
    unit = match[2].upper() + match[3].lower()
    return match[1] + ("k" if unit == "K" else unit)
