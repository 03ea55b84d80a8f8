"""One string for equal ones: objects are full of the names of each other, and of the same few words."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

_LONGEST: Final = 64
"""Longer texts are messages, of which hardly two are alike."""
_one: Final = lru_cache(maxsize=4096)(str)


def intern(text: str) -> str:
    """The same text, as the object that was given for it before if that was not too long ago.

    Not `sys.intern`: Python 3.12 never forgets what it was given, and names come and go for as long as we run.
    """
    return _one(text) if len(text) <= _LONGEST else text
