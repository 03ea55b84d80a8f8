"""Budget: how much work of one kind may be begun at once and over time."""

from __future__ import annotations

from threading import Lock


class RateLimit:
    """So many at once and, in the long run, so many a second. Safe to use from many threads."""

    def __init__(self, at_once: int, a_second: float = float("inf"), burst: int = 1) -> None:
        """`burst` may be begun in a row after a rest. Without `a_second` only what is under way is limited."""
        self._at_once = at_once
        self._a_second = a_second
        self._burst = float(burst)
        self._left = float(burst)
        self._filled_at = 0.0
        self._under_way = 0
        self._lock = Lock()

    def take(self, now: float) -> bool:
        """Begin one, at this monotonic second; False if the budget is used up. Each True wants a `give_back`."""
        with self._lock:
            if self._under_way >= self._at_once:
                return False
            if self._a_second != float("inf"):
                earned = max(0.0, now - self._filled_at) * self._a_second
                self._left, self._filled_at = min(self._burst, self._left + earned), now
                if self._left < 1:
                    return False
                self._left -= 1
            self._under_way += 1
            return True

    def give_back(self) -> None:
        """One has ended."""
        with self._lock:
            self._under_way -= 1
