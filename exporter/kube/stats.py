"""ReflectorStats: what a reflector has done."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from exporter.kube.errors import REASONS

CRASHED: Final = "crashed"
"""The outcome of an attempt that raised an unexpected exception, which is a bug of the exporter."""
OUTCOMES: Final = ("ok", "configuration", CRASHED, *REASONS)
"""All outcomes of a list or watch."""


@dataclass(slots=True)
class ReflectorStats:
    """Counters of one reflector. Written by its thread only; any thread may read."""

    requests: dict[str, int] = field(default_factory=lambda: dict.fromkeys(OUTCOMES, 0))
    """Lists and watches by outcome."""
    lists: int = 0
    """Complete lists, including the first one."""
    watches: int = 0
    """Watches that the server has answered."""
    events: int = 0
    """Watch events with an object, without the initial events of a WatchList."""
    listing: int = 0
    """Objects that the list in progress has received."""
