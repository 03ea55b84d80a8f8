"""Requests and responses as bytes."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.web.server.http import RefusedError, Request, Response, parsed


def head(*lines: str) -> bytes:
    return "\r\n".join(lines).encode()


def test_a_request_is_read() -> None:
    request = parsed(head("GET http://h/a%2Fb?q=1#f HTTP/1.1", "Host: x", "ACCEPT: a", "Accept:\tb "))
    assert request == Request("GET", "/a/b", {"host": "x", "accept": "a, b"}, keep_alive=True, query={"q": "1"})


@pytest.mark.parametrize(
    ("offer", "expected"),
    [("", False), ("gzip", True), ("deflate, GZIP ; q=0.5", True), ("gzip;q=0", False), ("*", True), ("br", False)],
)
def test_gzip_is_negotiated(offer: str, expected: bool) -> None:
    assert Request("GET", "/", {"accept-encoding": offer}).accepts_gzip is expected


def test_a_header_cannot_be_split_by_its_value() -> None:
    told = Response(200, b"", headers=(("X", "a\r\nSet-Cookie: b"),)).head(keep_alive=True)
    assert b"\r\nSet-Cookie" not in told


@given(st.binary(max_size=200))
def test_any_bytes_are_a_request_or_refused(data: bytes) -> None:
    with suppress(RefusedError):
        assert parsed(data).path
