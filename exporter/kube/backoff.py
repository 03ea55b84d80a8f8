"""How long to wait for an answer and before the next attempt, so that a broken server is not flooded with requests."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Final

FIRST: Final = 1.0
"""Shortest time between two attempts, in seconds."""
LONGEST: Final = 60.0
"""Longest time between two attempts, in seconds, unless the server asks for more (Retry-After)."""
LIVED: Final = 30.0
"""Seconds that a watch must have lived to count as a success."""


@dataclass(frozen=True, slots=True)
class Timing:
    """How patient a reflector is, in seconds."""

    first_events: float = 15.0
    """Silence after which a server counts as one that does not support WatchList: it ignores the parameters and sends
    changes only."""
    watch: tuple[int, int] = (240, 300)
    """Bounds of a watch's `timeoutSeconds`; a random value between them, so that not all watches end at once."""
    slack: float = 15.0
    """How much longer a read waits than the watch may last: after that the connection is half-open and lost."""
    silent: float = 120.0
    """Silence after which a watch counts as lost if the server sends bookmarks, which come about once a minute."""
    relist: float = 240.0
    """Age of a list after which the next watch begins with a new list; infinity for never.

    Once an etcd that was restored from a backup has been written to, a watch on it looks like any other. Only a list
    shows which objects the backup did not have."""
    relist_object: float = 0.06
    """Minimum age per object: 20,000 objects are listed again every 20 minutes at most."""
    throttled: float = 60.0
    """How long a server may answer 429 to the first list before that counts as a failure."""
    doubt: float = 20.0
    """How long a resource must be missing before it counts as removed: a starting API server does not know all CRDs."""


@dataclass(slots=True)
class Backoff:
    """The waiting times of one reflector. All numbers are seconds."""

    random: Random = field(default_factory=Random)
    failures: int = 0
    """Failures in a row, without a watch of at least LIVED seconds in between."""

    def next(self, retry_after: float | None = None) -> float:
        """Seconds to wait after one more failure; at least what the server asked for."""
        longest = min(LONGEST, FIRST * 2.0 ** min(self.failures + 1, 10))
        self.failures += 1
        jittered = self.random.uniform(longest / 2, longest)
        if retry_after is None:
            return jittered
        # A server throttles all watches at the same time: without jitter they would also come back at the same time.
        return max(jittered, retry_after + self.random.uniform(0.0, 1.0))

    def slow(self) -> float:
        """Seconds to wait when no change is expected soon: the resource is forbidden or not served."""
        return self.random.uniform(30.0, 60.0)

    def note_lifetime(self, seconds: float) -> None:
        """Reset the backoff if a watch has lived for at least LIVED seconds."""
        if seconds >= LIVED:
            self.failures = 0
