"""Time as an argument: everything that waits or asks for the time gets a Clock, so that tests never sleep."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from threading import Event
from typing import Protocol


class Clock(Protocol):
    """Tells the time and waits."""

    def now(self) -> datetime:
        """The instant, timezone-aware, in UTC."""

    def monotonic(self) -> float:
        """Seconds since an arbitrary start; never goes back."""

    def wait(self, stop: Event, seconds: float) -> bool:
        """Wait until `stop` is set or the seconds have passed; True if `stop` is set."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The machine's time."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """The machine's monotonic clock."""
        return time.monotonic()

    def wait(self, stop: Event, seconds: float) -> bool:
        """Block on the event for at most this long."""
        return stop.wait(seconds)
