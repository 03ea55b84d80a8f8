"""ReflectorStats: what a reflector has done."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from exporter.kube.errors import REASONS

CRASHED: Final = "crashed"
"""The outcome of an attempt in which something unexpected was raised: a bug of ours, or an answer nobody thought of."""
OUTCOMES: Final = ("ok", "configuration", CRASHED, *REASONS)
"""How a list or a watch can end."""


@dataclass(slots=True)
class ReflectorStats:
    """What a reflector has done. Written by its thread only; anybody may read."""

    requests: dict[str, int] = field(default_factory=lambda: dict.fromkeys(OUTCOMES, 0))
    """Lists and watches by outcome."""
    lists: int = 0
    """Complete lists, the first one included."""
    watches: int = 0
    """Watches that the server has begun."""
    events: int = 0
    """Changes, without those that make up a list."""
    listing: int = 0
    """Objects received by the list that is running."""
