"""Why an object that is well-formed cannot be read all the same."""

from __future__ import annotations


class UnreadableError(ValueError):
    """An object that is well-formed cannot be read all the same; the text says why, and names what it found."""

    def __init__(self, field: str, problem: str) -> None:
        """`field` is the path of what is wrong."""
        super().__init__(problem)
        self.field = field


class ExcessiveError(UnreadableError):
    """An object holds more than is read. It exists; what it says is unknown."""
