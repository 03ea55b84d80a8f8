"""What was foreseen lately, so that a page that is opened again costs nothing, and how often that may be asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Final

from exporter.web.rate_limit import RateLimit

_KEPT: Final = 16
"""Answers that are kept; each holds no more than a report does."""
_A_SECOND: Final = 0.5
_BURST: Final = 6
"""To foresee takes three evaluations of the whole cluster: whoever opens pages must not hold up scrapes by it."""


@dataclass(slots=True)
class Foresights:
    """Answers by what was asked, as long as the cluster is the same object. Safe to use from many threads."""

    limit: RateLimit = field(default_factory=lambda: RateLimit(1, _A_SECOND, _BURST))
    _kept: dict[object, tuple[object, Any]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def get(self, asked: object, cluster: object, seconds: float, foresee: Callable[[], Any]) -> Any | None:  # noqa: ANN401
        """The answer, None if too much is asked for at once. `seconds` is the monotonic time."""
        with self._lock:
            known = self._kept.get(asked)
        if known is not None and known[0] is cluster:
            return known[1]
        if not self.limit.take(seconds):
            return None
        try:
            answer = foresee()
        finally:
            self.limit.give_back()
        with self._lock:
            self._kept.pop(asked, None)
            self._kept[asked] = (cluster, answer)
            while len(self._kept) > _KEPT:
                self._kept.pop(next(iter(self._kept)))
        return answer
