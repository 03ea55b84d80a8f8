"""A version of CDI, for rules that differ between versions."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class CdiVersion:
    """CDI 1.`minor`, and what the rules have asked of it.

    The versions are many and their differences few: where all that was asked has the same answer in another version,
    the rules say the same. So rules ask last, only where the answer matters.
    """

    minor: int
    asked: set[int] = field(default_factory=set)

    def since(self, minor: int) -> bool:
        """Whether this is CDI 1.`minor` or newer."""
        self.asked.add(minor)
        return self.minor >= minor

    def same_for(self, older: int) -> bool:
        """Whether CDI 1.`older` would have given the same answers so far."""
        return not any(older < minor <= self.minor for minor in self.asked)
