"""How old what is believed can be: silence is noticed, and what an etcd has lost shows in the next list."""

from __future__ import annotations

import socket
import threading
from typing import Any

from exporter.kube.backoff import Timing
from exporter.kube.client import Client
from exporter.kube.connection import Connection
from exporter.kube.contract import State
from tests.kube.fake import (
    REFUSED,
    FakeApi,
    Request,
    Waits,
    bookmark,
    end_watch,
    event,
    listing,
    obj,
    reflecting,
    status,
    watching,
)

QUICK = Timing(silent=0.2)
"""A watch may last for minutes, but not be silent for a fifth of a second."""


def test_where_bookmarks_come_silence_is_noticed_long_before_the_watch_should_end(api: FakeApi, clock: Waits) -> None:
    api.watches = [
        watching(event("ADDED", obj("a")), bookmark(5, end=True), bookmark(6)),
        watching(event("ADDED", obj("b", 7))),
    ]
    with reflecting(api, clock, timing=QUICK) as (seen, _):
        seen.until(lambda s: s.names == ["a", "b"] and s.states[-1] is State.LIVE)
        assert seen.states == [State.LIVE, State.STALE, State.LIVE]
        assert "fell silent" in seen.details[1]
        assert seen.replaced == 1
    assert api.requests[1]["resourceVersion"] == "6"


def test_the_first_bookmark_of_a_plain_watch_shortens_the_patience_too(api: FakeApi, clock: Waits) -> None:
    api.watches = [REFUSED, watching(bookmark(6)), watching(event("ADDED", obj("b", 7)))]
    api.lists = [listing(obj("a"), version=5)]
    with reflecting(api, clock, timing=QUICK) as (seen, _):
        seen.until(lambda s: s.names == ["a", "b"] and s.states[-1] is State.LIVE)
        assert State.STALE in seen.states


def test_a_server_without_bookmarks_may_be_silent_for_as_long_as_the_watch_lasts(api: FakeApi, clock: Waits) -> None:
    go = threading.Event()

    def later(request: Request) -> None:
        assert go.wait(10)
        request.chunk(event("ADDED", obj("b", 6)))
        request.hold()

    api.watches = [REFUSED, watching(then=later)]
    api.lists = [listing(obj("a"), version=5)]
    with reflecting(api, clock, timing=QUICK) as (seen, reflector):
        seen.until(lambda s: s.names == ["a"] and reflector.stats.watches == 1)
        go.wait(1.0)
        go.set()
        seen.until(lambda s: s.names == ["a", "b"])
        assert seen.states == [State.LIVE]
    assert len(api.requests) == 3


def test_a_server_that_is_always_silent_is_asked_for_a_new_list(api: FakeApi, clock: Waits) -> None:
    """An etcd that was set back and is not as far as we are yet has nothing to say to us."""
    silent = watching()
    api.watches = [
        watching(event("ADDED", obj("gone")), bookmark(5, end=True)),
        silent,
        silent,
        watching(event("ADDED", obj("b")), bookmark(3, end=True)),
    ]
    with reflecting(api, clock, timing=QUICK) as (seen, _):
        seen.until(lambda s: s.names == ["b"])
        assert seen.replaced == 2


def test_an_etcd_that_was_restored_and_written_to_since_shows_in_the_next_list(api: FakeApi, clock: Waits) -> None:
    """Its versions are beyond ours when the next watch begins: no event and no error tells that `gone` was lost."""
    api.watches = [
        watching(event("ADDED", obj("gone")), bookmark(5, end=True), then=end_watch),
        watching(event("MODIFIED", obj("a", 9)), then=end_watch),
        watching(event("ADDED", obj("a", 9)), bookmark(9, end=True)),
    ]
    with reflecting(api, clock, timing=Timing(relist=0.0, relist_object=2.0)) as (seen, reflector):
        seen.until(lambda s: s.names == ["a"])
        assert seen.states == [State.LIVE]
        assert reflector.stats.lists == 2


def test_a_list_is_not_proved_again_before_its_time(api: FakeApi, clock: Waits) -> None:
    api.watches = [
        watching(event("ADDED", obj("a")), bookmark(5, end=True), then=end_watch),
        *[watching(bookmark(n), then=end_watch) for n in range(6, 9)],
        watching(event("ADDED", obj("b", 9))),
    ]
    with reflecting(api, clock) as (seen, reflector):
        seen.until(lambda s: s.names == ["a", "b"])
        assert reflector.stats.lists == 1


def test_a_list_that_cannot_be_had_again_costs_no_row(api: FakeApi, clock: Waits) -> None:
    api.watches = [
        watching(event("ADDED", obj("a")), bookmark(5, end=True), then=end_watch),
        status(503),
        watching(event("ADDED", obj("a")), event("ADDED", obj("b")), bookmark(9, end=True)),
    ]
    with reflecting(api, clock, timing=Timing(relist=0.0, relist_object=0.0)) as (seen, _):
        seen.until(lambda s: s.names == ["a"])
        seen.until(lambda s: s.names == ["a", "b"])
        assert State.FAILED not in seen.states


def test_the_system_asks_the_other_side_of_a_connection_whether_it_is_there(api: FakeApi) -> None:
    client = Client(Connection(api.url))
    api.watches = [watching()]
    with client.stream("/apis/x", {"watch": "true"}) as stream:
        line: Any = stream._connection
        assert line.line.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        assert line.line.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    client.close()
