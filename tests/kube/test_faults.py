"""More of what happens to a reflector: servers of other ages, selectors, stopping at every point, what is logged."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from exporter.base.clock import SystemClock
from exporter.kube.backoff import Timing
from exporter.kube.client import Client
from exporter.kube.connection import Connection
from exporter.kube.contract import State
from exporter.kube.discovery import Target, served_version
from exporter.kube.errors import ConfigurationError, ProtocolError
from tests.kube.fake import (
    REFUSED,
    ROOT,
    TARGET,
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

IMPATIENT = Timing(first_events=0.1, slack=0.1)


def test_an_old_server_that_sends_objects_but_never_the_end_is_listed(api: FakeApi, clock: Waits) -> None:
    api.watches = [watching(event("ADDED", obj("a"))), watching(event("ADDED", obj("b", 9)))]
    api.lists = [listing(obj("a"), version=8)]
    with reflecting(api, clock, timing=IMPATIENT) as (seen, _):
        seen.until(lambda s: s.names == ["a", "b"])
        assert seen.states == [State.LIVE]
    assert [r.get("resourceVersion") for r in api.requests] == [None, "0", "8"]


def test_an_old_server_that_is_never_silent_is_listed(api: FakeApi, clock: Waits) -> None:
    def chatter(request: Request) -> None:
        request.begin()
        for version in range(1000):
            request.chunk(event("MODIFIED", obj("a", version)))
            time.sleep(0.01)

    api.watches = [chatter, watching(event("ADDED", obj("b", 9)))]
    api.lists = [listing(obj("a"), version=8)]
    with reflecting(api, clock, timing=IMPATIENT) as (seen, _):
        seen.until(lambda s: s.names == ["a", "b"])


def test_a_refusal_is_remembered(api: FakeApi, clock: Waits) -> None:
    api.watches = [REFUSED, watching(erring(410)), watching()]
    api.lists = [listing(obj("a"), version=8), listing(obj("b"), version=9)]
    with reflecting(api, clock) as (seen, reflector):
        seen.until(lambda s: s.names == ["b"] and s.states[-1] is State.LIVE)
        assert reflector.stats.lists == 2
    assert sum("sendInitialEvents" in r for r in api.requests) == 1


def test_a_server_in_trouble_is_no_refusal(api: FakeApi, clock: Waits) -> None:
    api.watches = [watching(erring(504)), status(503), watching(event("ADDED", obj("a")), bookmark(5, end=True))]
    with reflecting(api, clock) as (seen, _):
        seen.until(lambda s: s.names == ["a"])
    assert all("sendInitialEvents" in r for r in api.requests)


def test_a_list_that_breaks_off_in_the_middle_is_asked_for_in_pages(api: FakeApi, clock: Waits) -> None:
    def cut(request: Request) -> None:
        request.begin()
        request.chunk(b'{"items":[' + b'{"metadata":{"name":"a"}},' * 5000)
        request.cut()

    api.watches = [REFUSED, watching()]
    api.lists = [cut, listing(obj("b"), version=4)]
    with reflecting(api, clock) as (seen, _):
        seen.until(lambda s: s.names == ["b"])
    assert [r.get("limit") for r in api.requests if "watch" not in r] == [None, "500"]


def test_any_order_of_a_lists_fields_will_do(api: FakeApi, clock: Waits) -> None:
    api.watches = [REFUSED, watching()]
    api.lists = [
        lambda r: r.body(200, {"metadata": {"resourceVersion": "3"}, "new": 1, "items": [obj("a")], "kind": "L"})
    ]
    with reflecting(api, clock) as (seen, _):
        seen.until(lambda s: s.names == ["a"])


def test_a_watch_that_breaks_is_no_news_but_one_that_cannot_be_resumed_is(api: FakeApi, clock: Waits) -> None:
    first = watching(event("ADDED", obj("a")), bookmark(5, end=True), then=Request.cut)
    api.watches = [first, watching(event("ADDED", obj("b", 6)), then=Request.cut), status(500), watching()]
    with reflecting(api, clock) as (seen, _):
        seen.until(lambda s: s.states == [State.LIVE, State.STALE, State.LIVE])
        assert seen.replaced == 1
        assert seen.names == ["a", "b"]


def test_a_version_that_a_restored_etcd_does_not_know_yet_is_listed_anew(api: FakeApi, clock: Waits) -> None:
    api.watches = [
        watching(event("ADDED", obj("a", 900)), bookmark(900, end=True), then=end_watch),
        status(504, "Too large resource version: 900, current: 12"),
        watching(event("ADDED", obj("b", 3)), bookmark(12, end=True)),
    ]
    with reflecting(api, clock) as (seen, _):
        seen.until(lambda s: s.names == ["b"])


def test_half_an_event_on_a_line_of_its_own_breaks_the_watch_and_loses_nothing(api: FakeApi, clock: Waits) -> None:
    api.watches = [
        watching(bookmark(5, end=True), b'{"type":"ADDED","object":{"metadata":{"na\n'),
        watching(event("ADDED", obj("a", 6))),
    ]
    with reflecting(api, clock) as (seen, reflector):
        seen.until(lambda s: s.names == ["a"])
        assert seen.rejected == {}
        assert reflector.stats.requests["protocol"] == 1


def test_an_object_without_a_name_is_rejected(api: FakeApi, clock: Waits) -> None:
    api.watches = [
        watching(b'{"type":"ADDED","object":{"metadata":{}}}\n', event("ADDED", obj("a")), bookmark(5, end=True))
    ]
    with reflecting(api, clock) as (seen, _):
        seen.until(lambda s: s.names == ["a"])
        assert [r.field for r in seen.rejected.values()] == ["metadata.name"]


def test_bookmarks_are_proof_of_life(api: FakeApi, clock: Waits) -> None:
    listed = threading.Event()

    def answer(request: Request) -> None:
        request.begin()
        request.chunk(bookmark(5, end=True))
        assert listed.wait(10)
        request.chunk(bookmark(6))
        request.hold()

    api.watches = [answer]
    with reflecting(api, clock) as (seen, reflector):
        seen.until(lambda s: s.states == [State.LIVE])
        before = seen.alive_times
        listed.set()
        seen.until(lambda s: s.alive_times > before)
        assert reflector.stats.events == 0


def test_selectors_and_namespace_narrow_every_request(api: FakeApi, clock: Waits) -> None:
    target = Target(TARGET.group, TARGET.versions, TARGET.plural, "images", "a=b", "metadata.name=x")
    api.watches = [REFUSED, watching(event("ADDED", obj("a", 9)))]
    api.lists = [listing(version=8)]
    with reflecting(api, clock, target=target) as (seen, _):
        seen.until(lambda s: s.names == ["a"])
    assert all((r["labelSelector"], r["fieldSelector"]) == ("a=b", "metadata.name=x") for r in api.requests)
    assert set(api.paths) == {ROOT, f"{ROOT}/namespaces/images/datasources"}


def test_a_better_version_that_appears_is_listed_while_the_old_rows_stay(api: FakeApi, clock: Waits) -> None:
    target = Target(TARGET.group, ("v9", *TARGET.versions), TARGET.plural)

    def upgraded(request: Request) -> None:
        api.also_served = f"/apis/{TARGET.group}/v9"
        end_watch(request)

    api.watches = [
        watching(event("ADDED", obj("a")), bookmark(5, end=True), then=upgraded),
        watching(event("ADDED", obj("b", 6)), bookmark(6, end=True)),
    ]
    with reflecting(api, clock, target=target) as (seen, _):
        seen.until(lambda s: s.names == ["b"])
        assert seen.states == [State.LIVE]
    assert api.paths[-1] == f"/apis/{TARGET.group}/v9/datasources"


def test_a_group_without_the_resource_does_not_serve_it(api: FakeApi) -> None:
    client = Client(Connection(api.url))
    assert served_version(client, Target(TARGET.group, TARGET.versions, "others")) is None
    assert served_version(client, Target("no.such.group", ("v1",), "others")) is None
    assert served_version(client, TARGET) == TARGET.versions[0]
    client.close()


def test_a_resource_in_versions_that_cannot_be_read_is_served(api: FakeApi) -> None:
    api.also_served = f"/apis/{TARGET.group}/v9"
    client = Client(Connection(api.url))
    with pytest.raises(
        ProtocolError, match=r"datasources.cdi.kubevirt.io are served as v1beta1, v9 only, which .* \(v8 can\)"
    ):
        served_version(client, Target(TARGET.group, ("v8",), TARGET.plural))
    assert served_version(client, Target(TARGET.group, ("v9",), TARGET.plural)) == "v9"
    client.close()


def test_credentials_that_cannot_be_renewed_are_a_state_too(api: FakeApi, clock: Waits) -> None:
    def token(fresh: bool) -> str:
        if clock.slept:
            return "Bearer t"
        raise ConfigurationError("the plugin failed")

    api.watches = [watching(event("ADDED", obj("a")), bookmark(5, end=True))]
    with reflecting(api, clock, token=token) as (seen, _):
        seen.until(lambda s: s.states == [State.FAILED, State.LIVE])
        assert seen.details[0] == "the plugin failed"


def test_a_wait_that_is_asked_for_inside_the_stream_is_obeyed(api: FakeApi, clock: Waits) -> None:
    busy = {"kind": "Status", "code": 429, "message": "busy", "details": {"retryAfterSeconds": 23}}
    api.watches = [watching(bookmark(5, end=True), event("ERROR", busy)), watching(event("ADDED", obj("a", 6)))]
    with reflecting(api, clock) as (seen, _):
        seen.until(lambda s: s.names == ["a"])
    assert 23 <= clock.slept[0] <= 24


def test_an_error_that_repeats_is_logged_once(api: FakeApi, clock: Waits, caplog: pytest.LogCaptureFixture) -> None:
    api.watches = [*[status(500, "etcd")] * 9, status(503, "else"), watching(bookmark(5, end=True))]
    with caplog.at_level("INFO"), reflecting(api, clock) as (seen, _):
        seen.until(lambda s: s.states == [State.FAILED, State.LIVE])
    told = [vars(record)["state"] for record in caplog.records]
    assert told == ["failed", "failed", "live"]


@pytest.mark.parametrize(
    "script",
    [
        lambda hang: {"discovery": [hang]},
        lambda hang: {"watches": [hang]},
        lambda hang: {"watches": [watching(event("ADDED", obj("a")), then=hang)]},
        lambda hang: {"watches": [watching(bookmark(5, end=True), then=hang)]},
        lambda hang: {"watches": [REFUSED], "lists": [hang]},
    ],
    ids=["in-discovery", "before-the-answer", "during-the-list", "during-the-watch", "in-an-unpaged-list"],
)
def test_stop_ends_it_wherever_it_hangs(
    api: FakeApi, script: Callable[[Callable[[Request], None]], dict[str, Any]]
) -> None:
    hanging = threading.Event()

    def hang(request: Request) -> None:
        hanging.set()
        request.hold()

    for name, answers in script(hang).items():
        setattr(api, name, answers)
    with reflecting(api, SystemClock()) as (seen, reflector):
        assert hanging.wait(10)
        time.sleep(0.02)
        started = time.monotonic()
        reflector.stop()
        for thread in threading.enumerate():
            if thread.name == "reflector":
                thread.join(5)
                assert not thread.is_alive()
        assert time.monotonic() - started < 2
        assert set(seen.states) <= {State.LIVE}


def test_stop_ends_a_wait(api: FakeApi) -> None:
    api.served = False
    with reflecting(api, SystemClock()) as (seen, reflector):
        seen.until(lambda s: s.states == [State.NOT_SERVED])
        started = time.monotonic()
        reflector.stop()
    assert time.monotonic() - started < 2
