"""HTTP/1.1 as far as this server needs it: requests without a body, and responses whose body is in memory. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from http import HTTPStatus
from ssl import cert_time_to_seconds
from typing import Any, Final
from urllib.parse import parse_qs, unquote

METHODS: Final = ("GET", "HEAD")
END_OF_HEAD: Final = b"\r\n\r\n"
_REQUEST_LINE: Final = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+) (\S+) HTTP/(\d)\.(\d)")
_HEADER: Final = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Certificate:
    """Whom a client certificate was issued to. Whether it can be trusted was decided in the handshake."""

    user: str
    """The common name; "" if it has none."""
    groups: tuple[str, ...] = ()
    """The organizations, which is what Kubernetes takes for groups."""
    expires: float = float("inf")
    """Unix time."""

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Certificate:
        """From what `SSLSocket.getpeercert` tells."""
        names = [pair for part in told["subject"] for pair in part]
        user = next((value for kind, value in names if kind == "commonName"), "")
        groups = tuple(value for kind, value in names if kind == "organizationName")
        return cls(user, groups, cert_time_to_seconds(told["notAfter"]))


@dataclass(frozen=True, slots=True)
class Request:
    """One request. Header names are in lower case; repeated headers are joined by commas."""

    method: str
    path: str
    """Decoded, without the query."""
    headers: Mapping[str, str] = field(default_factory=dict)
    keep_alive: bool = True
    query: Mapping[str, str] = field(default_factory=dict)
    """Of a parameter that is given several times, the last value."""
    certificate: Certificate | None = None
    """What the client has proved to be by TLS."""

    def header(self, name: str) -> str:
        """A header, or ""."""
        return self.headers.get(name, "")

    @property
    def accepts_gzip(self) -> bool:
        """The client can read gzip."""
        for offer in self.header("accept-encoding").split(","):
            coding, _, weight = offer.partition(";")
            if coding.strip().lower() in ("gzip", "x-gzip", "*"):
                return not re.fullmatch(r"q=0(\.0*)?", weight.strip())
        return False


@dataclass(frozen=True, slots=True)
class Response:
    """One answer. The body is not copied: many clients can be sent the same one."""

    status: int
    body: bytes | tuple[bytes, ...]
    """In one, or in pieces that follow each other."""
    content_type: str = "text/plain; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def pieces(self) -> tuple[bytes, ...]:
        """The body in pieces."""
        return (self.body,) if isinstance(self.body, bytes) else self.body

    def head(self, *, keep_alive: bool) -> bytes:
        """Status line and headers. Nothing of it comes from a client without having been checked."""
        lines = [
            f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}",
            f"Date: {formatdate(usegmt=True)}",
            f"Content-Type: {self.content_type}",
            f"Content-Length: {sum(map(len, self.pieces))}",
            "X-Content-Type-Options: nosniff",
            "Cache-Control: no-store",
            "Referrer-Policy: no-referrer",
            *(f"{name}: {value}" for name, value in self.headers),
        ]
        if not keep_alive:
            lines.append("Connection: close")
        return ("\r\n".join(_CONTROL.sub("", line) for line in lines) + "\r\n\r\n").encode("latin-1", "replace")


def refusal(status: int, text: str, *headers: tuple[str, str]) -> Response:
    """An answer that says in one line why there is no better one."""
    return Response(status, f"{text}\n".encode(), headers=headers)


class RefusedError(Exception):
    """What the client sent is not a request that we answer; the connection is closed after the answer."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.response = refusal(status, text)


def parsed(head: bytes, certificate: Certificate | None = None) -> Request:
    """The request in these bytes, which end before the empty line. Raises RefusedError."""
    first, *lines = head.split(b"\r\n")
    match = _REQUEST_LINE.fullmatch(first)
    if not match:
        raise RefusedError(400, "this is not an HTTP request")
    method, target, major, minor = match.groups()
    if major != b"1":
        raise RefusedError(505, "only HTTP/1.0 and HTTP/1.1 are spoken here")
    headers = _headers(lines)
    if headers.get("content-length", "0").strip("0") or "transfer-encoding" in headers:
        # Whatever the method, a body that nobody reads would be taken for the next request.
        raise RefusedError(400 if method.decode() in METHODS else 405, "only GET and HEAD without a body are answered")
    if minor != b"0" and "host" not in headers:
        raise RefusedError(400, "the Host header is missing")
    tokens = {token.strip().lower() for token in headers.get("connection", "").split(",")}
    keep_alive = minor != b"0" and "close" not in tokens
    path, query = _parts(target.decode("latin-1"))
    return Request(method.decode(), path, headers, keep_alive, query, certificate)


def _headers(lines: list[bytes]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for line in lines:
        match = _HEADER.fullmatch(line)
        if not match:
            raise RefusedError(400, "a header line is malformed")
        name, value = match[1].decode().lower(), match[2].decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def _parts(target: str) -> tuple[str, Mapping[str, str]]:
    """The path and the query of an origin-form or absolute-form target."""
    origin_form = re.sub(r"^https?://[^/?#]*", "", target, flags=re.IGNORECASE)
    path, _, query = origin_form.partition("#")[0].partition("?")
    values = parse_qs(query, keep_blank_values=True) if query else {}
    return unquote(path) or "/", {name: each[-1] for name, each in values.items()}
