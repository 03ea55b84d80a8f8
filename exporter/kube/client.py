"""Client: authenticated requests to one API server, with errors as data types and a timeout on every blocking read."""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import Iterator, Mapping
from threading import Lock
from types import TracebackType
from typing import Any, Final, Self

import urllib3
from urllib3.exceptions import HTTPError

from exporter.kube.auth import Connection
from exporter.kube.errors import ProtocolError, UnauthorizedError, UnreachableError, status_error

CONNECT: Final = 10.0
READ: Final = 30.0
"""Seconds without a byte before an answer counts as lost."""
_CHUNK: Final = 65536
_ERROR_BODY: Final = 16384


class Stream:
    """An answer that is read while it arrives."""

    def __init__(self, response: urllib3.BaseHTTPResponse, path: str) -> None:
        self._response = response
        self._path = path
        connection = response.connection
        self._socket: socket.socket | None = getattr(connection, "sock", None)

    def __enter__(self) -> Self:
        """Nothing to open."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connection: what is left unread cannot be reused."""
        self._response.close()

    def chunks(self) -> Iterator[bytes]:
        """The body as it arrives, decompressed. Raises UnreachableError when it breaks off."""
        try:
            yield from self._response.stream(_CHUNK, decode_content=True)
        except (HTTPError, OSError, ValueError) as error:
            raise UnreachableError(f"{self._path}: the connection broke: {_short(error)}") from error

    def lines(self) -> Iterator[bytes]:
        """The body line by line; a last line that does not end counts as broken off and is dropped."""
        pending: list[bytes] = []
        for chunk in self.chunks():
            if b"\n" not in chunk:
                pending.append(chunk)
                continue
            first, *rest = chunk.split(b"\n")
            yield b"".join((*pending, first))
            yield from rest[:-1]
            pending = [rest[-1]]

    def expect_bytes_within(self, seconds: float) -> None:
        """From now on a read that gets nothing for this long fails."""
        if self._socket is not None:
            self._socket.settimeout(seconds)

    def abort(self) -> None:
        """End it from another thread: the blocked read returns at once."""
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)


class Client:
    """Talks to one API server. Safe to use from many threads."""

    def __init__(self, connection: Connection, *, user_agent: str = "bootsource-exporter") -> None:
        self._connection = connection
        self._user_agent = user_agent
        self._pool = _pool(connection)
        self._streams: set[Stream] = set()
        self._lock = Lock()
        self._closed = False

    @property
    def url(self) -> str:
        """The API server's address."""
        return self._connection.url

    def get_json(self, path: str, params: Mapping[str, str] | None = None) -> dict[str, Any]:
        """One object. Raises KubeError."""
        with self.stream(path, params or {}) as stream:
            body = b"".join(stream.chunks())
        try:
            value = json.loads(body)
        except ValueError as error:
            raise ProtocolError(f"{path}: the answer is not JSON; is {self.url} a Kubernetes API server?") from error
        if not isinstance(value, dict):
            raise ProtocolError(f"{path}: the answer is not a JSON object")
        return value

    @contextlib.contextmanager
    def stream(
        self, path: str, params: Mapping[str, str], *, read_timeout: float = READ, compressed: bool = False
    ) -> Iterator[Stream]:
        """An answer to read while it arrives. After a 401 the token is renewed once. Raises KubeError."""
        try:
            response = self._request(path, params, read_timeout, compressed, fresh=False)
        except UnauthorizedError:
            response = self._request(path, params, read_timeout, compressed, fresh=True)
        stream = Stream(response, path)
        with self._lock:
            self._streams.add(stream)
            closed = self._closed
        try:
            with stream:
                if closed:
                    raise UnreachableError(f"{path}: the client is closed")
                yield stream
        finally:
            with self._lock:
                self._streams.discard(stream)

    def close(self) -> None:
        """End all streams and connections, also those that other threads read from."""
        with self._lock:
            self._closed = True
            streams = list(self._streams)
        for stream in streams:
            stream.abort()
        self._pool.clear()

    def _request(
        self, path: str, params: Mapping[str, str], read_timeout: float, compressed: bool, *, fresh: bool
    ) -> urllib3.BaseHTTPResponse:
        headers = {"User-Agent": self._user_agent, "Accept": "application/json"}
        headers["Accept-Encoding"] = "gzip" if compressed else "identity"
        if token := self._connection.token(fresh):
            headers["Authorization"] = token
        try:
            response = self._pool.request(
                "GET",
                self._connection.url + path,
                fields=dict(params),
                headers=headers,
                preload_content=False,
                redirect=False,
                retries=False,
                timeout=urllib3.Timeout(connect=CONNECT, read=read_timeout),
            )
        except (HTTPError, OSError) as error:
            raise UnreachableError(f"{self.url}{path}: {_short(error)}") from error
        if response.status == 200:
            return response
        try:
            body = response.read(_ERROR_BODY)
        except (HTTPError, OSError):
            body = b""
        finally:
            response.close()
        raise status_error(response.status, path, body, response.headers.get("Retry-After"))


def _pool(connection: Connection) -> urllib3.PoolManager:
    options: dict[str, Any] = {"maxsize": 32, "block": False}
    if connection.tls is not None:
        options["ssl_context"] = connection.tls
        if not connection.tls.check_hostname:
            options["cert_reqs"] = "CERT_NONE"
    if connection.server_name:
        options |= {"server_hostname": connection.server_name, "assert_hostname": connection.server_name}
    return urllib3.ProxyManager(connection.proxy, **options) if connection.proxy else urllib3.PoolManager(**options)


def _short(error: BaseException) -> str:
    """The innermost reason, without object addresses."""
    reason = getattr(error, "reason", None)
    if isinstance(reason, BaseException):
        return _short(reason)
    text = str(error.args[-1]) if error.args else type(error).__name__
    return text.rpartition(">: ")[2][:200]
