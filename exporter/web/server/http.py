"""HTTP/1.1 as far as this server needs it: requests without a body, and responses whose body is in memory. Pure."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from http import HTTPStatus
from ssl import cert_time_to_seconds
from typing import Any, Final
from urllib.parse import parse_qs, unquote

METHODS: Final = ("GET", "HEAD")
END_OF_HEAD: Final = b"\r\n\r\n"
MOST_HEADERS: Final = 100
"""Header lines of one request; browsers and scrapers send about twenty."""
MOST_PARAMETERS: Final = 100
"""Parameters of one query; no route has more than one."""
_ALPHANUMERIC: Final = (string.ascii_letters + string.digits).encode()
_TOKEN: Final = b"!#$%&'*+.^_`|~-" + _ALPHANUMERIC
"""Bytes of methods and header names: RFC 9110, section 5.6.2."""
_HOST: Final = b"-._~%!$&'()*+,;=:[]" + _ALPHANUMERIC
"""Bytes of a Host header: RFC 3986, section 3.2.2, and the port."""
_VISIBLE: Final = bytes(range(0x21, 0x7F))
"""Bytes of a request target."""
_CONTROL_BYTES: Final = bytes({*range(0x20), 0x7F} - {0x09})
"""Bytes that no line of a head may contain: a lone CR or LF ends the line for some programs and not for others."""
_SINGLE: Final = ("host", "content-length", "authorization")
"""Headers that must not be repeated: a proxy before us may believe another one of them than we do."""
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
    def from_peer(cls, told: Mapping[str, Any]) -> Certificate:
        """From what `SSLSocket.getpeercert` tells. Raises ValueError if the end of its validity is not a date."""
        names = [pair for part in told.get("subject", ()) for pair in part]
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
        """The client can read gzip. What it says of gzip goes before what it says of "*": RFC 9110, section 12.5.3."""
        accepted: dict[str, bool] = {}
        for offer in self.header("accept-encoding").split(","):
            coding, *parameters = offer.lower().split(";")
            accepted[coding.strip()] = all(map(_may_be_used, parameters))
        explicit = [accepted[coding] for coding in ("gzip", "x-gzip") if coding in accepted]
        return any(explicit) if explicit else accepted.get("*", False)


def _may_be_used(parameter: str) -> bool:
    """False for the parameter of a coding that gives it the weight 0, or a weight that is malformed."""
    name, _, value = parameter.partition("=")
    if name.strip() != "q":
        return True
    whole, _, decimals = value.strip().partition(".")
    if whole not in ("0", "1") or (decimals and not (decimals.isascii() and decimals.isdigit())):
        return False
    return bool((whole + decimals).strip("0"))


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


def refuse(status: int, text: str, *headers: tuple[str, str]) -> Response:
    """An answer that says in one line why there is no better one."""
    return Response(status, f"{text}\n".encode(), headers=headers)


class RefusedError(Exception):
    """What the client sent is not a request that we answer; the connection is closed after the answer."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.response = refuse(status, text)


def parse_request(head: bytes, certificate: Certificate | None = None) -> Request:
    """The request in these bytes, which end before the empty line. Raises RefusedError.

    Takes time in proportion to the number of bytes: nothing here tries a second way to read the same byte.
    """
    first, *lines = head.split(b"\r\n")
    method, target, version = _request_line(first)
    headers = _headers(lines)
    _refuse_body(method, headers)
    if version != "1.0" and "host" not in headers:
        raise RefusedError(400, "the Host header is missing")
    if not _consists_of(headers.get("host", "").encode("latin-1"), _HOST):
        raise RefusedError(400, "the Host header is malformed")
    tokens = {token.strip().lower() for token in headers.get("connection", "").split(",")}
    keep_alive = version != "1.0" and "close" not in tokens
    path, query = _parts(target)
    return Request(method, path, headers, keep_alive, query, certificate)


def _consists_of(value: bytes, allowed: bytes) -> bool:
    return not value.translate(None, allowed)


def _request_line(line: bytes) -> tuple[str, str, str]:
    """Method, target and version, such as "1.1"."""
    words = line.split(b" ")
    if len(words) != 3 or not all(words):
        raise RefusedError(400, "this is not an HTTP request")
    method, target, protocol = words
    name, _, version = protocol.partition(b"/")
    if name != b"HTTP" or len(version) != 3 or not (version[:1] + version[2:]).isdigit() or version[1:2] != b".":
        raise RefusedError(400, "this is not an HTTP request")
    if not _consists_of(method, _TOKEN):
        raise RefusedError(400, "the method is malformed")
    if not _consists_of(target, _VISIBLE):
        raise RefusedError(400, "the request target is malformed: write all but visible ASCII percent-encoded")
    if version[:1] != b"1":
        raise RefusedError(505, "only HTTP/1.0 and HTTP/1.1 are spoken here")
    return method.decode("ascii"), target.decode("ascii"), version.decode("ascii")


def _headers(lines: list[bytes]) -> dict[str, str]:
    """Values by name in lower case."""
    if len(lines) > MOST_HEADERS:
        raise RefusedError(431, f"there are more than {MOST_HEADERS} header lines")
    values: dict[str, list[str]] = {}
    for line in lines:
        name, colon, value = line.partition(b":")
        if not name or not colon or not _consists_of(name, _TOKEN):
            raise RefusedError(400, "a header line is malformed")
        if len(line.translate(None, _CONTROL_BYTES)) != len(line):
            raise RefusedError(400, "a header line contains a control character")
        values.setdefault(name.decode("ascii").lower(), []).append(value.strip(b" \t").decode("latin-1"))
    for single in _SINGLE:
        if len(values.get(single, ())) > 1:
            raise RefusedError(400, f"the header {single} is given more than once")
    return {name: ", ".join(given) for name, given in values.items()}


def _refuse_body(method: str, headers: Mapping[str, str]) -> None:
    """Whatever the method, a body that is not read would be taken for the next request."""
    length = headers.get("content-length", "0")
    if not (length.isascii() and length.isdigit()):
        raise RefusedError(400, "the Content-Length header is malformed")
    if length.strip("0") or "transfer-encoding" in headers:
        raise RefusedError(400 if method in METHODS else 405, "only GET and HEAD without a body are answered")


def _parts(target: str) -> tuple[str, Mapping[str, str]]:
    """The path and the query of an origin-form or absolute-form target."""
    path, _, query = target.partition("#")[0].partition("?")
    scheme, _, rest = path.partition("://")
    if scheme.lower() in ("http", "https"):
        path = "/" + rest.partition("/")[2]
    try:
        values = parse_qs(query, keep_blank_values=True, max_num_fields=MOST_PARAMETERS) if query else {}
    except ValueError:
        raise RefusedError(400, f"the query has more than {MOST_PARAMETERS} parameters") from None
    return unquote(path) or "/", {name: given[-1] for name, given in values.items()}
