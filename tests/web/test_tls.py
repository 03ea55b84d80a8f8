"""HTTPS: what is spoken and what is not, clients that stall, and what client certificates are good for."""

from __future__ import annotations

import socket
import ssl
import subprocess
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from exporter.base.clock import SystemClock
from exporter.web.guard import CertificateGuard
from exporter.web.server.certificates import CertificateFiles, load
from exporter.web.server.http import Request, Response
from tests.metrics.scraping import HandClock
from tests.rig.pki import Authority, Certificate
from tests.web.client import HOST, Wire, connect, get, read_answer, serving

REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


def echo(request: Request) -> Response:
    shown = request.certificate
    return Response(200, f"{shown.user} {','.join(shown.groups)}\n".encode() if shown else b"nobody\n")


def files(pair: Certificate, client_ca: Path | None = None) -> CertificateFiles:
    return CertificateFiles(pair.certificate, pair.key, client_ca)


def trusting(authority: Authority, client: Certificate | None = None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(authority.certificate))
    if client:
        context.load_cert_chain(client.certificate, client.key)
    return context


def wire(authority: Authority, pair: Certificate, client: Certificate | None = None, *, ask: bool = False) -> Wire:
    context = load(files(pair, authority.certificate if ask else None)).context
    return Wire(lambda: context, trusting(authority, client))


@pytest.mark.parametrize(
    ("version", "spoken"),
    [(ssl.TLSVersion.TLSv1_2, "TLSv1.2"), (ssl.TLSVersion.TLSv1_3, "TLSv1.3")],
)
def test_both_versions_that_are_safe_are_spoken(
    authority: Authority, pair: Certificate, version: ssl.TLSVersion, spoken: str
) -> None:
    both = wire(authority, pair)
    assert both.asking is not None
    both.asking.minimum_version = both.asking.maximum_version = version
    both.asking.set_alpn_protocols(["h2", "http/1.1"])
    with serving(echo, both) as server, connect(server, both) as client:
        assert isinstance(client, ssl.SSLSocket)
        assert (client.version(), client.selected_alpn_protocol()) == (spoken, "http/1.1")
        client.sendall(REQUEST)
        assert read_answer(client).status == 200


@pytest.mark.parametrize("version", ["-tls1", "-tls1_1"])
def test_versions_that_are_not_are_refused(authority: Authority, pair: Certificate, version: str) -> None:
    with serving(echo, wire(authority, pair)) as server:
        words = ("openssl", "s_client", "-connect", f"{HOST}:{server.port}", version, "-cipher", "ALL:@SECLEVEL=0")
        done = subprocess.run(words, input="", capture_output=True, text=True, timeout=30, check=False)
        assert get(server, wire=wire(authority, pair)).status == 200
    assert done.returncode != 0
    assert "alert protocol version" in done.stderr


def test_whoever_speaks_plain_http_is_told_so(authority: Authority, pair: Certificate) -> None:
    with serving(echo, wire(authority, pair)) as server:
        answer = get(server)
    assert (answer.status, answer.closed) == (400, True)
    assert b"https://" in answer.body


def test_stalled_handshakes_harm_nobody_and_are_cut_off(authority: Authority, pair: Certificate) -> None:
    both = wire(authority, pair)
    hello = client_hello()
    with serving(echo, both, header_seconds=2.0) as server, ExitStack() as stack:
        stalled = []
        for number in range(210):
            client = stack.enter_context(socket.create_connection((HOST, server.port), timeout=10))
            # Nothing, half of what begins a handshake, or all of it and then nothing.
            client.sendall((b"", hello[:50], hello)[number % 3])
            stalled.append(client)
        assert get(server, wire=both).status == 200
        for client in stalled:
            with suppress(ConnectionResetError):
                while client.recv(65536):
                    pass


@pytest.mark.parametrize("garbage", [b"\x16\x03\x01\xff\xff" + b"x" * 70_000, b"\x00" * 100, b"SSH-2.0-x\r\n"])
def test_garbage_harms_nobody(authority: Authority, pair: Certificate, garbage: bytes) -> None:
    both = wire(authority, pair)
    with serving(echo, both) as server:
        with socket.create_connection((HOST, server.port), timeout=10) as client, suppress(ConnectionError):
            client.sendall(garbage)
            while client.recv(65536):
                pass
        assert get(server, wire=both).status == 200


def client_hello() -> bytes:
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    beginning = ssl.create_default_context().wrap_bio(incoming, outgoing, server_hostname="x")
    with suppress(ssl.SSLWantReadError):
        beginning.do_handshake()
    return outgoing.read()


def test_many_small_requests_in_one_record_are_all_answered(authority: Authority, pair: Certificate) -> None:
    both = wire(authority, pair)
    with serving(echo, both) as server, connect(server, both) as client:
        client.sendall(REQUEST * 300)
        assert [read_answer(client).status for _ in range(300)] == [200] * 300


# Client certificates


def guarded(clock: Any, outcomes: list[str]) -> Any:
    guard = CertificateGuard(clock, outcomes.append)
    return lambda request: guard(request) or echo(request)


def test_a_client_certificate_says_who_asks(authority: Authority, pair: Certificate) -> None:
    both = wire(authority, pair, authority.issue("alice", ["admins", "people"]), ask=True)
    with serving(echo, both) as server:
        assert get(server, wire=both).body == b"alice admins,people\n"


def test_without_one_the_handshake_succeeds_and_the_guard_refuses(authority: Authority, pair: Certificate) -> None:
    outcomes: list[str] = []
    with serving(guarded(SystemClock(), outcomes), wire(authority, pair, ask=True)) as server:
        stranger = get(server, wire=wire(authority, pair))
        known = get(server, wire=wire(authority, pair, authority.issue("bob")))
    assert (stranger.status, known.status) == (403, 200)
    assert b"client certificate" in stranger.body
    assert outcomes == ["unauthenticated", "allowed"]


def test_a_certificate_that_expires_while_the_connection_lasts_is_one_no_longer(
    authority: Authority, pair: Certificate
) -> None:
    clock = HandClock()
    clock.passed = datetime.now(UTC) - clock.now()
    both = wire(authority, pair, authority.issue("carol", valid=timedelta(hours=1)), ask=True)
    with serving(guarded(clock, []), both) as server, connect(server, both) as client:
        client.sendall(REQUEST)
        assert read_answer(client).status == 200
        clock.passed += timedelta(hours=2)
        client.sendall(REQUEST)
        assert read_answer(client).status == 403


@pytest.mark.parametrize("flaw", ["another authority", "expired"])
def test_a_certificate_that_is_no_good_is_refused(
    authority: Authority, pair: Certificate, tmp_path: Path, flaw: str
) -> None:
    if flaw == "expired":
        client = authority.issue("dave", valid=timedelta(minutes=-1))
    else:
        client = Authority(tmp_path / "other").issue("dave")
    both = wire(authority, pair, client, ask=True)
    with serving(echo, both) as server:
        with pytest.raises((ssl.SSLError, ConnectionError, AssertionError)):
            get(server, wire=both)
        assert get(server, wire=wire(authority, pair)).status == 200
