"""Stream: an answer that is read while it arrives, in chunks or in lines."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Final, Self

import urllib3
from urllib3.exceptions import HTTPError

from exporter.kube.errors import ProtocolError, TimedOutError, UnreachableError
from exporter.kube.sockets import set_read_timeout

_CHUNK: Final = 65536
_LONGEST: Final = 16 * 1024 * 1024
"""Bytes of one line at most: etcd takes objects of 1.5 MiB, unless it is configured."""


class Stream:
    """An answer that is read while it arrives."""

    def __init__(self, response: urllib3.BaseHTTPResponse, path: str) -> None:
        self._response = response
        self._path = path
        # Kept, since the response lets go of it when it has been read to its end.
        self._connection = response.connection

    def __enter__(self) -> Self:
        """Nothing to open."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give the connection back; one with something left unread is closed first."""
        self._response.close()
        self._response.release_conn()

    def chunks(self) -> Iterator[bytes]:
        """The body as it arrives, decompressed. Raises UnreachableError when it breaks off."""
        try:
            if getattr(self._response, "chunked", False):
                yield from self._response.read_chunked(_CHUNK)
                return
            # Not `stream`, which waits until a whole chunk is there: an event would lie about.
            while chunk := self._response.read1(_CHUNK):
                yield chunk
        except (HTTPError, OSError, ValueError) as error:
            raise unreachable_error(self._path, error) from error

    def lines(self, arrived: Callable[[], None] = lambda: None) -> Iterator[bytes]:
        """The body line by line, without line ends; `arrived` is called once per read.

        A last line that does not end is dropped: it broke off. Raises UnreachableError, and ProtocolError for a line
        without end.
        """
        pending: list[bytes] = []
        size = 0
        for chunk in self.chunks():
            arrived()
            if b"\n" not in chunk:
                pending.append(chunk)
                size += len(chunk)
                if size > _LONGEST:
                    raise ProtocolError(f"{self._path}: a line of more than {_LONGEST} bytes; this is no watch")
                continue
            first, *rest = chunk.split(b"\n")
            yield b"".join((*pending, first)) if pending else first
            yield from rest[:-1]
            pending, size = [rest[-1]], len(rest[-1])

    def expect_bytes_within(self, seconds: float) -> None:
        """From now on a read that gets nothing for this long fails."""
        set_read_timeout(self._connection, seconds)


def unreachable_error(path: str, error: BaseException) -> UnreachableError:
    """What a broken connection means, in words, without addresses of objects or credentials."""
    root = _root(error)
    text = f"{path}: {_describe(root)}"
    return TimedOutError(text) if isinstance(root, TimeoutError) else UnreachableError(text)


def _root(error: BaseException) -> BaseException:
    """The error that all others are wrapped around."""
    inner = next((e for e in (*error.args, error.__cause__) if isinstance(e, BaseException)), None)
    return error if inner is None else _root(inner)


def _describe(root: BaseException) -> str:
    if isinstance(root, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {root.verify_message}; give the CA of this cluster"
    if isinstance(root, TimeoutError):
        return "no answer in time; is the server up, and is there a proxy or firewall in between?"
    if isinstance(root, ConnectionRefusedError):
        return "connection refused; is the server up, and is this its address?"
    if isinstance(root, OSError) and root.strerror:
        return root.strerror
    return _last_words(root)


def _last_words(root: BaseException) -> str:
    text = " ".join(str(root).split())
    return text.rpartition(">: ")[2][:200] or type(root).__name__
