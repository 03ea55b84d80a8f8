"""Regular expressions of Go, as far as Python's say the same; of others it is not known what they match."""

from __future__ import annotations

import re
import warnings
from functools import cache
from typing import Final

_FLAGS: Final = re.compile(r"\(\?([ims]+)\)(.*)", re.DOTALL)
"""Go takes flags anywhere, Python only before all else; both take them in a group."""
_OTHER: Final = re.compile(r"\[\[:|\\[pPzQCZ]|\{,|\(\?[=!<(#]|\\[1-9]")
"""What only one of the two has, or what they read as something else."""


def fullmatch(expression: str, text: str) -> bool | None:
    """Whether it matches the whole text; None if that cannot be told."""
    compiled = _compiled(expression)
    return None if compiled is None else compiled.fullmatch(text) is not None


@cache
def _compiled(expression: str) -> re.Pattern[str] | None:
    if _OTHER.search(expression):
        return None
    flags = _FLAGS.fullmatch(expression)
    wrapped = f"(?{flags[1]}:{flags[2]})" if flags else f"(?:{expression})"
    with warnings.catch_warnings():
        warnings.simplefilter("error", FutureWarning)  # of sets within sets, which Go does not know
        try:
            return re.compile(wrapped)
        except (re.error, FutureWarning, OverflowError, RecursionError):
            return None
