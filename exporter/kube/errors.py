"""What can go wrong between us and an API server, as one closed tree.

KubeError
├── ConfigurationError      we do not know how to reach it; needs a person
├── UnreachableError        no connection, or it broke: refused, reset, TLS
│   └── TimedOutError       nothing came for as long as we were ready to wait
├── ProtocolError           it answered something that is not the Kubernetes API
└── StatusError             it answered with a status
    ├── UnauthorizedError   401
    ├── ForbiddenError      403
    ├── NotFoundError       404
    ├── GoneError           410: the resourceVersion or continue token is too old, or newer than the server's own
    ├── InvalidError        400, 405, 406, 413, 415, 422: it does not know this kind of request
    ├── ThrottledError      429
    └── UnavailableError    5xx, and everything else

Messages name the path, what the server said and what to do; never a token or the credentials in a URL.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final


class KubeError(Exception):
    """Anything that this package raises on purpose."""

    reason = "error"
    """Closed vocabulary for metrics and logs."""


class ConfigurationError(KubeError):
    """Credentials or addresses are missing or wrong. The message names file, field and remedy."""

    reason = "configuration"


class UnreachableError(KubeError):
    """No connection, or it broke."""

    reason = "unreachable"


class TimedOutError(UnreachableError):
    """Nothing came for as long as we were ready to wait. It counts as unreachable in metrics."""


class ProtocolError(KubeError):
    """An answer that is not what the Kubernetes API says."""

    reason = "protocol"


class StatusError(KubeError):
    """The server answered with an error status."""

    remedy = ""
    """What the administrator can do."""

    def __init__(self, code: int, path: str, message: str = "", retry_after: float | None = None) -> None:
        said = f"{code} for {path}" + (f": {message}" if message else "")
        super().__init__(f"{said}; {self.remedy}" if self.remedy else said)
        self.code = code
        self.path = path
        self.message = message
        self.retry_after = retry_after
        """Seconds that the server asks us to wait."""


class UnauthorizedError(StatusError):
    """The token or certificate is not accepted (any more)."""

    reason = "unauthorized"
    remedy = "log in again, or renew the token or client certificate"


class ForbiddenError(StatusError):
    """RBAC does not allow it."""

    reason = "forbidden"
    remedy = "grant this account list and watch on it"


class NotFoundError(StatusError):
    """No such resource or object."""

    reason = "not_found"


class GoneError(StatusError):
    """The resourceVersion or continue token is not one the server can go on from: list again."""

    reason = "gone"


class InvalidError(StatusError):
    """The server does not understand the request, as an older version or with a feature off."""

    reason = "invalid"


class ThrottledError(StatusError):
    """Too many requests."""

    reason = "throttled"


class UnavailableError(StatusError):
    """The server, or one behind it, is broken. It does not mean that anything does not exist."""

    reason = "unavailable"


REASONS: Final = tuple(
    error.reason
    for error in (
        *(UnreachableError, ProtocolError, UnauthorizedError, ForbiddenError, NotFoundError),
        *(GoneError, InvalidError, ThrottledError, UnavailableError),
    )
)
"""All reasons for which a request can fail."""

_BY_CODE: Final[Mapping[int, type[StatusError]]] = {
    400: InvalidError,
    401: UnauthorizedError,
    403: ForbiddenError,
    404: NotFoundError,
    405: InvalidError,
    406: InvalidError,
    410: GoneError,
    413: InvalidError,
    415: InvalidError,
    422: InvalidError,
    429: ThrottledError,
}
_LONGEST: Final = 300
_LONGEST_WAIT: Final = 300
"""Seconds: a server, or something in front of it, that asks for more is not obeyed."""
_DIGITS: Final = 9
"""Of a Retry-After that is looked at."""
_TOO_LARGE: Final = "Too large resource version"


def status_error(code: int, path: str, body: bytes, retry_after: str | None = None) -> StatusError:
    """The error for an HTTP status, with the server's own message where it sends a Status object."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        said = None
    return error_of(said if isinstance(said, dict) else {}, code, path, retry_after)


def error_of(status: Mapping[str, Any], code: int, path: str, retry_after: str | None = None) -> StatusError:
    """The error that a Status object stands for; `code` is that of HTTP, or of the object in an ERROR event."""
    message = plain_line(status.get("message")) or plain_line(status.get("reason"))
    kind = _BY_CODE.get(code, UnavailableError)
    if kind is UnavailableError and message.startswith(_TOO_LARGE):
        # An etcd that was restored is behind what we have seen: waiting for it, as the message asks, may take for ever.
        kind = GoneError
    return kind(code, path, message, _seconds(retry_after, status))


def _seconds(header: str | None, status: Mapping[str, Any]) -> float | None:
    details = status.get("details")
    asked = header if header is not None else details.get("retryAfterSeconds") if isinstance(details, dict) else None
    if isinstance(asked, str):
        # Python's own notion of a digit is wider than that of HTTP: float("²") raises.
        asked = int(asked) if len(asked) <= _DIGITS and asked.isascii() and asked.isdigit() else None
    if isinstance(asked, bool) or not isinstance(asked, int) or asked < 0:
        return None
    return float(min(asked, _LONGEST_WAIT))


def plain_line(text: object) -> str:
    """One line without control characters: it ends up in logs and on terminals. "" for what is not text."""
    return "".join(c if c.isprintable() else " " for c in text[:_LONGEST]).strip() if isinstance(text, str) else ""
