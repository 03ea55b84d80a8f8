"""Client certificates that their authority has signed and that Python, or people, cannot read: on real sockets."""

from __future__ import annotations

import itertools
import logging
import ssl
from collections.abc import Iterator, Mapping
from contextlib import suppress
from time import process_time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exporter.web.server.certificates import CertificateFiles, load
from exporter.web.server.http import Request, Response
from exporter.web.server.server import HttpServer
from tests.rig.pki import Authority, Certificate
from tests.web.client import Answer, Wire, get, serving

CPU_SECONDS = 5.0
"""For two handshakes and a request, which take a few milliseconds."""
DISTRIBUTION_POINTS, AUTHORITY_ACCESS, POLICIES = "2.5.29.31", "1.3.6.1.5.5.7.1.1", "2.5.29.32"
FRESHEST, ISSUER_NAMES, OWN = "2.5.29.46", "2.5.29.18", "1.3.6.1.4.1.99999.1"
OCSP, ISSUERS = bytes.fromhex("06082b06010505073001"), bytes.fromhex("06082b06010505073002")
_NUMBERS = itertools.count()


def der(tag: int, *content: bytes) -> bytes:
    """One value: tag, length, content."""
    joined = b"".join(content)
    size = len(joined)
    length = bytes([size]) if size < 0x80 else bytes([0x83, *size.to_bytes(3)])
    return bytes([tag]) + length + joined


def distribution_points(*urls: bytes) -> bytes:
    return der(0x30, *(der(0x30, der(0xA0, der(0xA0, der(0x86, url)))) for url in urls))


def authority_access(*urls: bytes) -> bytes:
    return der(0x30, *(der(0x30, method, der(0x86, url)) for url in urls for method in (OCSP, ISSUERS)))


def general_names(*names: bytes) -> bytes:
    return der(0x30, *(der(tag, name) for name in names for tag in (0x81, 0x82, 0x86, 0x87, 0x88)))


URLS = st.lists(st.binary(max_size=40) | st.sampled_from([b"\xff" * 1500, b"http://" + b"a" * 1500, b"\0"]), max_size=5)
EXTENSIONS = st.dictionaries(
    st.sampled_from([DISTRIBUTION_POINTS, AUTHORITY_ACCESS, FRESHEST, ISSUER_NAMES, POLICIES, OWN]),
    st.one_of(
        URLS.map(lambda urls: distribution_points(*urls)),
        URLS.map(lambda urls: authority_access(*urls)),
        URLS.map(lambda urls: general_names(*urls)),
        st.binary(max_size=200),
    ),
    min_size=1,
    max_size=3,
)
NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)


def who(request: Request) -> Response:
    shown = request.certificate
    return Response(200, (shown.user if shown else "stranger").encode())


@pytest.fixture(scope="module")
def server(authority: Authority, pair: Certificate) -> Iterator[HttpServer]:
    context = load(CertificateFiles(pair.certificate, pair.key, authority.certificate)).context
    with serving(who, Wire(lambda: context)) as running:
        yield running


def ask(server: HttpServer, authority: Authority, client: Certificate | None = None) -> Answer:
    asking = ssl.create_default_context(cafile=str(authority.certificate))
    if client:
        asking.load_cert_chain(client.certificate, client.key)
    return get(server, wire=Wire(None, asking))


def a_client(authority: Authority, extensions: Mapping[str, bytes], name: str = "") -> Certificate:
    number = next(_NUMBERS)
    return authority.issue(f"client-{number}", [name] if name else [], extensions=extensions)


@pytest.mark.parametrize(
    "extensions",
    [
        {DISTRIBUTION_POINTS: distribution_points(b"http://\xff")},
        {DISTRIBUTION_POINTS: distribution_points(b"http://x", b"\xc3\x28")},
        {AUTHORITY_ACCESS: authority_access(b"http://\xff")},
    ],
)
def test_a_certificate_that_cannot_be_read_is_refused_and_the_server_goes_on(
    server: HttpServer, authority: Authority, extensions: dict[str, bytes], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        refused = ask(server, authority, a_client(authority, extensions))
    assert (refused.status, refused.closed) == (400, True)
    assert b"client certificate cannot be read" in refused.body
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert ask(server, authority).body == b"stranger"


@settings(max_examples=settings().max_examples // 4, suppress_health_check=[HealthCheck.too_slow])
@given(extensions=EXTENSIONS, name=NAMES)
def test_no_certificate_stops_the_server(
    server: HttpServer, authority: Authority, extensions: dict[str, bytes], name: str
) -> None:
    client = a_client(authority, extensions, name)
    started = process_time()
    # It is accepted, refused by us, or by the handshake.
    with suppress(OSError, AssertionError):
        assert ask(server, authority, client).status in (200, 400)
    assert ask(server, authority).body == b"stranger"
    assert server.alive()
    assert process_time() - started < CPU_SECONDS
