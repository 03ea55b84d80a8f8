"""How long to wait: for an answer, and before the next attempt. A broken server is never hammered."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Final

FIRST: Final = 1.0
"""Seconds between attempts at least."""
LONGEST: Final = 60.0
"""Seconds between attempts at most, unless the server asks for more."""
LIVED: Final = 30.0
"""Seconds that a watch must have lived to count as a success."""


@dataclass(frozen=True, slots=True)
class Timing:
    """How patient a reflector is, in seconds."""

    first_events: float = 15.0
    """Silence after which a server that does not know WatchList gives itself away."""
    watch: tuple[int, int] = (240, 300)
    """How long a watch lasts: jittered, so that not all end at once."""
    slack: float = 15.0
    """How much longer a read waits than the watch lasts, so that a half-open connection is noticed."""
    silent: float = 120.0
    """Silence after which a watch is lost on a server that has sent bookmarks: it sends one about once a minute."""
    relist: float = 240.0
    """Age of a list after which the next watch begins with a new one; infinite for never.

    An etcd that was restored from a backup, and has been written to since, cannot be told from one that was not by
    what it says in a watch: only a list shows what it has lost."""
    relist_object: float = 0.06
    """What an object adds to that age at least, so that a large table is not listed all the time."""
    throttled: float = 60.0
    """For how long a server that asks us to come back later is waited for before that counts as a failure."""
    doubt: float = 20.0
    """How long a resource must be missing before we believe that it was removed."""


@dataclass(slots=True)
class Backoff:
    """The waiting times of one reflector. All numbers are seconds."""

    random: Random = field(default_factory=Random)
    failures: int = 0
    """In a row, without a watch that lived in between."""

    def next(self, retry_after: float | None = None) -> float:
        """Seconds to wait after one more failure; at least what the server asked for."""
        longest = min(LONGEST, FIRST * 2.0 ** min(self.failures + 1, 10))
        self.failures += 1
        jittered = self.random.uniform(longest / 2, longest)
        if retry_after is None:
            return jittered
        # All watches are throttled at once, and must not come back at once.
        return max(jittered, retry_after + self.random.uniform(0.0, 1.0))

    def slow(self) -> float:
        """Seconds to wait where nothing is expected to change soon: forbidden, or not served."""
        return self.random.uniform(30.0, 60.0)

    def note_lifetime(self, seconds: float) -> None:
        """A watch has lived this long: start over if that was long enough to be a success."""
        if seconds >= LIVED:
            self.failures = 0
