"""What can go wrong between us and an API server, as one closed tree.

KubeError
├── ConfigurationError      we do not know how to reach it; needs a person
├── UnreachableError        no connection, or it broke: refused, reset, timed out, TLS
├── ProtocolError           it answered something that is not the Kubernetes API
└── StatusError             it answered with a status
    ├── UnauthorizedError   401
    ├── ForbiddenError      403
    ├── NotFoundError       404
    ├── GoneError           410: the resourceVersion or continue token is too old
    ├── InvalidError        400, 405, 406, 415, 422: it does not know this kind of request
    ├── ThrottledError      429
    └── UnavailableError    5xx, and everything else
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final


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


class ProtocolError(KubeError):
    """An answer that is not what the Kubernetes API says."""

    reason = "protocol"


class StatusError(KubeError):
    """The server answered with an error status."""

    def __init__(self, code: int, path: str, message: str = "", retry_after: float | None = None) -> None:
        super().__init__(f"{code} for {path}" + (f": {message}" if message else ""))
        self.code = code
        self.message = message
        self.retry_after = retry_after
        """Seconds that the server asks us to wait."""


class UnauthorizedError(StatusError):
    """The token or certificate is not accepted (any more)."""

    reason = "unauthorized"


class ForbiddenError(StatusError):
    """RBAC does not allow it."""

    reason = "forbidden"


class NotFoundError(StatusError):
    """No such resource or object."""

    reason = "not_found"


class GoneError(StatusError):
    """The resourceVersion or continue token is too old: list again."""

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
    415: InvalidError,
    422: InvalidError,
    429: ThrottledError,
}
_LONGEST: Final = 300


def status_error(code: int, path: str, body: bytes, retry_after: str | None = None) -> StatusError:
    """The error for an HTTP status, with the server's own message where it sends a Status object."""
    try:
        said = json.loads(body)
    except ValueError:
        said = {}
    message = said.get("message") if isinstance(said, dict) else None
    wait = float(retry_after) if retry_after and retry_after.isdigit() else None
    return _BY_CODE.get(code, UnavailableError)(code, path, str(message or "")[:_LONGEST], wait)
