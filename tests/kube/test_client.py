"""The client: authenticated, bounded, never without a timeout, and woken at once when it is closed."""

from __future__ import annotations

import gzip
import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from exporter.kube.client import Client
from exporter.kube.connection import Connection, tls_context
from exporter.kube.errors import KubeError, ProtocolError, TimedOutError, UnauthorizedError, UnreachableError
from tests.kube.certificates import authority, serving
from tests.kube.fake import PATH, ROOT, FakeApi, Request, end_watch, event, obj, status, watching


@pytest.fixture
def api() -> Iterator[FakeApi]:
    with FakeApi() as running:
        yield running


@pytest.fixture
def client(api: FakeApi) -> Iterator[Client]:
    made = Client(Connection(api.url))
    yield made
    made.close()
    api.over.set()


def lines_of(client: Client, read_timeout: float = 10) -> list[bytes]:
    with client.stream(PATH, {}, read_timeout=read_timeout) as stream:
        return list(stream.lines())


def test_an_object_is_sent_and_the_answer_returned(api: FakeApi, client: Client) -> None:
    api.lists = [lambda r: r.body(201, {"sent": r.sent})]
    assert client.post_json(PATH, {"kind": "TokenReview"}) == {"sent": {"kind": "TokenReview"}}


def test_requests_say_who_asks(api: FakeApi, client: Client) -> None:
    api.lists = [lambda r: r.body(200, {"agent": r.headers["User-Agent"], "accept": r.headers["Accept-Encoding"]})]
    assert client.get_json(PATH) == {"agent": "bootsource-exporter", "accept": "identity"}
    assert client.get_json(PATH, compressed=True)["accept"] == "gzip"


def test_a_compressed_answer_is_decompressed(api: FakeApi, client: Client) -> None:
    body = gzip.compress(json.dumps({"items": ["x" * 100_000]}).encode())
    api.lists = [lambda r: r.raw(200, body, Content_Encoding="gzip")]
    assert client.get_json(PATH, compressed=True) == {"items": ["x" * 100_000]}


def test_lines_are_put_together_however_they_arrive(api: FakeApi, client: Client) -> None:
    whole = b"".join(event("ADDED", obj(f"object-{n}", n)) for n in range(20))
    for size in (1, 7, 100, len(whole)):
        pieces = [whole[i : i + size] for i in range(0, len(whole), size)]
        api.lists = [watching(*pieces, then=end_watch)]
        assert b"\n".join(lines_of(client)) + b"\n" == whole


def test_a_line_that_does_not_end_is_no_line(api: FakeApi, client: Client) -> None:
    api.lists = [watching(b'{"a":1}\n{"b"', then=end_watch)]
    assert lines_of(client) == [b'{"a":1}']


def test_an_event_is_not_held_back_by_an_answer_that_is_not_chunked(api: FakeApi, client: Client) -> None:
    def answer(request: Request) -> None:
        request.send_response(200)
        request.send_header("Connection", "close")
        request.end_headers()
        request.wfile.write(b'{"a":1}\n')
        request.hold()

    api.lists = [answer]
    with client.stream(PATH, {}, read_timeout=10) as stream:
        assert next(stream.lines()) == b'{"a":1}'
        stream.expect_bytes_within(0.05)
        with pytest.raises(TimedOutError):
            next(stream.lines())


def test_bytes_are_noted_once_per_read_not_per_line(api: FakeApi, client: Client) -> None:
    api.lists = [watching(b"1\n2\n3\n", b"4\n", then=end_watch)]
    reads: list[int] = []
    with client.stream(PATH, {}) as stream:
        assert len(list(stream.lines(lambda: reads.append(1)))) == 4
    assert len(reads) == 2


@pytest.mark.parametrize(
    "fault",
    [
        lambda r: r.raw(200, b"<html>"),
        lambda r: r.raw(200, b"[]"),
        lambda r: r.raw(200, b'{"broken":'),
        lambda r: r.raw(200, b"\xff\xff"),
    ],
    ids=["html", "array", "truncated", "not-utf8"],
)
def test_what_is_no_object_is_a_protocol_error(api: FakeApi, client: Client, fault: Callable[[Request], None]) -> None:
    api.lists = [fault]
    with pytest.raises(ProtocolError, match=PATH):
        client.get_json(PATH)


def test_a_redirect_is_not_followed(api: FakeApi, client: Client) -> None:
    api.lists = [status(302, Location="http://127.0.0.1:1/")]
    with pytest.raises(KubeError, match="302"):
        client.get_json(PATH)


def test_a_server_that_is_not_there_is_told_with_its_address() -> None:
    client = Client(Connection("http://127.0.0.1:1"))
    with pytest.raises(UnreachableError, match=r"http://127\.0\.0\.1:1/version: connection refused; is the server up"):
        client.get_json("/version")
    client.close()


def test_silence_is_told_as_such(api: FakeApi, client: Client) -> None:
    api.lists = [Request.hold]
    with pytest.raises(TimedOutError, match="no answer in time"):
        lines_of(client, read_timeout=0.05)


def test_a_token_that_is_refused_is_renewed_once(api: FakeApi) -> None:
    asked: list[bool] = []

    def token(fresh: bool) -> str:
        asked.append(fresh)
        return f"Bearer {len(asked)}"

    api.lists = [status(401)]
    client = Client(Connection(api.url, token=token))
    with pytest.raises(UnauthorizedError, match="log in again"):
        client.get_json(PATH)
    client.close()
    assert asked == [False, True]
    assert api.tokens == ["Bearer 1", "Bearer 2"]


def test_a_token_that_is_the_same_after_all_is_not_tried_again(api: FakeApi) -> None:
    api.lists = [status(401)]
    client = Client(Connection(api.url, token=lambda _: "Bearer same"))
    with pytest.raises(UnauthorizedError):
        client.get_json(PATH)
    client.close()
    assert api.tokens == ["Bearer same"]


def test_a_connection_that_has_been_read_to_its_end_is_used_again(api: FakeApi, client: Client) -> None:
    ports: list[int] = []

    def answer(request: Request) -> None:
        ports.append(request.client_address[1])
        request.body(200, {})

    api.lists = [answer]
    for _ in range(3):
        client.get_json(PATH)
    assert len(set(ports)) == 1


def test_connections_are_bounded(api: FakeApi, client: Client) -> None:
    now, most, lock = 0, 0, threading.Lock()

    def answer(request: Request) -> None:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        time.sleep(0.02)
        with lock:
            now -= 1
        request.body(200, {})

    api.lists = [answer]
    with ThreadPoolExecutor(16) as pool:
        assert len(list(pool.map(lambda _: client.get_json(PATH), range(32)))) == 32
    assert most <= 4


def test_streams_that_are_left_early_give_their_place_back(api: FakeApi, client: Client) -> None:
    api.lists = [watching(b"1\n")]
    for _ in range(10):
        with client.stream(PATH, {}) as stream:
            next(stream.lines())


def test_one_tls_context_serves_many_threads(tmp_path: Path) -> None:
    ca, _ = authority("cluster").write(tmp_path, "ca")
    with FakeApi(serving(tmp_path, "cluster")) as api:
        client = Client(Connection(api.url, tls_context(ca)))
        branches = [client.branch() for _ in range(12)]
        with ThreadPoolExecutor(12) as pool:
            answers = list(pool.map(lambda b: b.get_json(ROOT)["kind"], branches))
        client.close()
    assert answers == ["APIResourceList"] * 12


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize(
    "waiting",
    [Request.hold, watching(b"first\n"), lambda r: (r.begin(), r.wfile.write(b"ff\r\nhalf a chunk"), r.hold())],
    ids=["for-the-answer", "for-a-line", "for-the-rest-of-a-chunk"],
)
def test_closing_wakes_who_waits(tmp_path: Path, waiting: Callable[[Request], None], *, tls: bool) -> None:
    ca, _ = authority("cluster").write(tmp_path, "ca")
    with FakeApi(serving(tmp_path, "cluster") if tls else None) as api:
        begun = threading.Event()

        def answer(request: Request) -> None:
            begun.set()
            waiting(request)

        api.lists = [answer]
        root = Client(Connection(api.url, tls_context(ca) if tls else None))
        with ThreadPoolExecutor(1) as pool:
            result = pool.submit(lines_of, root.branch(), 60)
            assert begun.wait(10)
            time.sleep(0.02)
            started = time.monotonic()
            root.close()
            assert isinstance(result.exception(10), UnreachableError)
            assert time.monotonic() - started < 2
        api.over.set()


def test_a_closed_branch_leaves_the_others_alone(api: FakeApi, client: Client) -> None:
    api.lists = [lambda r: r.body(200, {})]
    first, second = client.branch(), client.branch()
    first.close()
    with pytest.raises(UnreachableError, match="closed"):
        first.get_json(PATH)
    assert second.get_json(PATH) == {}
    client.close()
    with pytest.raises(UnreachableError, match="closed"):
        client.branch().get_json(PATH)


def test_plain_http_through_a_proxy_keeps_the_proxys_password_out_of_errors() -> None:
    client = Client(Connection("http://far.example", proxy="http://me:secret@127.0.0.1:1"))
    with pytest.raises(UnreachableError) as caught:
        client.get_json("/version")
    client.close()
    assert "secret" not in str(caught.value)
