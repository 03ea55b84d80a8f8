"""The server core: protocol, limits, and clients that do not behave, over real sockets."""

from __future__ import annotations

import logging
import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from threading import Event, Thread

import pytest

from exporter.web.server.certificates import CertificateFiles, load
from exporter.web.server.http import Request, Response
from exporter.web.server.listen import ListenError, open_socket
from exporter.web.server.server import HttpServer
from tests.rig.pki import Authority
from tests.web.client import CLEAR, HOST, Wire, ask, connect, get, read_answer, serving

BIG = b"x" * 20_000_000
REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


def echo(request: Request) -> Response:
    return Response(200, f"{request.method} {request.path}\n".encode())


@pytest.fixture(scope="session")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Wire:
    authority = Authority(tmp_path_factory.mktemp("pki"))
    pair = authority.issue("server")
    context = load(CertificateFiles(pair.certificate, pair.key)).context
    return Wire(lambda: context, ssl.create_default_context(cafile=str(authority.certificate)))


@pytest.fixture(params=["http", "https"])
def wire(request: pytest.FixtureRequest, tls: Wire) -> Wire:
    """All of this holds in the clear and through TLS."""
    return tls if request.param == "https" else CLEAR


@pytest.fixture
def server(wire: Wire) -> Iterator[HttpServer]:
    with serving(echo, wire) as running:
        yield running


def test_an_answer_has_the_headers_that_protect_it(server: HttpServer, wire: Wire) -> None:
    answer = get(server, "/a%20b?x=1", wire=wire)
    assert (answer.status, answer.body) == (200, b"GET /a b\n")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert not answer.closed


def test_head_has_no_body_but_its_length(server: HttpServer, wire: Wire) -> None:
    with connect(server, wire) as client:
        client.sendall(b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n" + REQUEST)
        first = read_answer(client, head=True)
        second = read_answer(client)
    assert first.headers["content-length"] == str(len(b"HEAD /\n"))
    assert second.body == b"GET /\n"


def test_a_connection_serves_many_requests_also_sent_at_once(server: HttpServer, wire: Wire) -> None:
    with connect(server, wire) as client:
        for _ in range(3):
            client.sendall(REQUEST)
            assert read_answer(client).status == 200
        client.sendall(REQUEST[:10])
        client.sendall(REQUEST[10:])
        assert read_answer(client).status == 200


@pytest.mark.parametrize("line", ["GET / HTTP/1.0\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"])
def test_a_connection_is_closed_where_the_client_expects_it(server: HttpServer, wire: Wire, line: str) -> None:
    answer = ask(server, line, wire)
    assert answer.status == 200
    assert answer.headers["connection"] == "close"
    assert answer.closed


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("nonsense\r\n\r\n", 400),
        ("GET /\r\n\r\n", 400),
        ("GET / HTTP/2.0\r\n\r\n", 505),
        ("GET / HTTP/1.1\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: x\r\nbad header\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: x\r\n folded: y\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello", 400),
        ("GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello", 405),
        ("GET / HTTP/1.1\r\nHost: x\r\nLong: " + "y" * 9000 + "\r\n\r\n", 431),
        ("GET /" + "y" * 9000, 431),
    ],
)
def test_what_is_not_a_request_is_refused_and_the_connection_closed(
    server: HttpServer, wire: Wire, text: str, status: int
) -> None:
    answer = ask(server, text, wire)
    assert answer.status == status
    assert answer.closed


def test_refusals_are_reported(wire: Wire) -> None:
    statuses: list[int] = []
    server = HttpServer(open_socket(HOST, 0), echo, refused=statuses.append, tls=wire.serving)
    server.start()
    try:
        ask(server, "nonsense\r\n\r\n", wire)
    finally:
        server.stop()
    assert statuses == [400]


def test_a_defect_gives_500_and_the_server_goes_on(wire: Wire, caplog: pytest.LogCaptureFixture) -> None:
    def handle(request: Request) -> Response:
        if request.path == "/bad":
            raise ZeroDivisionError
        return Response(999, b"") if request.path == "/worse" else echo(request)

    with serving(handle, wire) as server, caplog.at_level(logging.ERROR):
        assert [get(server, path, wire=wire).status for path in ("/bad", "/worse", "/good")] == [500, 500, 200]
    assert [record.__dict__["path"] for record in caplog.records] == ["/bad", "/worse"]


def test_the_forty_first_request_gets_503(wire: Wire) -> None:
    gate, begun = Event(), Event()
    waiting: list[int] = []

    def handle(request: Request) -> Response:
        waiting.append(1)
        if len(waiting) == 40:
            begun.set()
        gate.wait(10)
        return echo(request)

    with serving(handle, wire) as server, ExitStack() as stack:
        clients = [stack.enter_context(connect(server, wire)) for _ in range(40)]
        for client in clients:
            client.sendall(REQUEST)
        assert begun.wait(10)
        refused = get(server, wire=wire)
        gate.set()
        assert (refused.status, refused.headers["retry-after"], refused.closed) == (503, "1", True)
        assert [read_answer(client).status for client in clients] == [200] * 40
        assert get(server, wire=wire).status == 200


def test_half_open_sockets_do_not_keep_others_from_being_answered(server: HttpServer, wire: Wire) -> None:
    with ExitStack() as stack:
        for number in range(250):
            client = stack.enter_context(connect(server, wire))
            if number % 2:
                client.sendall(b"GET / HTT")
        assert get(server, wire=wire).status == 200


def test_a_connection_too_many_costs_the_one_that_has_waited_longest(wire: Wire) -> None:
    with serving(echo, wire, connections=3) as server, ExitStack() as stack:
        silent = [stack.enter_context(connect(server, wire)) for _ in range(3)]
        assert get(server, wire=wire).status == 200
        assert silent[0].recv(1) == b""
        silent[2].sendall(REQUEST)
        assert read_answer(silent[2]).status == 200


def test_a_slow_head_is_cut_off_even_if_it_keeps_coming(wire: Wire) -> None:
    with serving(echo, wire, header_seconds=0.4) as server, connect(server, wire) as client:
        client.sendall(b"GET / HTTP/1.1\r\n")
        assert read_answer(client).status == 408
        assert client.recv(1) == b""


def test_silence_is_cut_off_without_an_answer(wire: Wire) -> None:
    with serving(echo, wire, header_seconds=0.4) as server, connect(server, wire) as client:
        assert client.recv(1) == b""


def test_an_idle_connection_is_closed(wire: Wire) -> None:
    with serving(echo, wire, idle_seconds=0.02) as server, connect(server, wire) as client:
        client.sendall(REQUEST)
        assert read_answer(client).status == 200
        assert client.recv(1) == b""


def big(request: Request) -> Response:
    return Response(200, BIG) if request.path == "/big" else echo(request)


def test_a_client_that_does_not_read_harms_nobody_and_is_cut_off(wire: Wire) -> None:
    with serving(big, wire, write_seconds=0.1, in_flight=1) as server, connect(server, wire) as slow:
        slow.sendall(REQUEST.replace(b"/", b"/big", 1))
        assert slow.recv(1) == b"H"
        # There is a single worker, and the slow reader does not occupy it.
        while get(server, wire=wire).status == 503:
            pass
        while server._connections:
            Event().wait(0.005)
        received = 1
        with suppress(ConnectionResetError, ssl.SSLError):
            while data := slow.recv(65536):
                received += len(data)
        assert received < len(BIG)


def test_a_client_that_goes_away_harms_nobody(wire: Wire) -> None:
    with serving(big, wire) as server:
        for _ in range(5):
            with connect(server, wire) as client:
                client.sendall(REQUEST.replace(b"/", b"/big", 1))
        assert len(get(server, "/big", wire=wire).body) == len(BIG)


def test_stopping_lets_what_is_under_way_finish(wire: Wire) -> None:
    gate, begun = Event(), Event()

    def handle(request: Request) -> Response:
        begun.set()
        gate.wait(10)
        return echo(request)

    server = HttpServer(open_socket(HOST, 0), handle, tls=wire.serving)
    server.start()
    with connect(server, wire) as busy, connect(server, wire) as idle:
        busy.sendall(REQUEST)
        assert begun.wait(10)
        stopping = Thread(target=server.stop)
        stopping.start()
        assert idle.recv(1) == b""
        with pytest.raises(OSError, match="refused"):
            socket.create_connection((HOST, server.port), timeout=1)
        gate.set()
        answer = read_answer(busy)
        stopping.join(10)
    assert answer.body == b"GET /\n"
    assert answer.headers["connection"] == "close"
    assert not stopping.is_alive()


def test_stopping_does_not_wait_for_ever(wire: Wire) -> None:
    gate, begun = Event(), Event()

    def handle(request: Request) -> Response:
        begun.set()
        gate.wait(10)
        return echo(request)

    server = HttpServer(open_socket(HOST, 0), handle, tls=wire.serving)
    server.start()
    with connect(server, wire) as client:
        client.sendall(REQUEST)
        assert begun.wait(10)
        server.stop(drain=0.05)
        assert client.recv(1) == b""
    gate.set()


def test_a_server_that_was_never_started_can_be_stopped() -> None:
    HttpServer(open_socket(HOST, 0), echo).stop()


def test_a_port_in_use_is_one_clear_error(server: HttpServer) -> None:
    with pytest.raises(
        ListenError, match=rf"cannot listen on 127\.0\.0\.1:{server.port}: Address already in use; choose another"
    ):
        open_socket(HOST, server.port)


@pytest.mark.parametrize("host", ["no.such.host.invalid", "256.1.1.1", "\ud800", "a" * 300])
def test_an_address_that_is_none_is_one_clear_error(host: str) -> None:
    with pytest.raises(ListenError, match="cannot listen on"):
        open_socket(host, 0)


def test_an_empty_host_means_all_interfaces() -> None:
    with open_socket("", 0) as listener:
        port = listener.getsockname()[1]
        socket.create_connection((HOST, port), timeout=5).close()
        with pytest.raises(ListenError, match="in use"):
            open_socket("", port)
