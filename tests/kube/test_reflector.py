"""A reflector keeps its rows like the server's, whatever happens on the way."""

from __future__ import annotations

import json
import random
import threading
import time

import pytest

from exporter.kube.backoff import Timing
from exporter.kube.contract import State
from tests.kube.fake import (
    REFUSED,
    FakeApi,
    Request,
    Waits,
    bookmark,
    end_watch,
    erring,
    event,
    listing,
    obj,
    reflecting,
    status,
    watching,
)


def test_a_watch_list_is_the_first_list_and_goes_on_as_the_watch(api: FakeApi, clock: Waits) -> None:
    api.watches = [
        watching(event("ADDED", obj("a")), event("ADDED", obj("b")), bookmark(5, end=True), event("ADDED", obj("c", 6)))
    ]
    with reflecting(api, clock) as (seen, reflector):
        seen.until(lambda s: s.names == ["a", "b", "c"])
        seen.until(lambda s: s.states == [State.LIVE])
        assert reflector.stats.lists == 1
    assert [r["sendInitialEvents"] for r in api.requests] == ["true"]


def test_rows_appear_only_when_the_list_is_complete(api: FakeApi, clock: Waits) -> None:
    more = threading.Event()

    def rest(request: Request) -> None:
        more.wait(10)
        request.chunk(bookmark(5, end=True))
        request.hold()

    api.watches = [watching(event("ADDED", obj("a")), event("ADDED", obj("b")), then=rest)]
    with reflecting(api, clock) as (seen, reflector):
        while reflector.stats.listing < 2:
            time.sleep(0.001)
        assert seen.rows == {}
        more.set()
        seen.until(lambda s: s.names == ["a", "b"])


def test_an_object_deleted_while_the_list_is_streamed_is_not_there(api: FakeApi, clock: Waits) -> None:
    api.watches = [
        watching(event("ADDED", obj("a")), event("ADDED", obj("b")), event("DELETED", obj("a")), bookmark(5, end=True))
    ]
    with reflecting(api, clock) as (seen, _):
        seen.until(lambda s: s.names == ["b"])


@pytest.mark.parametrize(
    "refusal",
    [REFUSED, status(400), watching(erring(500)), watching(bookmark(7), then=end_watch)],
    ids=["by-422", "by-400", "inside-the-stream", "by-ignoring-it"],
)
def test_a_server_without_watch_list_is_listed_whole(api: FakeApi, clock: Waits, refusal: object) -> None:
    api.watches = [refusal, watching(event("MODIFIED", obj("b", 9)))]  # type: ignore[list-item]
    api.lists = [listing(obj("a"), version=8)]
    with reflecting(api, clock) as (seen, _):
        seen.until(lambda s: s.names == ["a", "b"])
    assert api.requests[1] == {"resourceVersion": "0"}
    assert api.requests[2]["resourceVersion"] == "8"


@pytest.mark.parametrize(
    "broken",
    [
        lambda r: r.raw(200, b'{"apiVersion":"v1","items":[{"metadata":{"name":"a"}},{"meta'),
        lambda r: r.raw(200, b"<html>welcome</html>"),
        lambda r: r.raw(200, b'{"kind":"X","metadata":{}}'),
        listing(obj("a"), token="more"),
    ],
    ids=["truncated", "not-json", "no-version", "paged-against-our-will"],
)
def test_a_list_that_cannot_be_cut_is_read_in_pages(api: FakeApi, clock: Waits, broken: object) -> None:
    pages = [listing(obj("a"), token="t1"), listing(token="t2"), listing(obj("b"), version=4)]
    api.watches = [REFUSED, watching()]
    api.lists = [broken, *pages]  # type: ignore[list-item]
    with reflecting(api, clock) as (seen, _):
        seen.until(lambda s: s.names == ["a", "b"])
        assert seen.states[0] is State.FAILED
    asked = [(r.get("limit"), r.get("continue")) for r in api.requests if "watch" not in r][1:]
    assert asked == [("500", None), ("500", "t1"), ("500", "t2")]


def test_a_continue_token_that_expires_starts_the_list_again(api: FakeApi, clock: Waits) -> None:
    api.watches = [REFUSED, watching()]
    api.lists = [status(400), listing(obj("a"), token="t"), status(410), listing(obj("b"), version=4)]
    with reflecting(api, clock) as (seen, _):
        seen.until(lambda s: s.names == ["b"])
        assert seen.replaced == 1


def test_a_built_in_kind_lists_its_metadata_first(api: FakeApi, clock: Waits) -> None:
    body = {"kind": "L", "apiVersion": "v1", "metadata": {"resourceVersion": "3"}, "items": [obj("a"), obj("b")]}
    api.watches = [REFUSED, watching()]
    api.lists = [lambda r: r.raw(200, json.dumps(body, separators=(",", ":")).encode())]
    with reflecting(api, clock) as (seen, _):
        seen.until(lambda s: s.names == ["a", "b"])


def test_a_watch_that_ends_is_resumed_without_a_list(api: FakeApi, clock: Waits) -> None:
    api.watches = [
        watching(event("ADDED", obj("a")), bookmark(5, end=True), then=end_watch),
        watching(event("DELETED", obj("a", 7)), event("ADDED", obj("b", 8))),
    ]
    with reflecting(api, clock) as (seen, _):
        seen.until(lambda s: s.names == ["b"])
        assert seen.replaced == 1
    assert api.requests[1]["resourceVersion"] == "5"


def test_a_bookmark_moves_the_version_from_which_a_watch_is_resumed(api: FakeApi, clock: Waits) -> None:
    api.watches = [
        watching(bookmark(5, end=True), bookmark(90), then=end_watch),
        watching(event("ADDED", obj("a", 91))),
    ]
    with reflecting(api, clock) as (seen, _):
        seen.until(lambda s: s.names == ["a"])
    assert api.requests[1]["resourceVersion"] == "90"


@pytest.mark.parametrize("gone", [status(410), watching(erring(410))], ids=["by-status", "in-the-stream"])
def test_a_version_that_is_gone_is_listed_anew_and_the_old_rows_stay_meanwhile(
    api: FakeApi, clock: Waits, gone: object
) -> None:
    asked, go = threading.Event(), threading.Event()

    def relist(request: Request) -> None:
        asked.set()
        go.wait(10)
        watching(event("ADDED", obj("b", 20)), bookmark(20, end=True))(request)

    api.watches = [watching(event("ADDED", obj("a")), bookmark(5, end=True), then=end_watch), gone, relist]  # type: ignore[list-item]
    with reflecting(api, clock) as (seen, _):
        assert asked.wait(10)
        assert seen.names == ["a"]
        go.set()
        seen.until(lambda s: s.names == ["b"])


def test_a_version_that_goes_backwards_is_just_another_version(api: FakeApi, clock: Waits) -> None:
    api.watches = [
        watching(event("ADDED", obj("a", 900)), bookmark(900, end=True), then=end_watch),
        status(410),
        watching(event("ADDED", obj("b", 3)), bookmark(3, end=True), then=end_watch),
        watching(event("ADDED", obj("c", 4))),
    ]
    with reflecting(api, clock) as (seen, _):
        seen.until(lambda s: s.names == ["b", "c"])
    assert api.requests[-1]["resourceVersion"] == "3"


@pytest.mark.parametrize("code", [500, 502, 503, 504, 401])
def test_an_unavailable_server_means_stale_not_empty(api: FakeApi, clock: Waits, code: int) -> None:
    api.watches = [
        watching(event("ADDED", obj("a")), bookmark(5, end=True), then=end_watch),
        *([status(code)] * 3),
        watching(event("ADDED", obj("b", 6))),
    ]
    with reflecting(api, clock) as (seen, _):
        seen.until(lambda s: s.names == ["a", "b"])
        seen.until(lambda s: s.states == [State.LIVE, State.STALE, State.LIVE])


def test_a_server_that_is_down_at_the_start_is_a_failure_with_a_reason(api: FakeApi, clock: Waits) -> None:
    api.watches = [status(503, "etcd is away"), watching(bookmark(5, end=True))]
    with reflecting(api, clock) as (seen, _):
        seen.until(lambda s: s.states[-1:] == [State.LIVE])
        seen.until(lambda s: s.states == [State.FAILED, State.LIVE])
        assert "etcd is away" in seen.details[0]


def test_discovery_that_is_unavailable_is_not_taken_for_not_served(api: FakeApi, clock: Waits) -> None:
    api.discovery = [status(503)]
    api.watches = [watching(event("ADDED", obj("a")), bookmark(5, end=True))]
    with reflecting(api, clock) as (seen, _):
        seen.until(lambda s: s.names == ["a"])
        seen.until(lambda s: s.states == [State.FAILED, State.LIVE])


def test_forbidden_is_a_state_that_is_tried_again_slowly(api: FakeApi, clock: Waits) -> None:
    api.watches = [status(403, "cannot list"), status(403), watching(event("ADDED", obj("a")), bookmark(5, end=True))]
    with reflecting(api, clock) as (seen, _):
        seen.until(lambda s: s.names == ["a"])
        seen.until(lambda s: s.states == [State.FORBIDDEN, State.LIVE])
    assert all(30 <= seconds <= 60 for seconds in clock.slept[:2])


def test_a_right_that_is_taken_away_drops_the_rows(api: FakeApi, clock: Waits) -> None:
    clock.limit = 2
    api.watches = [watching(event("ADDED", obj("a")), bookmark(5, end=True), then=end_watch), status(403)]
    with reflecting(api, clock) as (seen, _):
        seen.until(lambda s: s.states == [State.LIVE, State.FORBIDDEN])
        assert seen.rows == {}


def test_a_resource_appears_and_disappears_while_we_run(api: FakeApi, clock: Waits) -> None:
    api.served = False

    def removed(request: Request) -> None:
        api.served = False
        end_watch(request)

    api.watches = [
        watching(event("ADDED", obj("a")), bookmark(5, end=True), then=removed),
        watching(bookmark(9, end=True)),
    ]
    with reflecting(api, clock) as (seen, _):
        seen.until(lambda s: s.states == [State.NOT_SERVED])
        api.served = True
        seen.until(lambda s: s.names == ["a"] or len(s.states) > 2)
        seen.until(lambda s: s.states == [State.NOT_SERVED, State.LIVE, State.STALE, State.NOT_SERVED])
        assert seen.rows == {}
        api.served = True
        seen.until(lambda s: s.states[-1] is State.LIVE)


def test_a_server_that_has_just_started_and_does_not_know_its_crds_yet_costs_no_row(api: FakeApi, clock: Waits) -> None:
    def restarted(request: Request) -> None:
        api.discovery = [status(404), status(404)]
        end_watch(request)

    api.watches = [
        watching(event("ADDED", obj("a")), bookmark(5, end=True), then=restarted),
        watching(event("ADDED", obj("b", 6))),
    ]
    with reflecting(api, clock) as (seen, _):
        seen.until(lambda s: s.names == ["a", "b"])
        assert seen.states == [State.LIVE, State.STALE, State.LIVE]
        assert seen.replaced == 1


def test_throttling_is_obeyed(api: FakeApi, clock: Waits) -> None:
    api.watches = [status(429, "slow down", Retry_After="17"), watching(bookmark(5, end=True))]
    with reflecting(api, clock) as (seen, _):
        seen.until(lambda s: s.states[-1:] == [State.LIVE])
    assert clock.slept[0] >= 17


def test_a_refused_token_is_renewed_once_and_works(api: FakeApi, clock: Waits) -> None:
    def watch(request: Request) -> None:
        if request.headers["Authorization"] != "Bearer new":
            status(401)(request)
        else:
            watching(event("ADDED", obj("a")), bookmark(5, end=True))(request)

    api.watches = [watch]
    with reflecting(api, clock, token=lambda fresh: "Bearer new" if fresh else "Bearer old") as (seen, _):
        seen.until(lambda s: s.names == ["a"])
        seen.until(lambda s: s.states == [State.LIVE])
    assert api.tokens == ["Bearer old", "Bearer new"]


@pytest.mark.parametrize(
    "fault",
    [
        Request.cut,
        lambda r: (r.wfile.write(b'40\r\n{"type":"ADDED","obj'), r.cut()),
        lambda r: r.chunk(b"this is no event\n"),
        lambda r: r.chunk(b'{"type":"SURPRISE","object":{}}\n'),
        lambda r: r.chunk(erring(500)),
    ],
    ids=["reset", "reset-inside-a-line", "not-json", "unknown-type", "error-event"],
)
def test_a_watch_that_breaks_is_resumed_where_it_broke(api: FakeApi, clock: Waits, fault: object) -> None:
    api.watches = [
        watching(event("ADDED", obj("a")), bookmark(5, end=True), then=fault),  # type: ignore[arg-type]
        watching(event("ADDED", obj("b", 6))),
    ]
    with reflecting(api, clock) as (seen, _):
        seen.until(lambda s: s.names == ["a", "b"])
        assert seen.replaced == 1
    assert api.requests[1]["resourceVersion"] == "5"


def test_a_half_open_connection_is_noticed_by_its_silence(api: FakeApi, clock: Waits) -> None:
    api.watches = [
        watching(event("ADDED", obj("a")), bookmark(5, end=True)),
        watching(),
        watching(event("ADDED", obj("b", 6))),
    ]
    with reflecting(api, clock, timing=Timing(watch=(0, 0), slack=0.1)) as (seen, _):
        seen.until(lambda s: s.names == ["a", "b"])


def test_an_object_that_cannot_be_decoded_costs_only_itself(api: FakeApi, clock: Waits) -> None:
    bad = obj("bad")
    bad["spec"] = {"source": ["not", "an", "object"]}
    api.watches = [
        watching(event("ADDED", obj("a")), event("ADDED", bad), bookmark(5, end=True), event("MODIFIED", obj("b", 6)))
    ]
    with reflecting(api, clock) as (seen, _):
        seen.until(lambda s: s.names == ["a", "b"])
        (rejected,) = seen.rejected.values()
        assert (rejected.key.name, rejected.field) == ("bad", "spec.source")


def test_an_event_with_unusual_spacing_and_order_is_understood(api: FakeApi, clock: Waits) -> None:
    odd = json.dumps({"object": obj("odd", 7), "type": "ADDED"}, indent=None).encode() + b"\n"
    api.watches = [watching(bookmark(5, end=True), odd)]
    with reflecting(api, clock) as (seen, _):
        seen.until(lambda s: s.names == ["odd"])


def test_a_broken_server_is_never_asked_twice_a_second(api: FakeApi, clock: Waits) -> None:
    clock.limit = 12
    api.watches = [status(500)]
    with reflecting(api, clock) as (seen, _):
        seen.until(lambda s: len(clock.slept) >= 12 or s.states == [])
        while len(clock.slept) < 12:
            time.sleep(0.001)
    assert all(seconds >= 1 for seconds in clock.slept[:11] if seconds)
    assert max(clock.slept) <= 90


def test_a_watch_that_dies_at_once_is_not_asked_twice_a_second_either(api: FakeApi, clock: Waits) -> None:
    api.watches = [
        watching(bookmark(5, end=True), then=end_watch),
        *([watching(then=end_watch)] * 4),
        watching(event("ADDED", obj("a", 9))),
    ]
    with reflecting(api, clock) as (seen, _):
        seen.until(lambda s: s.names == ["a"])
    assert len(clock.slept) == 5
    assert clock.slept == sorted(clock.slept)
    assert min(clock.slept) >= 1


def test_stop_ends_a_list_that_never_ends(api: FakeApi, clock: Waits) -> None:
    api.watches = [watching(event("ADDED", obj("a")))]
    with reflecting(api, clock) as (seen, reflector):
        while not reflector.stats.listing:
            time.sleep(0.001)
        assert seen.rows == {}


@pytest.mark.parametrize("seed", range(6))
def test_after_any_sequence_of_changes_and_faults_the_rows_equal_a_fresh_list(  # noqa: C901
    api: FakeApi, clock: Waits, seed: int
) -> None:
    dice = random.Random(seed)
    clock.limit = 10_000
    there: dict[str, int] = {}
    version = 10

    def change() -> list[bytes]:
        nonlocal version
        lines = []
        for _ in range(dice.randint(0, 5)):
            version += 1
            name = dice.choice("abcdefgh")
            if name in there and dice.random() < 0.4:
                del there[name]
                lines.append(event("DELETED", obj(name, version)))
            else:
                lines.append(event("MODIFIED" if name in there else "ADDED", obj(name, version)))
                there[name] = version
        return lines

    def fresh(request: Request) -> None:
        items = [event("ADDED", obj(n, v)) for n, v in there.items()]
        watching(*items, bookmark(version, end=True), then=end_watch)(request)

    left = 40

    def watch(request: Request) -> None:
        nonlocal left
        if request.query.get("sendInitialEvents"):
            fresh(request)
            return
        left -= 1
        if left < 0:
            watching(bookmark(version + 1))(request)
            return
        fault = dice.choice(["none", "cut", "500", "429", "410", "end"])
        if fault == "410":
            change()
            status(410)(request)
        elif fault in ("500", "429"):
            status(int(fault))(request)
        else:
            known = int(request.query["resourceVersion"])
            if known != version:
                status(410)(request)
                return
            watching(*change(), then=Request.cut if fault == "cut" else end_watch)(request)

    api.watches = [watch]
    with reflecting(api, clock) as (seen, _):
        seen.until(lambda s: left < 0 and s.names == sorted(there))
