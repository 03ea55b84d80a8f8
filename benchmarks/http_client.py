"""Connection: a small HTTP client that costs less than what it measures."""

from __future__ import annotations

import http.client
import json
import ssl
import time
import zlib
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

MERGE: Final = "application/merge-patch+json"


class Answer(NamedTuple):
    """One answer, and how long it took from the first byte of the request to the last one of the answer."""

    status: int
    body: bytes
    seconds: float
    size: int
    """Bytes on the wire."""


class Connection:
    """One connection that is kept; it is made anew when the server has closed it."""

    def __init__(self, url: str, token: str = "", timeout: float = 60.0) -> None:
        parts = urlsplit(url)
        assert parts.hostname is not None
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        if parts.scheme == "https":
            # It is our own server on loopback, and nothing secret travels.
            context = ssl.create_default_context()
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            self._http: http.client.HTTPConnection = http.client.HTTPSConnection(
                parts.hostname, parts.port, timeout=timeout, context=context
            )
        else:
            self._http = http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout)

    def close(self) -> None:
        self._http.close()

    def get(self, path: str, *, gzip: bool = False) -> Answer:
        """One answer, unpacked after the clock has stopped."""
        headers = {**self._headers, "Accept-Encoding": "gzip" if gzip else "identity"}
        started = time.perf_counter()
        try:
            self._http.request("GET", path, headers=headers)
            response = self._http.getresponse()
        except http.client.RemoteDisconnected:  # it was idle for too long
            started = time.perf_counter()
            self._http.request("GET", path, headers=headers)
            response = self._http.getresponse()
        body = response.read()
        seconds = time.perf_counter() - started
        size = len(body)
        if response.headers.get("Content-Encoding") == "gzip":
            body = zlib.decompress(body, wbits=31)
        return Answer(response.status, body, seconds, size)

    def send(self, method: str, path: str, body: object = None, content: str = "application/json") -> int:
        """One request to the API server; the status. Repeated once when the server had closed the connection."""
        headers = {**self._headers, "Content-Type": content}
        data = json.dumps(body) if body is not None else None
        for last in (False, True):
            try:
                self._http.request(method, path, data, headers)
                response = self._http.getresponse()
                response.read()
            except (http.client.HTTPException, OSError):
                self._http.close()
                if last:
                    raise
            else:
                return response.status
        raise AssertionError

    def pieces(self, path: str) -> Iterator[bytes]:
        """The body as it arrives, a piece for each chunk of the server."""
        self._http.request("GET", path, headers={**self._headers, "Accept-Encoding": "identity"})
        response = self._http.getresponse()
        if response.status != 200:
            raise RuntimeError(f"{path}: {response.status} {response.read(300)!r}")
        while chunk := response.read1(65536):
            yield chunk

    def merge(self, path: str, change: Mapping[str, Any]) -> int:
        """Merge a change into an object; fails if the server does not take it."""
        status = self.send("PATCH", path, change, MERGE)
        if status >= 300:
            raise RuntimeError(f"PATCH {path}: {status}")
        return status
