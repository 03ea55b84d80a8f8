"""Decisions: who may see what, each worked out once however many requests wait for it, and remembered for a while."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from threading import Event, Lock
from typing import Final

from exporter.base.clock import Clock
from exporter.kube.errors import KubeError
from exporter.web.rate_limit import RateLimit

YES: Final = 60.0
"""Seconds for which an access that was granted is not asked for again: that long a revoked one lasts at most."""
NO: Final = 10.0
"""The same for one that was refused."""
_LIMIT: Final = 1024
"""Decisions of each kind that are remembered."""
_STRANGERS: Final = 16
"""Requests of strangers that may wait for decisions at once. With those of _ACQUAINTED they are fewer than are answered
at once, so that a slow API server does not keep those waiting whose decision is remembered."""
_ACQUAINTED: Final = 12
"""The same for those who were let in before: strangers cannot take their places."""
_QUESTIONS_A_SECOND: Final = 10.0
"""Questions about strangers in the long run: the most that a flood of invented tokens costs the API server."""
_BURST: Final = 20
"""Questions about strangers in a row, after a rest."""


class AccessOutcome(Enum):
    """What becomes of a request."""

    ALLOWED = "allowed"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"


@dataclass(frozen=True, slots=True)
class AccessDecision:
    """The outcome, and for whom."""

    outcome: AccessOutcome
    user: str = ""


class BusyError(Exception):
    """Too many wait for decisions already, or this one did not come in time."""


@dataclass(slots=True)
class _DecisionCache:
    """Decisions that are good for so many seconds; the oldest makes room."""

    seconds: float
    decisions: dict[Hashable, tuple[float, AccessDecision]] = field(default_factory=dict)

    def get(self, question: Hashable, now: float) -> AccessDecision | None:
        """The decision, if it is not too old."""
        kept = self.decisions.get(question)
        return kept[1] if kept and now - kept[0] < self.seconds else None

    def forget(self, question: Hashable) -> None:
        """It was decided otherwise since."""
        self.decisions.pop(question, None)

    def put(self, question: Hashable, decision: AccessDecision, now: float) -> None:
        """Remember it."""
        self.forget(question)
        if len(self.decisions) >= _LIMIT:
            del self.decisions[next(iter(self.decisions))]
        self.decisions[question] = (now, decision)


@dataclass(slots=True)
class _PendingDecision:
    """A decision that somebody is working out right now."""

    over: Event = field(default_factory=Event)
    decision: AccessDecision | None = None
    failure: KubeError | None = None


class Decisions:
    """Safe to use from many threads. A failure to decide is told to all who wait for it, and not remembered."""

    def __init__(self, clock: Clock, patience: float) -> None:
        """`patience` is how many seconds a request waits for what another one is asking."""
        self._clock = clock
        self._patience = patience
        # Apart, so that no number of strangers can push out those who are known.
        self._granted, self._refused = _DecisionCache(YES), _DecisionCache(NO)
        self._pending: dict[Hashable, _PendingDecision] = {}
        self._places = {False: RateLimit(_STRANGERS), True: RateLimit(_ACQUAINTED)}
        self._questions = RateLimit(_STRANGERS, _QUESTIONS_A_SECOND, _BURST)
        self._lock = Lock()

    def decide(
        self, question: Hashable, ask: Callable[[bool], AccessDecision], *, proved: bool = False
    ) -> AccessDecision:
        """The decision, remembered or fresh. Raises KubeError if `ask` does, and BusyError.

        `ask` is told whether the client is acquainted: it was let in before, or has `proved` who it is. Acquainted
        clients have places of their own, and questions about them are not limited, since they cannot be invented.
        """
        now = self._clock.monotonic()
        with self._lock:
            remembered = self._granted.get(question, now) or self._refused.get(question, now)
            acquainted = proved or question in self._granted.decisions
        if remembered is not None:
            return remembered
        places = self._places[acquainted]
        if not places.take(now):
            raise BusyError
        try:
            return self._fresh(question, partial(ask, acquainted), limited=not acquainted)
        finally:
            places.give_back()

    def _fresh(self, question: Hashable, ask: Callable[[], AccessDecision], *, limited: bool) -> AccessDecision:
        """Ask, or wait for another request that is asking the same."""
        with self._lock:
            asked_by_other = self._pending.get(question)
            if asked_by_other is None:
                if limited and not self._questions.take(self._clock.monotonic()):
                    raise BusyError
                pending = self._pending[question] = _PendingDecision()
        if asked_by_other is not None:
            return self._others(asked_by_other)
        try:
            return self._own(question, pending, ask)
        finally:
            if limited:
                self._questions.give_back()

    def _own(self, question: Hashable, pending: _PendingDecision, ask: Callable[[], AccessDecision]) -> AccessDecision:
        try:
            pending.decision = decision = ask()
        except KubeError as error:
            pending.failure = error
            raise
        finally:
            with self._lock:
                del self._pending[question]
                if pending.decision is not None:
                    self._remember(question, pending.decision)
            pending.over.set()
        return decision

    def _remember(self, question: Hashable, decision: AccessDecision) -> None:
        allowed = decision.outcome is AccessOutcome.ALLOWED
        kept, other = (self._granted, self._refused) if allowed else (self._refused, self._granted)
        other.forget(question)
        kept.put(question, decision, self._clock.monotonic())

    def _others(self, pending: _PendingDecision) -> AccessDecision:
        pending.over.wait(self._patience)
        if pending.failure is not None:
            raise pending.failure
        if pending.decision is None:
            raise BusyError
        return pending.decision
