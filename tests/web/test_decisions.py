"""Decisions while many ask: what a flood of invented tokens costs, and whom it keeps out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from threading import Event

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.web.decisions import NO, YES, AccessDecision, AccessOutcome, BusyError, Decisions
from exporter.web.guard import bearer_token
from exporter.web.rate_limit import RateLimit
from tests.metrics.scraping import HandClock

ALLOWED = AccessDecision(AccessOutcome.ALLOWED, "prometheus")
STRANGER = AccessDecision(AccessOutcome.UNAUTHENTICATED)


class Asked:
    """Decisions with a clock that is moved by hand, and what was asked."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.decisions = Decisions(self.clock, patience=30)
        self.acquainted: list[bool] = []

    def decide(self, question: str, decision: AccessDecision, *, proved: bool = False) -> AccessDecision:
        def ask(acquainted: bool) -> AccessDecision:
            self.acquainted.append(acquainted)
            return decision

        return self.decisions.decide(question, ask, proved=proved)

    def flood(self, count: int, start: int = 0) -> int:
        """How many of so many strangers were busied away."""
        busy = 0
        for number in range(start, start + count):
            try:
                self.decide(f"stranger-{number}", STRANGER)
            except BusyError:
                busy += 1
        return busy

    def pass_(self, seconds: float) -> None:
        self.clock.passed += timedelta(seconds=seconds)


def test_a_flood_of_invented_tokens_costs_ten_questions_a_second() -> None:
    asked = Asked()
    asked.flood(1000)
    assert len(asked.acquainted) == 20
    asked.pass_(1)
    asked.flood(1000, 1000)
    assert len(asked.acquainted) == 30
    asked.pass_(3600)
    asked.flood(1000, 2000)
    assert len(asked.acquainted) == 50
    assert not any(asked.acquainted)


def test_a_flood_keeps_nobody_out_who_was_let_in_before() -> None:
    asked = Asked()
    assert asked.decide("known", ALLOWED) is ALLOWED
    for round_ in range(5):
        asked.pass_(YES + 1)
        assert asked.flood(2000, 2000 * round_) > 1900
        assert asked.decide("known", ALLOWED) is ALLOWED
        assert asked.acquainted[-1]


def test_a_flood_keeps_nobody_out_who_has_proved_who_they_are() -> None:
    asked = Asked()
    asked.flood(1000)
    assert asked.decide("alice", ALLOWED, proved=True) is ALLOWED


def test_who_was_refused_since_is_a_stranger_again() -> None:
    asked = Asked()
    asked.decide("revoked", ALLOWED)
    asked.pass_(YES + 1)
    assert asked.decide("revoked", STRANGER) is STRANGER
    asked.pass_(NO + 1)
    asked.decide("revoked", STRANGER)
    assert asked.acquainted == [False, True, False]


@contextmanager
def strangers_waiting(asked: Asked, count: int) -> Iterator[Callable[[], None]]:
    """So many strangers whose questions are not answered until the end."""
    gate, begun = Event(), []

    def ask(_: bool) -> AccessDecision:
        begun.append(1)
        gate.wait(60)
        return STRANGER

    with ThreadPoolExecutor(count) as pool:
        for number in range(count):
            pool.submit(asked.decisions.decide, f"waiting-{number}", ask)
        while len(begun) < count:
            Event().wait(0.005)
        try:
            yield gate.set
        finally:
            gate.set()


def test_strangers_who_wait_take_no_place_of_others() -> None:
    asked = Asked()
    asked.decide("known", ALLOWED)
    asked.pass_(YES + 1)
    with strangers_waiting(asked, 16) as answer:
        with pytest.raises(BusyError):
            asked.decide("one more", STRANGER)
        assert asked.decide("known", ALLOWED) is ALLOWED
        assert asked.decide("by certificate", ALLOWED, proved=True) is ALLOWED
        answer()
    # All places are free again.
    asked.pass_(60)
    assert asked.decide("one more", STRANGER) is STRANGER


@pytest.mark.parametrize(
    ("header", "token"),
    [
        ("Bearer abc", "abc"),
        ("bEARER   a-._~+/9==", "a-._~+/9=="),
        ("", ""),
        ("Bearer", ""),
        ("Bearer ", ""),
        ("Bearer ==", ""),
        ("Bearer a=b", ""),
        ("Bearer a b", ""),
        ("Bearer a\t", ""),
        ("Bearer \xe9", ""),
        ("Basic abc", ""),
        ("Bearerabc", ""),
    ],
)
def test_a_bearer_token_is_what_rfc_6750_says(header: str, token: str) -> None:
    assert bearer_token(header) == token


@given(st.lists(st.floats(min_value=0, max_value=100), max_size=200))
def test_a_budget_is_never_exceeded(pauses: list[float]) -> None:
    budget, now, taken = RateLimit(1, a_second=2, burst=3), 0.0, 0
    for pause in pauses:
        now += pause
        if budget.take(now):
            assert not budget.take(now)
            budget.give_back()
            taken += 1
    assert taken <= 3 + 2 * now + 1e-6
