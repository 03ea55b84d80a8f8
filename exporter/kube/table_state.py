"""TableState: the state of one reflector's table, written to the sink and to the log once per change."""

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
    """The state of one reflector's table, and how long temporary conditions (404, 429) have lasted."""

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
        """Set a state without rows; the next attempt has to list."""
        self.listed = False
        self.set_state(state, detail)

    def note_failure(self, detail: str) -> None:
        """Record a failed request: STALE with rows, FAILED without."""
        self.set_state(State.STALE if self.listed else State.FAILED, detail)

    def note_crash(self, crash: Crash) -> None:
        """Record an unexpected exception. The traceback is logged only if it differs from the last one."""
        detail = f"unexpected error: {plain_line(crash.summary)}"
        if self._said is None or self._said[1] != detail:
            log.error("a watch crashed; it is tried again", extra={**self._where, "traceback": crash.trace})
        self.note_failure(detail)

    def tolerate_missing(self, detail: str) -> bool:
        """Record a 404 as STALE if the resource may still exist: missing for less than `Timing.doubt` seconds.

        An API server that has just started does not know all CRDs yet and answers 404.
        """
        now = self._clock.monotonic()
        self._missing_since = now if self._missing_since is None else self._missing_since
        if not self.listed or now - self._missing_since >= self._timing.doubt:
            return False
        self.set_state(State.STALE, detail)
        return True

    def tolerate_throttling(self) -> bool:
        """Whether a 429 for the first list is not a failure yet: a CRD that was just created is answered like that."""
        if self._said is not None and self._said[0] is not State.PENDING:
            return False
        now = self._clock.monotonic()
        self._throttled_since = now if self._throttled_since is None else self._throttled_since
        return now - self._throttled_since < self._timing.throttled

    def set_state(self, state: State, detail: str = "") -> None:
        """Write a state to the sink and the log if it differs from the last one."""
        if self._said == (state, detail):
            return
        self._said = (state, detail)
        self._sink.state(state, detail)
        level = logging.INFO if state in (State.LIVE, State.NOT_SERVED) else logging.WARNING
        log.log(level, "watch state changed", extra={**self._where, "state": str(state), "detail": detail})
