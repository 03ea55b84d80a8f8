"""A server that is not ready for the first list, and one whose etcd was restored from a backup."""

from __future__ import annotations

import threading

import pytest

from exporter.kube.backoff import Timing
from exporter.kube.contract import State
from tests.kube.fake import FakeApi, Request, Waits, bookmark, end_watch, event, obj, reflecting, status, watching

LISTED = bookmark(5, end=True)


def test_a_server_that_asks_to_wait_for_the_first_list_has_not_failed(api: FakeApi, clock: Waits) -> None:
    api.watches = [*[status(429, "storage is (re)initializing")] * 3, watching(event("ADDED", obj("a")), LISTED)]
    with reflecting(api, clock) as (seen, _):
        seen.until(lambda s: s.names == ["a"])
        assert seen.states == [State.PENDING, State.LIVE]
        assert "storage is (re)initializing" in seen.details[0]


def test_a_server_that_asks_to_wait_for_ever_has_failed(api: FakeApi, clock: Waits) -> None:
    api.watches = [*[status(429, "storage is (re)initializing")] * 12, watching(event("ADDED", obj("a")), LISTED)]
    with reflecting(api, clock) as (seen, _):
        seen.until(lambda s: s.names == ["a"])
        assert seen.states == [State.PENDING, State.FAILED, State.LIVE]


def test_who_has_more_patience_waits_longer(api: FakeApi, clock: Waits) -> None:
    api.watches = [*[status(429, "storage is (re)initializing")] * 12, watching(event("ADDED", obj("a")), LISTED)]
    with reflecting(api, clock, timing=Timing(throttled=3600.0)) as (seen, _):
        seen.until(lambda s: s.names == ["a"])
        assert seen.states == [State.PENDING, State.LIVE]


@pytest.mark.parametrize(
    "behind",
    [event("MODIFIED", obj("a", 3)), event("ADDED", obj("c", 4)), bookmark(4)],
    ids=["change", "new", "bookmark"],
)
def test_a_watch_that_goes_backwards_is_an_etcd_that_was_restored(api: FakeApi, clock: Waits, behind: bytes) -> None:
    api.watches = [
        watching(event("ADDED", obj("a")), event("ADDED", obj("gone")), bookmark(5, end=True), behind),
        watching(event("ADDED", obj("b")), bookmark(4, end=True)),
    ]
    with reflecting(api, clock) as (seen, reflector):
        seen.until(lambda s: s.names == ["b"])
        assert reflector.stats.lists == 2
        assert set(seen.states) == {State.LIVE}


def test_an_object_that_is_deleted_may_carry_the_version_that_it_had(api: FakeApi, clock: Waits) -> None:
    api.watches = [
        watching(event("ADDED", obj("a", 2)), bookmark(5, end=True), event("DELETED", obj("a", 2)), bookmark(6))
    ]
    with reflecting(api, clock) as (seen, reflector):
        seen.until(lambda s: s.names == [] and s.states == [State.LIVE])
        assert reflector.stats.lists == 1


def test_a_watch_without_a_word_is_an_etcd_that_was_restored_and_is_not_as_far_yet(api: FakeApi, clock: Waits) -> None:
    passed = threading.Event()

    def silent(request: Request) -> None:
        request.begin()
        assert passed.wait(10)
        end_watch(request)

    api.watches = [
        watching(event("ADDED", obj("gone")), LISTED, then=end_watch),
        silent,
        watching(event("ADDED", obj("b")), bookmark(3, end=True)),
    ]
    with reflecting(api, clock) as (seen, reflector):
        seen.until(lambda _: reflector.stats.watches == 2)
        clock.ahead += 280
        passed.set()
        seen.until(lambda s: s.names == ["b"])
        assert reflector.stats.lists == 2
        assert set(seen.states) == {State.LIVE}
