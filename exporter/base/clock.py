"""Time as an argument: everything that waits or asks for the time gets a Clock, so that tests never sleep."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from threading import Event
from typing import Protocol


class Clock(Protocol):
    """The time and a way to wait, as an argument: tests pass a clock that they move by hand."""

    def now(self) -> datetime:
        """The current time, timezone-aware, in UTC."""

    def monotonic(self) -> float:
        """Seconds since an arbitrary start; never goes back."""

    def wait(self, stop: Event, seconds: float) -> bool:
        """Wait until `stop` is set or the seconds have passed; True if `stop` is set."""


class SystemClock:
    """The clock of the host."""

    def now(self) -> datetime:
        """The current time in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds of the host's monotonic clock."""
        return time.monotonic()

    def wait(self, stop: Event, seconds: float) -> bool:
        """Block until the event is set, for at most `seconds`; True if it is set."""
        return stop.wait(seconds)
