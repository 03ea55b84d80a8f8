"""Chunked answers are taken apart as http.client does it, however the bytes arrive."""

from __future__ import annotations

import http.client
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.kube.chunked import Answer

HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


class Arriving(io.RawIOBase):
    """Bytes that arrive in portions of these sizes, over and over."""

    def __init__(self, data: bytes, portions: list[int]) -> None:
        self._data, self._portions, self._at, self._turn = data, portions, 0, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        size = min(self._portions[self._turn % len(self._portions)], len(buffer), len(self._data) - self._at)
        buffer[:size] = self._data[self._at : self._at + size]
        self._at, self._turn = self._at + size, self._turn + 1
        return size


class Socket:
    """As much of a socket as http.client looks at."""

    def __init__(self, data: bytes, portions: list[int]) -> None:
        self._raw = Arriving(data, portions)

    def makefile(self, *_: object) -> io.BufferedReader:
        return io.BufferedReader(self._raw, 64)


def begun(kind: type[http.client.HTTPResponse], data: bytes, portions: list[int]) -> http.client.HTTPResponse:
    response = kind(Socket(data, portions))  # type: ignore[arg-type]
    response.begin()
    return response


def body_of(response: http.client.HTTPResponse, n: int = 4096) -> bytes:
    found = []
    while piece := response.read1(n):
        assert len(piece) <= n
        found.append(piece)
    return b"".join(found)


def framed(chunks: list[bytes], extension: bytes, trailer: bytes) -> bytes:
    parts = [b"%x%s\r\n%s\r\n" % (len(chunk), extension, chunk) for chunk in chunks]
    return b"".join((HEAD, *parts, b"0\r\n", trailer, b"\r\n"))


@given(
    chunks=st.lists(st.binary(min_size=1, max_size=300), max_size=8),
    portions=st.lists(st.integers(1, 400), min_size=1, max_size=5),
    n=st.integers(1, 5000),
    extension=st.sampled_from([b"", b";name=value", b" "]),
    trailer=st.sampled_from([b"", b"Expires: never\r\n"]),
)
def test_the_body_is_what_http_client_finds_however_it_arrives(
    chunks: list[bytes], portions: list[int], n: int, extension: bytes, trailer: bytes
) -> None:
    data = framed(chunks, extension, trailer)
    answer = begun(Answer, data, portions)
    assert body_of(answer, n) == body_of(begun(http.client.HTTPResponse, data, portions), n) == b"".join(chunks)
    assert answer.isclosed()
    assert answer.read1(n) == b""


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(b"5\r\nhel", id="in a chunk"),
        pytest.param(b"5\r\nhello", id="after a chunk"),
        pytest.param(b"5\r\nhello\r\n", id="before a size"),
        pytest.param(b"5\r\nhello\r\n1", id="in a size"),
        pytest.param(b"", id="before anything"),
        pytest.param(b"five\r\nhello\r\n0\r\n\r\n", id="a size that is no number"),
        pytest.param(b"-5\r\nhello\r\n0\r\n\r\n", id="a negative size"),
        pytest.param(b"\r\n\r\n", id="no size"),
        pytest.param(b"4\r\nhello\r\n0\r\n\r\n", id="a size that is wrong"),
        pytest.param(b"1" * 10_000, id="a size without end"),
        pytest.param(b"0\r\n" + b"x: y\r\n" * 10_000, id="trailers without end"),
    ],
)
@pytest.mark.parametrize("portion", [1, 1000])
def test_an_answer_that_breaks_off_or_is_malformed_is_an_error_never_an_end(broken: bytes, portion: int) -> None:
    with pytest.raises(http.client.HTTPException):
        body_of(begun(Answer, HEAD + broken, [portion]))


def test_an_answer_of_known_length_is_read_as_ever() -> None:
    answer = begun(Answer, b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", [3])
    assert body_of(answer) == b"hello"
