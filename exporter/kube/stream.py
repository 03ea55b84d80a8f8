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
"""Maximum bytes of one line. By default etcd takes objects of 1.5 MiB."""


class Stream:
    """An answer that is read while it arrives."""

    def __init__(self, response: urllib3.BaseHTTPResponse, path: str) -> None:
        self._response = response
        self._path = path
        # The response drops its connection at the end of the body, but the timeout may have to be set after that.
        self._connection = response.connection

    def __enter__(self) -> Self:
        """Nothing to open."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Return the connection to the pool; it is closed first if a part of the answer is unread."""
        self._response.close()
        self._response.release_conn()

    def chunks(self) -> Iterator[bytes]:
        """The body as it arrives, decompressed. Raises UnreachableError when it breaks off."""
        try:
            if getattr(self._response, "chunked", False):
                yield from self._response.read_chunked(_CHUNK)
                return
            # Not `stream()`, which waits until a whole chunk is there: an event would be delayed until the next one.
            while chunk := self._response.read1(_CHUNK):
                yield chunk
        except (HTTPError, OSError, ValueError) as error:
            raise unreachable_error(self._path, error) from error

    def lines(self, arrived: Callable[[], None] = lambda: None) -> Iterator[bytes]:
        """The body line by line, without line ends; `arrived` is called once per read.

        An incomplete last line is dropped. Raises UnreachableError when the answer breaks off, and ProtocolError for a
        line of more than 16 MiB.
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
        """Set the read timeout for the rest of the answer, in seconds."""
        set_read_timeout(self._connection, seconds)


def unreachable_error(path: str, error: BaseException) -> UnreachableError:
    """The error for a broken connection, with its cause as text and without credentials."""
    root = _root(error)
    text = f"{path}: {_describe(root)}"
    return TimedOutError(text) if isinstance(root, TimeoutError) else UnreachableError(text)


def _root(error: BaseException) -> BaseException:
    """The innermost of nested exceptions."""
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
