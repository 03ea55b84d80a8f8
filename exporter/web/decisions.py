"""Decisions: who may see what, each worked out once however many requests wait for it, and remembered for a while."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from enum import Enum
from threading import Event, Lock
from typing import Final

from exporter.base.clock import Clock
from exporter.kube.errors import KubeError

YES: Final = 60.0
"""Seconds for which an access that was granted is not asked for again: that long a revoked one lasts at most."""
NO: Final = 10.0
"""The same for one that was refused."""
_LIMIT: Final = 1024
"""Decisions of each kind that are remembered."""
_WAITING: Final = 16
"""Requests that may wait for decisions at once: fewer than are answered at once, so that a slow API server does not
keep those waiting whose decision is known."""


class Outcome(Enum):
    """What becomes of a request."""

    ALLOWED = "allowed"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome, and for whom."""

    outcome: Outcome
    user: str = ""


class BusyError(Exception):
    """Too many wait for decisions already, or this one did not come in time."""


@dataclass(slots=True)
class _Kept:
    """Decisions that are good for so many seconds; the oldest makes room."""

    seconds: float
    decisions: dict[Hashable, tuple[float, Decision]] = field(default_factory=dict)

    def get(self, question: Hashable, now: float) -> Decision | None:
        """The decision, if it is not too old."""
        kept = self.decisions.get(question)
        return kept[1] if kept and now - kept[0] < self.seconds else None

    def put(self, question: Hashable, decision: Decision, now: float) -> None:
        """Remember it."""
        self.decisions.pop(question, None)
        if len(self.decisions) >= _LIMIT:
            del self.decisions[next(iter(self.decisions))]
        self.decisions[question] = (now, decision)


@dataclass(slots=True)
class _Pending:
    """A decision that somebody is working out right now."""

    over: Event = field(default_factory=Event)
    decision: Decision | None = None
    failure: KubeError | None = None


class Decisions:
    """Safe to use from many threads. A failure to decide is told to all who wait for it, and not remembered."""

    def __init__(self, clock: Clock, patience: float) -> None:
        """`patience` is how many seconds a request waits for what another one is asking."""
        self._clock = clock
        self._patience = patience
        # Apart, so that no number of strangers can push out those who are known.
        self._granted, self._refused = _Kept(YES), _Kept(NO)
        self._pending: dict[Hashable, _Pending] = {}
        self._waiting = 0
        self._lock = Lock()

    def decide(self, question: Hashable, ask: Callable[[], Decision]) -> Decision:
        """The decision, remembered or fresh. Raises KubeError if `ask` does, and BusyError."""
        with self._lock:
            known = self._remembered(question)
            if known is not None:
                return known
            if self._waiting >= _WAITING:
                raise BusyError
            self._waiting += 1
            asked_by_other = self._pending.get(question)
            pending = self._pending.setdefault(question, _Pending())
        try:
            return self._others(pending) if asked_by_other else self._own(question, pending, ask)
        finally:
            with self._lock:
                self._waiting -= 1

    def _remembered(self, question: Hashable) -> Decision | None:
        now = self._clock.monotonic()
        return self._granted.get(question, now) or self._refused.get(question, now)

    def _own(self, question: Hashable, pending: _Pending, ask: Callable[[], Decision]) -> Decision:
        try:
            pending.decision = decision = ask()
        except KubeError as error:
            pending.failure = error
            raise
        finally:
            with self._lock:
                del self._pending[question]
                if pending.decision is not None:
                    kept = self._granted if pending.decision.outcome is Outcome.ALLOWED else self._refused
                    kept.put(question, pending.decision, self._clock.monotonic())
            pending.over.set()
        return decision

    def _others(self, pending: _Pending) -> Decision:
        pending.over.wait(self._patience)
        if pending.failure is not None:
            raise pending.failure
        if pending.decision is None:
            raise BusyError
        return pending.decision
