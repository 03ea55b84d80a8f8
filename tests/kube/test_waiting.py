"""Waits grow, are jittered and bounded; errors say what to do and never what is secret."""

from __future__ import annotations

import json
from random import Random

import pytest

from exporter.kube.backoff import Backoff
from exporter.kube.errors import (
    ForbiddenError,
    GoneError,
    InvalidError,
    NotFoundError,
    StatusError,
    ThrottledError,
    UnauthorizedError,
    UnavailableError,
    status_error,
)


def test_waits_grow_from_one_second_to_a_minute_and_stay_there() -> None:
    backoff = Backoff(Random(1))
    waits = [backoff.next() for _ in range(12)]
    assert 1 <= waits[0] <= 2
    assert waits[:5] == sorted(waits[:5])
    assert all(30 <= wait <= 60 for wait in waits[6:])


@pytest.mark.parametrize(("seconds", "starts_over"), [(29.9, False), (30.0, True)])
def test_only_a_watch_that_lived_half_a_minute_resets_the_waits(seconds: float, *, starts_over: bool) -> None:
    backoff = Backoff(Random(1))
    for _ in range(8):
        backoff.next()
    backoff.note_lifetime(seconds)
    assert (backoff.next() <= 2) is starts_over


def test_a_server_that_names_a_wait_gets_it_but_not_from_all_at_once() -> None:
    waits = {Backoff(Random(seed)).next(17) for seed in range(20)}
    assert all(17 <= wait <= 18 for wait in waits)
    assert len(waits) == 20


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        *((400, InvalidError), (401, UnauthorizedError), (403, ForbiddenError), (404, NotFoundError), (410, GoneError)),
        *((422, InvalidError), (429, ThrottledError), (500, UnavailableError), (503, UnavailableError)),
        *((302, UnavailableError), (418, UnavailableError)),
    ],
)
def test_every_status_has_its_error(code: int, kind: type[StatusError]) -> None:
    error = status_error(code, "/apis", b"")
    assert type(error) is kind
    assert str(error).startswith(f"{code} for /apis")


def test_the_servers_own_words_are_told_on_one_line() -> None:
    error = status_error(403, "/apis/x", json.dumps({"message": "no\x1b[31m\nlist for you"}).encode())
    assert str(error) == "403 for /apis/x: no [31m list for you; grant this account list and watch on it"


@pytest.mark.parametrize(
    ("header", "body", "seconds"),
    [
        ("17", {}, 17.0),
        (None, {"details": {"retryAfterSeconds": 3}}, 3.0),
        ("5", {"details": {"retryAfterSeconds": 3}}, 5.0),
        ("86400", {}, 300.0),
        ("Wed, 21 Oct 2026 07:28:00 GMT", {}, None),
        (None, {"details": {"retryAfterSeconds": -1}}, None),
        (None, {"details": "nonsense"}, None),
        (None, ["nonsense"], None),
    ],
)
def test_the_wait_that_is_asked_for(header: str | None, body: object, seconds: float | None) -> None:
    assert status_error(429, "/", json.dumps(body).encode(), header).retry_after == seconds


def test_a_version_that_is_newer_than_the_servers_is_gone_too() -> None:
    body = {"message": "Too large resource version: 900, current: 12", "details": {"retryAfterSeconds": 1}}
    assert isinstance(status_error(504, "/", json.dumps(body).encode()), GoneError)
