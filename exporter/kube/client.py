"""Client: authenticated requests to one API server, with an exception per kind of error and a timeout on every read."""

from __future__ import annotations

import contextlib
import json
import ssl
from collections.abc import Iterator, Mapping
from threading import Lock
from time import monotonic
from typing import Any, Final
from urllib.parse import unquote, urlencode, urlsplit, urlunsplit
from weakref import WeakSet

import urllib3
from urllib3.exceptions import HTTPError, InsecureRequestWarning, SSLError

from exporter.kube.connection import Connection
from exporter.kube.errors import (
    ConfigurationError,
    ProtocolError,
    TimedOutError,
    UnauthorizedError,
    UnreachableError,
    status_error,
)
from exporter.kube.sockets import SOCKET_OPTIONS, Sockets
from exporter.kube.stream import Stream, unreachable_error

CONNECT: Final = 5.0
"""Timeout for opening a connection, in seconds, per address of the server."""
READ: Final = 30.0
"""Seconds without a byte after which an answer counts as lost."""
_AT_ONCE: Final = 4
"""Maximum connections of one client; a request that needs another one waits."""
_ERROR_BODY: Final = 16384
_LARGEST: Final = 16 * 1024 * 1024
"""Maximum bytes of an answer that is read as a whole: discovery and reviews have a hundredth of that."""
_LONGEST: Final = 60.0
"""Seconds for reading a whole answer: a server that sends a byte now and then never reaches the read timeout."""


class Client:
    """Sends requests to one API server. Safe to use from many threads. Errors are KubeErrors."""

    def __init__(self, connection: Connection, *, user_agent: str = "bootsource-exporter") -> None:
        self._connection = connection
        self._user_agent = user_agent
        self._sockets = Sockets()
        self._pool = _pool(connection, self._sockets)
        self._branches: WeakSet[Client] = WeakSet()
        self._lock = Lock()

    @property
    def url(self) -> str:
        """The API server's address."""
        return self._connection.url

    def branch(self) -> Client:
        """A client with its own connections, so that closing it ends its own requests only.

        Credentials and TLS context are shared. Closing this client also closes its branches.
        """
        made = Client(self._connection, user_agent=self._user_agent)
        with self._lock:
            self._branches.add(made)
        if self._sockets.ended:
            made.close()
        return made

    def get_json(
        self, path: str, params: Mapping[str, str] | None = None, *, compressed: bool = False
    ) -> dict[str, Any]:
        """GET one JSON object of at most 16 MiB. Raises KubeError."""
        with self.stream(path, params or {}, compressed=compressed) as stream:
            return self._whole(path, stream)

    def post_json(self, path: str, body: Mapping[str, Any], *, read_timeout: float = READ) -> dict[str, Any]:
        """POST an object and return the one in the answer. `read_timeout` is in seconds. Raises KubeError."""
        raw = json.dumps(body, separators=(",", ":")).encode()
        with self._open("POST", path, {}, read_timeout, compressed=False, body=raw) as stream:
            return self._whole(path, stream)

    def stream(
        self, path: str, params: Mapping[str, str], *, read_timeout: float = READ, compressed: bool = False
    ) -> contextlib.AbstractContextManager[Stream]:
        """GET an answer to read while it arrives. After a 401 the token is renewed once. Raises KubeError.

        `read_timeout` is the longest silence in seconds, including the time before the answer begins.
        """
        return self._open("GET", path, params, read_timeout, compressed=compressed)

    def close(self) -> None:
        """End all requests and connections, including those that other threads wait for. The client stays closed."""
        self._sockets.end()
        with self._lock:
            branches = list(self._branches)
        for branch in branches:
            branch.close()
        self._pool.clear()

    @contextlib.contextmanager
    def _open(
        self,
        method: str,
        path: str,
        params: Mapping[str, str],
        read_timeout: float,
        *,
        compressed: bool,
        body: bytes | None = None,
    ) -> Iterator[Stream]:
        url = f"{self.url.rstrip('/')}{path}" + (f"?{urlencode(params)}" if params else "")
        timeout = urllib3.Timeout(connect=min(CONNECT, read_timeout), read=read_timeout)
        headers = {"User-Agent": self._user_agent, "Accept": "application/json"}
        headers["Accept-Encoding"] = "gzip" if compressed else "identity"
        if body is not None:
            headers["Content-Type"] = "application/json"
        token = self._connection.token(False)
        try:
            response = self._request(method, url, path, headers, token, timeout, body)
        except UnauthorizedError as error:
            refused = error
        else:
            with Stream(response, path) as stream:
                yield stream
            return
        renewed = self._connection.token(True)
        if renewed == token:
            raise refused
        with Stream(self._request(method, url, path, headers, renewed, timeout, body), path) as stream:
            yield stream

    def _request(
        self,
        method: str,
        url: str,
        path: str,
        headers: Mapping[str, str],
        token: str,
        timeout: urllib3.Timeout,
        body: bytes | None,
    ) -> urllib3.BaseHTTPResponse:
        if self._sockets.ended:
            raise UnreachableError(f"{path}: the client is closed")
        try:
            response = self._pool.request(
                method,
                url,
                body=body,
                headers={**headers, "Authorization": token} if token else headers,
                preload_content=False,
                redirect=False,
                retries=False,
                timeout=timeout,
                pool_timeout=CONNECT,
            )
        except SSLError as error:
            self._reload()
            raise unreachable_error(f"{self.url}{path}", error) from error
        except (HTTPError, OSError, ValueError) as error:
            raise unreachable_error(f"{self.url}{path}", error) from error
        if 200 <= response.status < 300:
            return response
        with Stream(response, path) as stream:
            stream.expect_bytes_within(READ)
            try:
                said = _read_body(stream, path, _ERROR_BODY)[:_ERROR_BODY]
            except UnreachableError:
                said = b""
        raise status_error(response.status, path, said, response.headers.get("Retry-After"))

    def _reload(self) -> None:
        """Load CA and client certificate again before the next attempt: the files may have been replaced."""
        with contextlib.suppress(ConfigurationError):
            self._connection.reload()

    def _whole(self, path: str, stream: Stream) -> dict[str, Any]:
        body = _read_body(stream, path, _LARGEST)
        if len(body) > _LARGEST:
            raise ProtocolError(f"{path}: the answer is longer than {_LARGEST} bytes")
        try:
            value = json.loads(body)
        except RecursionError:
            raise ProtocolError(f"{path}: the answer is nested too deeply") from None
        except ValueError as error:
            raise ProtocolError(f"{path}: the answer is not JSON; is {self.url} a Kubernetes API server?") from error
        if not isinstance(value, dict):
            raise ProtocolError(f"{path}: the answer is not a JSON object")
        return value


def _read_body(stream: Stream, path: str, enough: int) -> bytes:
    """Up to `enough` bytes of the body. Raises UnreachableError, and TimedOutError after 60 seconds in total."""
    body = bytearray()
    deadline = monotonic() + _LONGEST
    for chunk in stream.chunks():
        body += chunk
        if len(body) > enough:
            break
        if monotonic() > deadline:
            raise TimedOutError(f"{path}: the answer has not ended within {_LONGEST:.0f} s")
    return bytes(body)


def _pool(connection: Connection, sockets: Sockets) -> urllib3.PoolManager:
    options: dict[str, Any] = {"maxsize": _AT_ONCE, "block": True, "socket_options": SOCKET_OPTIONS}
    if connection.tls is not None:
        options["ssl_context"] = connection.tls
        if connection.tls.verify_mode is ssl.CERT_NONE:
            # The user asked for it (insecure-skip-tls-verify); a warning per request would flood the log.
            urllib3.disable_warnings(InsecureRequestWarning)
    if connection.server_name:
        options["server_hostname"] = connection.server_name
    if connection.proxy:
        pool: urllib3.PoolManager = _through(connection.proxy, options)
    else:
        pool = urllib3.PoolManager(num_pools=1, **options)
    pool.pool_classes_by_scheme = sockets.pools()
    return pool


def _through(proxy: str, options: Mapping[str, Any]) -> urllib3.ProxyManager:
    """A pool behind a proxy. User and password move from its URL into a header, because errors show the URL."""
    parts = urlsplit(proxy)
    login = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}" if parts.username else None
    bare = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    headers = urllib3.make_headers(proxy_basic_auth=login) if login else None
    return urllib3.ProxyManager(bare, num_pools=1, proxy_headers=headers, **options)
