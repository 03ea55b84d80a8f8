"""Standing: what is known about one resource, told to the sink and to the log once per change."""

from __future__ import annotations

import logging
from typing import Generic, TypeVar

from exporter.base.clock import Clock
from exporter.base.isolate import Crash
from exporter.kube.backoff import Timing
from exporter.kube.contract import Sink, State
from exporter.kube.discovery import Target
from exporter.kube.errors import plain_line

T = TypeVar("T")
log = logging.getLogger(__name__)


class TableState(Generic[T]):
    """The state of one reflector's table, and how long what may pass has lasted."""

    def __init__(self, target: Target, sink: Sink[T], clock: Clock, timing: Timing) -> None:
        self.listed = False
        """The table holds a complete list."""
        self._sink = sink
        self._clock = clock
        self._timing = timing
        self._where = {"resource": target.plural, "namespace": target.namespace or ""}
        self._said: tuple[State, str] | None = None
        self._missing_since: float | None = None
        self._throttled_since: float | None = None

    def live(self) -> None:
        """The server has begun a watch."""
        self._missing_since = None
        self.set_state(State.LIVE)

    def settle(self, state: State, detail: str) -> None:
        """A state without rows: what comes back later must be listed anew."""
        self.listed = False
        self.set_state(state, detail)

    def note_failure(self, detail: str) -> None:
        """What the server was asked for it did not give; rows that are there stay."""
        self.set_state(State.STALE if self.listed else State.FAILED, detail)

    def note_crash(self, crash: Crash) -> None:
        """Something unexpected was raised. Its traceback is logged once as long as it stays the same."""
        detail = f"unexpected error: {plain_line(crash.summary)}"
        if self._said is None or self._said[1] != detail:
            log.error("a watch crashed; it is tried again", extra={**self._where, "traceback": crash.trace})
        self.note_failure(detail)

    def tolerate_missing(self, detail: str) -> bool:
        """The server says that it does not serve the resource; True as long as that is not believed.

        An API server that has just started does not know all CRDs yet and says 404: what was there a moment ago is
        believed to be gone only when that lasts.
        """
        now = self._clock.monotonic()
        self._missing_since = now if self._missing_since is None else self._missing_since
        if not self.listed or now - self._missing_since >= self._timing.doubt:
            return False
        self.set_state(State.STALE, detail)
        return True

    def tolerate_throttling(self) -> bool:
        """The server is not ready for the first list, as when a CRD has just been made: that is no failure at once."""
        if self._said is not None and self._said[0] is not State.PENDING:
            return False
        now = self._clock.monotonic()
        self._throttled_since = now if self._throttled_since is None else self._throttled_since
        return now - self._throttled_since < self._timing.throttled

    def set_state(self, state: State, detail: str = "") -> None:
        """Tell the sink and the log, unless they know."""
        if self._said == (state, detail):
            return
        self._said = (state, detail)
        self._sink.state(state, detail)
        level = logging.INFO if state in (State.LIVE, State.NOT_SERVED) else logging.WARNING
        log.log(level, "watch state changed", extra={**self._where, "state": str(state), "detail": detail})
