"""Everything that can go wrong between the exporter and an API server, as one tree of exceptions.

KubeError
├── ConfigurationError      the address or the credentials are wrong; a person has to act
├── UnreachableError        no connection, or it broke: refused, reset, TLS
│   └── TimedOutError       nothing arrived within the timeout
├── ProtocolError           the answer does not follow the Kubernetes API
└── StatusError             the server answered with an error status
    ├── UnauthorizedError   401
    ├── ForbiddenError      403
    ├── NotFoundError       404
    ├── GoneError           410: the resourceVersion or continue token is too old, or newer than the server's own
    ├── InvalidError        400, 405, 406, 413, 415, 422: the server does not support this request
    ├── ThrottledError      429
    └── UnavailableError    5xx, and everything else

Messages name the path, what the server said and what to do; never a token or the credentials in a URL.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final


class KubeError(Exception):
    """Base of all errors that this package raises."""

    reason = "error"
    """Value of the label `outcome` in metrics and of a field in logs; one of REASONS."""


class ConfigurationError(KubeError):
    """Credentials or addresses are missing or wrong. The message names file, field and remedy."""

    reason = "configuration"


class UnreachableError(KubeError):
    """No connection, or it broke."""

    reason = "unreachable"


class TimedOutError(UnreachableError):
    """Nothing arrived within the timeout. Metrics count it as unreachable."""


class ProtocolError(KubeError):
    """An answer that does not follow the Kubernetes API."""

    reason = "protocol"


class StatusError(KubeError):
    """The server answered with an error status."""

    remedy = ""
    """What the administrator can do; the end of the message."""

    def __init__(self, code: int, path: str, message: str = "", retry_after: float | None = None) -> None:
        said = f"{code} for {path}" + (f": {message}" if message else "")
        super().__init__(f"{said}; {self.remedy}" if self.remedy else said)
        self.code = code
        self.path = path
        self.message = message
        self.retry_after = retry_after
        """Seconds that the server asks the client to wait; None if it does not ask."""


class UnauthorizedError(StatusError):
    """The token or certificate is not accepted."""

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
    """The server cannot continue from this resourceVersion or continue token: list again."""

    reason = "gone"


class InvalidError(StatusError):
    """The server does not support the request: it is older, or a feature is switched off."""

    reason = "invalid"


class ThrottledError(StatusError):
    """Too many requests."""

    reason = "throttled"


class UnavailableError(StatusError):
    """The server, or an aggregated one behind it, fails. Says nothing about whether a resource or object exists."""

    reason = "unavailable"


REASONS: Final = tuple(
    error.reason
    for error in (
        *(UnreachableError, ProtocolError, UnauthorizedError, ForbiddenError, NotFoundError),
        *(GoneError, InvalidError, ThrottledError, UnavailableError),
    )
)
"""All values of `reason`."""

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
"""Maximum seconds of a Retry-After, so that one answer of a broken proxy cannot stop a watch for hours."""
_DIGITS: Final = 9
"""Maximum digits of a Retry-After: int() takes quadratic time in the number of digits."""
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
        # "Too large resource version": an etcd that was restored is behind this version. Waiting, as the message asks,
        # may never end; a new list works at once.
        kind = GoneError
    return kind(code, path, message, _seconds(retry_after, status))


def _seconds(header: str | None, status: Mapping[str, Any]) -> float | None:
    details = status.get("details")
    asked = header if header is not None else details.get("retryAfterSeconds") if isinstance(details, dict) else None
    if isinstance(asked, str):
        # str.isdigit() accepts more than HTTP does, such as "²", for which int() raises.
        asked = int(asked) if len(asked) <= _DIGITS and asked.isascii() and asked.isdigit() else None
    if isinstance(asked, bool) or not isinstance(asked, int) or asked < 0:
        return None
    return float(min(asked, _LONGEST_WAIT))


def plain_line(text: object) -> str:
    """The text on one line without control characters, for logs and terminals; "" if it is not a string."""
    return "".join(c if c.isprintable() else " " for c in text[:_LONGEST]).strip() if isinstance(text, str) else ""
