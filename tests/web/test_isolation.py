"""What goes wrong with one client, or in one thread, stays there and is seen; probes are answered whatever happens."""

from __future__ import annotations

import logging
import selectors
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from exporter.base.clock import SystemClock
from exporter.web.server.certificates import CertificateFiles, Certificates
from exporter.web.server.channel import Channel
from exporter.web.server.connections import ClientConnections
from exporter.web.server.failures import Failures
from exporter.web.server.http import Request, Response
from exporter.web.server.server import HttpServer
from tests.rig.pki import Authority
from tests.web.client import connect, get, read_answer, serving

REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
CLOSING = REQUEST.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
ROUNDS = 6000
"""Waits of 5 ms: half a minute, far more than any honest machine needs."""


def echo(request: Request) -> Response:
    return Response(200, f"{request.path}\n".encode())


def is_probe(request: Request) -> bool:
    return request.path == "/healthz"


def until(true: Callable[[], bool]) -> None:
    for _ in range(ROUNDS):
        if true():
            return
        Event().wait(0.005)
    raise AssertionError("it never came true")


class Failing:
    """Stands for a method: raises at its first call, and is the method from then on."""

    def __init__(self, method: Any) -> None:
        self.method = method
        self.failed = False

    def __get__(self, owner: Any, _: type) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:
            if not self.failed:
                self.failed = True
                raise ZeroDivisionError
            return self.method(owner, *args, **options)

        return call


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (Channel, "greet"),
        (Channel, "receive"),
        (Channel, "send"),
        (Channel, "end"),
        (Channel, "close"),
        (ClientConnections, "add"),
        (ClientConnections, "wait"),
        (ClientConnections, "leave"),
        (ClientConnections, "close"),
        (HttpServer, "_welcome"),
        (HttpServer, "_serve"),
        (HttpServer, "_read"),
        (HttpServer, "_next"),
        (HttpServer, "_sent"),
        (HttpServer, "_refuse"),
        (HttpServer, "_accept"),
        (HttpServer, "_collect"),
        (HttpServer, "_expire"),
        (HttpServer, "_patience"),
    ],
)
def test_whatever_fails_once_is_counted_and_the_next_client_is_served(
    owner: type, name: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    failed: list[str] = []
    failing = Failing(getattr(owner, name))
    monkeypatch.setattr(owner, name, failing)
    with serving(echo, failed=failed.append, header_seconds=0.4) as server, caplog.at_level(logging.ERROR):
        for text in (CLOSING, b"nonsense\r\n\r\n", b""):
            # Whichever of these meets the failure; an answer, an end and silence are all right.
            with suppress(OSError, AssertionError), connect(server) as client:
                client.sendall(text)
                while client.recv(4096):
                    pass
        until(lambda: get(server).status == 200)
        assert server.alive()
        assert server.port
    if name == "greet":
        return  # In the clear there is no handshake.
    assert failing.failed
    assert failed[0] in ("connection", "loop")
    assert [record.__dict__["part"] for record in caplog.records] == failed
    assert "ZeroDivisionError" in caplog.records[0].__dict__["trace"]


def test_a_selector_that_fails_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    failed: list[str] = []
    monkeypatch.setattr(selectors.DefaultSelector, "select", Failing(selectors.DefaultSelector.select))
    with serving(echo, failed=failed.append) as server:
        assert get(server).status == 200
    assert failed == ["loop"]


def test_a_request_that_crashes_costs_no_worker() -> None:
    failed: list[str] = []

    def handle(request: Request) -> Response:
        raise RecursionError

    with serving(handle, failed=failed.append, in_flight=2) as server:
        assert [get(server).status for _ in range(10)] == [500] * 10
        assert server.alive()
    assert failed == ["request"] * 10


def test_where_no_thread_can_be_started_the_request_is_lost_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    failed: list[str] = []
    with serving(echo, failed=failed.append) as server:
        with monkeypatch.context() as patched:
            patched.setattr(Thread, "start", Failing(no_thread))
            with connect(server) as client:
                client.sendall(REQUEST)
                assert client.recv(1) == b""
        assert get(server).status == 200
    assert failed == ["connection"]


def no_thread(_: Thread) -> None:
    raise RuntimeError("can't start new thread")


def test_a_server_without_enough_threads_is_slower_and_that_is_all(monkeypatch: pytest.MonkeyPatch) -> None:
    gate, begun = Event(), Event()

    def handle(request: Request) -> Response:
        begun.set()
        gate.wait(30)
        return echo(request)

    with serving(handle) as server, ExitStack() as stack:
        clients = [stack.enter_context(connect(server)) for _ in range(3)]
        clients[0].sendall(REQUEST)
        assert begun.wait(30)
        monkeypatch.setattr(Thread, "start", no_thread)
        for client in clients[1:]:
            client.sendall(REQUEST)
        until(lambda: server._dispatcher._workers._busy == 3)
        gate.set()
        assert [read_answer(client).status for client in clients] == [200] * 3
        assert len(server._dispatcher._workers._threads) == 1
        monkeypatch.undo()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_has_ended_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(echo) as server:
        assert get(server).status == 200
        assert server.alive()
        # Nothing but an order to end gets through.
        monkeypatch.setattr(HttpServer, "_wait_and_serve", ending)
        with suppress(OSError), connect(server):
            until(lambda: not server.alive())


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_worker_that_has_ended_is_seen() -> None:
    with serving(ending) as server, connect(server) as client:
        client.sendall(REQUEST)
        until(lambda: not server.alive())


def ending(*_: object) -> Any:
    raise SystemExit


def test_certificates_that_cannot_be_read_for_any_reason_do_not_end_the_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = Authority(tmp_path).issue("server")
    failed: list[str] = []
    looked: list[int] = []

    class Ignored:
        def certificates(self, **_: object) -> None:
            pass

    def look(_: Certificates) -> None:
        looked.append(1)
        raise RecursionError

    monkeypatch.setattr(Certificates, "look", look)
    files = CertificateFiles(pair.certificate, pair.key)
    with Certificates(files, SystemClock(), Ignored(), Failures(failed.append), look=0.01) as certificates:
        until(lambda: len(looked) > 3)
        assert certificates.alive()
    assert not certificates.alive()
    assert set(failed) == {"certificates"}


# Probes


def test_probes_are_answered_while_all_requests_that_may_be_under_way_are() -> None:
    gate = Event()

    def handle(request: Request) -> Response:
        if not is_probe(request):
            gate.wait(30)
        return echo(request)

    with serving(handle, urgent=is_probe, in_flight=3) as server, ExitStack() as stack:
        clients = [stack.enter_context(connect(server)) for _ in range(3)]
        for client in clients:
            client.sendall(REQUEST)
        until(lambda: server._dispatcher.full)
        assert get(server).status == 503
        assert [get(server, "/healthz").status for _ in range(20)] == [200] * 20
        gate.set()
        assert [read_answer(client).status for client in clients] == [200] * 3


def test_probes_are_answered_while_idle_clients_hold_all_places() -> None:
    with serving(echo, urgent=is_probe, connections=80) as server, ExitStack() as stack:
        idle = [stack.enter_context(connect(server)) for _ in range(80)]
        for client in idle:
            client.sendall(REQUEST)
            assert read_answer(client).status == 200
        probe = stack.enter_context(connect(server))
        # Those that come after it take places of clients that have waited longer.
        for _ in range(40):
            stack.enter_context(connect(server))
        probe.sendall(REQUEST.replace(b"/", b"/healthz", 1))
        assert read_answer(probe).status == 200
        assert idle[0].recv(1) == b""
        idle[79].sendall(REQUEST)
        assert read_answer(idle[79]).status == 200


def test_probes_by_the_hundred_on_one_connection_keep_nobody_waiting() -> None:
    with serving(echo, urgent=is_probe) as server, connect(server) as greedy:
        greedy.sendall(REQUEST.replace(b"/", b"/healthz", 1) * 2000)
        assert get(server).status == get(server, "/healthz").status == 200
        assert [read_answer(greedy).status for _ in range(2000)] == [200] * 2000
