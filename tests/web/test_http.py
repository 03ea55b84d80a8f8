"""Requests and responses as bytes."""

from __future__ import annotations

from contextlib import suppress
from time import thread_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.metrics.exposition import negotiate
from exporter.web.guard import bearer_token
from exporter.web.server.http import MOST_HEADERS, MOST_PARAMETERS, RefusedError, Request, Response, parse_request
from exporter.web.server.limits import ServerLimits

CPU_SECONDS = 2.0
"""For the largest head, which takes less than a millisecond: more is a cost that grows faster than the head."""
PIECES = (
    *(
        b" ",
        b"\t",
        b"\r",
        b"\n",
        b"\r\n",
        b"\0",
        b":",
        b"/",
        b"%",
        b"&",
        b"=",
        b";",
        b",",
        b".",
        b"?",
        b"#",
        b"a",
        b"\xff",
    ),
    *(b"GET / HTTP/1.1\r\n", b"Host: x\r\n", b"Content-Length: 0\r\n", b"http://", b" HTTP/1.1", b"%41", b"a=b&"),
    *(
        b"Accept-Encoding: ",
        b"gzip;q=0,",
        b"Accept: ",
        b"text/plain;version=9,",
        b"Authorization: Bearer ",
        b"Connection: ",
    ),
)
HEADS = st.lists(st.tuples(st.sampled_from(PIECES), st.sampled_from([1, 2, 3, 50, 2000, 8192])), max_size=12).map(
    lambda parts: b"".join(piece * count for piece, count in parts)[: ServerLimits().header_bytes]
)


def head(*lines: str) -> bytes:
    return "\r\n".join(lines).encode()


def test_a_request_is_read() -> None:
    request = parse_request(head("GET http://h/a%2Fb?q=1#f HTTP/1.1", "Host: x", "ACCEPT: a", "Accept:\tb "))
    assert request == Request("GET", "/a/b", {"host": "x", "accept": "a, b"}, keep_alive=True, query={"q": "1"})


@pytest.mark.parametrize(
    ("offer", "expected"),
    [
        ("", False),
        ("gzip", True),
        ("X-GZIP", True),
        ("deflate, GZIP ; q=0.5", True),
        ("gzip;q=0", False),
        ("gzip;Q=0", False),
        ("gzip; q = 0.000", False),
        ("gzip;q=0.001", True),
        ("gzip;level=1;q=0", False),
        ("gzip;q=", False),
        ("gzip;q=nan", False),
        ("gzip;q=1.\u00b2", False),
        ("*", True),
        ("*;q=0", False),
        ("*;Q=0.0", False),
        ("gzip, *;q=0", True),
        ("*;q=0, gzip", True),
        ("gzip;q=0, *", False),
        ("*, gzip;q=0", False),
        ("br", False),
        ("identity", False),
    ],
)
def test_gzip_is_negotiated(offer: str, expected: bool) -> None:
    assert Request("GET", "/", {"accept-encoding": offer}).accepts_gzip is expected


def test_a_header_cannot_be_split_by_its_value() -> None:
    told = Response(200, b"", headers=(("X", "a\r\nSet-Cookie: b"),)).head(keep_alive=True)
    assert b"\r\nSet-Cookie" not in told


@given(st.binary(max_size=200))
def test_any_bytes_are_a_request_or_refused(data: bytes) -> None:
    with suppress(RefusedError):
        assert parse_request(data).path


GOOD = ("GET / HTTP/1.1", "Host: x")


@pytest.mark.parametrize(
    "lines",
    [
        ("GET / HTTP/1.1", "Host: [::1]:8080"),
        ("GET / HTTP/1.1", "Host:"),
        ("GET / HTTP/1.0",),
        (*GOOD, "X:"),
        (*GOOD, "X: a\tb"),
        (*GOOD, "X: \xe9"),
        (*GOOD, "Content-Length: 0"),
        (*GOOD, *(f"X-{number}: y" for number in range(MOST_HEADERS - 1))),
        ("GET /?" + "&".join("a=1" for _ in range(MOST_PARAMETERS)) + " HTTP/1.1", "Host: x"),
    ],
)
def test_what_clients_send_is_taken(lines: tuple[str, ...]) -> None:
    assert parse_request(head(*lines)).path == "/"


@pytest.mark.parametrize(
    ("lines", "status", "reason"),
    [
        (("GET  / HTTP/1.1", "Host: x"), 400, "not an HTTP request"),
        (("GET\t/ HTTP/1.1", "Host: x"), 400, "not an HTTP request"),
        (("GET / HTTP/1.10", "Host: x"), 400, "not an HTTP request"),
        (("GET / HTTP/1,1", "Host: x"), 400, "not an HTTP request"),
        (("GET / HTTP/1.\u00b2", "Host: x"), 400, "not an HTTP request"),
        (("G(T / HTTP/1.1", "Host: x"), 400, "method"),
        (("GET /\x00 HTTP/1.1", "Host: x"), 400, "target"),
        (("GET /\xe9 HTTP/1.1", "Host: x"), 400, "target"),
        (("GET / HTTP/1.1\nHost: x",), 400, "not an HTTP request"),
        ((*GOOD, "Host: x"), 400, "more than once"),
        ((*GOOD, "host: y"), 400, "more than once"),
        (("GET / HTTP/1.1", "Host: x/y"), 400, "Host"),
        (("GET / HTTP/1.1", "Host: x y"), 400, "Host"),
        ((*GOOD, "Content-Length:"), 400, "Content-Length"),
        ((*GOOD, "Content-Length: +0"), 400, "Content-Length"),
        ((*GOOD, "Content-Length: 0, 0"), 400, "Content-Length"),
        ((*GOOD, "Content-Length: \xb2"), 400, "Content-Length"),
        ((*GOOD, "Content-Length: 0", "Content-Length: 0"), 400, "more than once"),
        ((*GOOD, "Authorization: Bearer a", "Authorization: Bearer b"), 400, "more than once"),
        ((*GOOD, "X: a\nY: b"), 400, "control"),
        ((*GOOD, "X: a\rY: b"), 400, "control"),
        ((*GOOD, "X: \x00"), 400, "control"),
        ((*GOOD, "X: \x7f"), 400, "control"),
        ((*GOOD, "X : y"), 400, "malformed"),
        ((*GOOD, ": y"), 400, "malformed"),
        ((*GOOD, "\ty"), 400, "malformed"),
        ((*GOOD, *(f"X-{number}: y" for number in range(MOST_HEADERS))), 431, "header lines"),
        (("GET /?" + "&".join("a" for _ in range(MOST_PARAMETERS + 1)) + " HTTP/1.1", "Host: x"), 400, "parameters"),
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(lines: tuple[str, ...], status: int, reason: str) -> None:
    with pytest.raises(RefusedError, match=reason) as refused:
        parse_request("\r\n".join(lines).encode("latin-1"))
    assert refused.value.response.status == status


@pytest.mark.parametrize("before", [b"", b"GET / HTTP/1.1\r\nHost: x\r\nX:"])
@pytest.mark.parametrize("after", [b"", b"\n", b"x\n", b"\x00"])
def test_no_head_costs_more_than_its_length(before: bytes, after: bytes) -> None:
    for piece in PIECES:
        assert_cheap(before + piece * (8000 // len(piece)) + after)


@given(HEADS)
def test_no_combination_of_pieces_costs_more_than_its_length(data: bytes) -> None:
    assert_cheap(data)
    assert_cheap(b"GET / HTTP/1.1\r\nHost: x\r\n" + data)


def assert_cheap(data: bytes) -> None:
    started = thread_time()
    with suppress(RefusedError):
        request = parse_request(data)
        assert request.accepts_gzip in (True, False)
        assert negotiate(request.header("accept"))
        assert " " not in bearer_token(request.header("authorization"))
    assert thread_time() - started < CPU_SECONDS
