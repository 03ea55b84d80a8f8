"""Whatever a server sends: the other objects stay right, the watch goes on, and what cannot be read is said."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.base.clock import SystemClock
from exporter.cluster.resources import DATA_SOURCES, VIRTUAL_MACHINES
from exporter.kube.contract import Item, Key, State
from exporter.kube.outline import parse_json
from tests.kube.fake import (
    REFUSED,
    Answer,
    FakeApi,
    Request,
    Seen,
    Waits,
    bookmark,
    event,
    listing,
    obj,
    reflecting,
    status,
    watching,
)
from tests.kube.hostile import ANYTHING, DEPTH, VALUE, few, nest, objects, with_fields

BAD = Key("images", "bad")
ANY_EXAMPLE = few()


def raw_event(type_: str, body: bytes) -> bytes:
    return b'{"type":"%s","object":%s}\n' % (type_.encode(), body)


def raw_list(*items: bytes, **fields: bytes) -> Answer:
    head = {"kind": b'"DataSourceList"', "metadata": b'{"resourceVersion":"5"}', **fields}
    body = with_fields({**head, "items": b"[" + b",".join(items) + b"]"})
    return lambda request: request.raw(200, body)


def good(name: str, version: int) -> bytes:
    return event("ADDED", obj(name, version)).partition(b'"object":')[2][:-2]


def same_after(
    script: Callable[[FakeApi], None], names: list[str], true: Callable[[Seen], bool] = lambda _: True
) -> None:
    """The rows come to be these under this script, and the watch is live then."""
    with FakeApi() as api:
        script(api)
        with reflecting(api, Waits(SystemClock())) as (seen, _):
            seen.until(lambda s: set(names) <= set(s.names) and s.states[-1:] == [State.LIVE] and true(s))


def known(seen: Seen) -> bool:
    """The hostile object is there: as a row, or as one that could not be read."""
    return (BAD in seen.rows) != (BAD in seen.rejected)


@given(objects(), objects(version=7))
@ANY_EXAMPLE
def test_an_object_that_cannot_be_read_costs_only_itself_in_a_watch(first: bytes, changed: bytes) -> None:
    def script(api: FakeApi) -> None:
        begin = event("ADDED", obj("a")), raw_event("ADDED", first), event("ADDED", obj("b")), bookmark(5, end=True)
        api.watches = [watching(*begin, raw_event("MODIFIED", changed), event("ADDED", obj("c", 8)))]

    same_after(script, ["a", "b", "c"], known)


@given(objects(), st.booleans())
@ANY_EXAMPLE
def test_an_object_that_cannot_be_read_costs_only_itself_in_a_list(bad: bytes, paged: bool) -> None:
    def script(api: FakeApi) -> None:
        whole = raw_list(good("a", 1), bad, good("b", 2))
        api.lists = [status(400), whole] if paged else [whole]
        api.watches = [REFUSED, watching()]

    same_after(script, ["a", "b"], known)


@given(objects())
def test_an_object_is_known_or_unknown_whichever_way_it_came(bad: bytes) -> None:
    codec = DATA_SOURCES.codec()
    value = parse_json(bad)
    assert isinstance(value, dict)
    event, listed = codec.from_event(raw_event("ADDED", bad)), codec.from_value(value)
    assert (event.key, event.row is None) == (listed.key, listed.row is None)


@given(ANYTHING | st.builds(raw_event, st.sampled_from(["ERROR", "BOOKMARK", "ADDED", "DELETED", "ODD"]), VALUE))
@ANY_EXAMPLE
def test_a_line_that_is_no_event_ends_only_that_watch(line: bytes) -> None:
    def script(api: FakeApi) -> None:
        first = event("ADDED", obj("a")), bookmark(5, end=True), line.replace(b"\n", b" ") + b"\n"
        again = event("ADDED", obj("a")), event("ADDED", obj("b", 9_999_999)), bookmark(10_000_000, end=True)
        api.watches = [watching(*first, then=lambda r: r.chunk(b"")), watching(*again)]

    same_after(script, ["a", "b"])


@given(st.dictionaries(st.sampled_from(["code", "message", "reason", "details", "metadata"]), VALUE, max_size=3))
@ANY_EXAMPLE
def test_any_error_event_ends_only_that_watch(fields: dict[str, bytes]) -> None:
    def script(api: FakeApi) -> None:
        bad = raw_event("ERROR", with_fields(fields))
        again = event("ADDED", obj("a")), event("ADDED", obj("b", 9)), bookmark(10, end=True)
        api.watches = [watching(event("ADDED", obj("a")), bookmark(5, end=True), bad), watching(*again)]

    same_after(script, ["a", "b"])


@given(st.dictionaries(st.sampled_from(["metadata", "items", "kind"]), ANYTHING, min_size=1))
@ANY_EXAMPLE
def test_a_list_that_is_none_is_asked_for_again(fields: dict[str, bytes]) -> None:
    def script(api: FakeApi) -> None:
        api.watches = [REFUSED, watching()]
        body = with_fields({"metadata": b'{"resourceVersion":"5"}', "items": b"7", **fields})
        api.lists = [lambda r: r.raw(200, body), listing(obj("a"), version=4)]

    with FakeApi() as api:
        script(api)
        with reflecting(api, Waits(SystemClock())) as (seen, reflector):
            # It may be a list after all: an empty one.
            seen.until(lambda s: s.states[-1:] == [State.LIVE])
            assert not reflector.stats.requests["crashed"]


@given(ANYTHING | st.dictionaries(st.sampled_from(["resources", "kind"]), VALUE).map(with_fields))
@ANY_EXAMPLE
def test_discovery_that_answers_anything_is_asked_again(body: bytes) -> None:
    def script(api: FakeApi) -> None:
        api.discovery = [lambda r: r.raw(200, body)]
        api.watches = [watching(event("ADDED", obj("a")), bookmark(5, end=True))]

    same_after(script, ["a"])


HEADERS = st.sampled_from(
    ["²", "٣", "-1", "1e9", "9" * 5000, "Wed, 21 Oct 2065 07:28:00 GMT", "", " ", "0", "17", "0x7"]
)


@given(st.integers(300, 599), HEADERS, ANYTHING)
@ANY_EXAMPLE
def test_any_refusal_is_waited_out(code: int, retry_after: str, body: bytes) -> None:
    def refuse(request: Request) -> None:
        header = b"Retry-After: %s\r\nContent-Length: %d\r\n\r\n" % (retry_after.encode(), len(body))
        request.wfile.write(b"HTTP/1.1 %d No\r\n%s%s" % (code, header, body))

    with FakeApi() as api:
        api.watches = [refuse, watching(event("ADDED", obj("a")), bookmark(5, end=True))]
        api.lists = [listing(obj("a"), version=4)]
        clock = Waits(SystemClock())
        with reflecting(api, clock) as (seen, reflector):
            seen.until(lambda s: s.names == ["a"] and s.states[-1:] == [State.LIVE])
            assert not reflector.stats.requests["crashed"]
            assert all(seconds <= 310 for seconds in clock.slept)


@pytest.mark.parametrize("opening", ["{", "["])
@pytest.mark.parametrize("kind", [DATA_SOURCES, VIRTUAL_MACHINES], ids=str)
def test_what_is_too_deep_is_rejected_by_its_name(kind: Any, opening: str) -> None:
    body = b'{"spec":%s,"metadata":{"namespace":"images","name":"bad","resourceVersion":"3"}}' % nest(DEPTH, opening)
    item = kind.codec().from_event(raw_event("ADDED", body))
    assert (item.key, item.resource_version) == (BAD, "3")
    assert item.rejected.problem == "is nested too deeply to be decoded"


def test_an_unexpected_error_is_a_state_a_count_and_a_log_line_and_the_watch_goes_on(
    api: FakeApi, clock: Waits, caplog: pytest.LogCaptureFixture
) -> None:
    """The sink stands for whatever of ours has a bug."""
    api.watches = [
        watching(event("ADDED", obj("a")), bookmark(5, end=True), event("ADDED", obj("bug", 6))),
        watching(event("ADDED", obj("a")), event("ADDED", obj("b", 7)), bookmark(8, end=True)),
    ]
    with caplog.at_level(logging.ERROR), reflecting(api, clock, sink=Buggy()) as (seen, reflector):
        seen.until(lambda s: s.names == ["a", "b"] and s.states[-1:] == [State.LIVE])
        assert seen.states == [State.LIVE, State.STALE, State.LIVE]
        assert "RuntimeError: a bug" in seen.details[1]
        assert reflector.stats.requests["crashed"] == 1
    (record,) = caplog.records
    assert record.resource == "datasources"  # type: ignore[attr-defined]
    assert "RuntimeError" in record.traceback  # type: ignore[attr-defined]
    assert clock.slept[0] >= 1


def test_an_unexpected_error_before_the_first_list_is_a_failure(api: FakeApi, clock: Waits) -> None:
    class Never(Seen):
        def replace(self, rows: Any, rejected: Any) -> None:
            raise RuntimeError("a bug")

    clock.limit = 3
    api.watches = [watching(event("ADDED", obj("a")), bookmark(5, end=True))]
    with reflecting(api, clock, sink=Never()) as (seen, reflector):
        seen.until(lambda s: s.states == [State.FAILED] and reflector.stats.requests["crashed"] >= 3)
        assert all(seconds >= 1 for seconds in clock.slept)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_ends_says_so(api: FakeApi, clock: Waits) -> None:
    class Ending(Seen):
        def apply(self, item: Item[Any]) -> None:
            raise SystemExit

    api.watches = [watching(event("ADDED", obj("a")), bookmark(5, end=True), event("ADDED", obj("b", 6)))]
    with reflecting(api, clock, sink=Ending()) as (seen, _):
        seen.until(lambda s: s.states == [State.LIVE, State.STALE])
        assert "thread of this watch has ended" in seen.details[-1]


def test_a_large_object_that_arrives_in_small_pieces_takes_time_in_proportion(api: FakeApi, clock: Waits) -> None:
    """Each piece used to be a new attempt to decode all of them: a minute for 8 MB."""
    large = good("a", 1)[:-1] + b',"data":"' + b"x" * 8_000_000 + b'"}'

    def dribble(request: Request) -> None:
        body = b'{"metadata":{"resourceVersion":"5"},"items":[%s]}' % large
        request.begin()
        for start in range(0, len(body), 4096):
            request.chunk(body[start : start + 4096])
        request.chunk(b"")

    api.watches = [REFUSED, watching()]
    api.lists = [dribble]
    started = time.thread_time()
    with reflecting(api, clock) as (seen, _):
        seen.until(lambda s: s.names == ["a"])
    assert time.thread_time() - started < 60


class Buggy(Seen):
    def apply(self, item: Item[Any]) -> None:
        if item.key.name == "bug":
            raise RuntimeError("a bug")
        super().apply(item)
