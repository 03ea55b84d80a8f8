"""How long to wait before the next attempt: growing, jittered, bounded. A broken server is never hammered."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Final

FIRST: Final = 1.0
"""Seconds before the second attempt."""
LONGEST: Final = 60.0
"""Seconds between attempts at most."""
LIVED: Final = 30.0
"""Seconds that a watch must have lived to count as a success."""


@dataclass(slots=True)
class Backoff:
    """The waiting times of one reflector."""

    random: Random = field(default_factory=Random)
    _failures: int = 0

    def next(self, retry_after: float | None = None) -> float:
        """Seconds to wait after one more failure; at least what the server asked for."""
        span = min(LONGEST, FIRST * 2.0 ** min(self._failures, 10))
        self._failures += 1
        jittered = span * self.random.uniform(1.0, 1.5)
        return max(jittered, retry_after or 0.0)

    def slow(self) -> float:
        """Seconds to wait where nothing is expected to change soon: forbidden, or not served."""
        return self.random.uniform(30.0, 60.0)

    def lived(self, seconds: float) -> None:
        """A watch has lived this long: start over if that was long enough to be a success."""
        if seconds >= LIVED:
            self._failures = 0
