"""Guards: who may see what is served. A guard stands before every route but the probes; its answer, if any, is final.

Whoever cannot be told apart from a stranger is one: if the API server cannot be asked, nobody gets in.
"""

from __future__ import annotations

import hashlib
import logging
import string
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from exporter.base.clock import Clock
from exporter.base.terminal import clean_line
from exporter.kube.client import Client
from exporter.kube.errors import KubeError
from exporter.kube.reviews import AUTHENTICATED, User, review_access, review_token
from exporter.web.decisions import AccessDecision, AccessOutcome, BusyError, Decisions
from exporter.web.server.http import Request, Response, refuse

log = logging.getLogger(__name__)

Guard = Callable[[Request], Response | None]
UNAVAILABLE: Final = "unavailable"
OUTCOMES: Final = (*(outcome.value for outcome in AccessOutcome), UNAVAILABLE)
"""For the metric: what became of requests to guarded routes."""
_PATIENCE: Final = 3.0
"""Seconds without an answer after which the API server counts as unable to tell."""
_TOKEN: Final = frozenset(string.ascii_letters + string.digits + "-._~+/")
"""What a token is made of before its padding: RFC 6750, section 2.1."""
_CHALLENGE: Final = ("WWW-Authenticate", "Bearer")


METRICS: Final = "/metrics"
VIEWING: Final = (METRICS, "/bootsource/*")
"""The nonResourceURLs of those who may see all of it."""


def guarded_path(path: str) -> str:
    """The path that somebody must be allowed to `get`, in the API server's eyes, to see what is served at this one.

    That of the metrics is what scrapers are granted everywhere. The others have a prefix: the role system:discovery
    lets everybody with an account get `/api/*`, which means the API server's own paths.
    """
    return path if path == METRICS else f"/bootsource{path}"


class CertificateGuard:
    """Lets everybody in who has a certificate of the client CA."""

    def __init__(self, clock: Clock, decided: Callable[[str], None]) -> None:
        """`decided` is told each outcome."""
        self._clock = clock
        self._decided = decided

    def __call__(self, request: Request) -> Response | None:
        """The refusal, if it is one."""
        if has_valid_certificate(request, self._clock):
            self._decided(AccessOutcome.ALLOWED.value)
            return None
        self._decided(AccessOutcome.UNAUTHENTICATED.value)
        return refuse(403, "a client certificate is needed here, and there is none that is valid now")


class KubernetesGuard:
    """Lets those in whom the API server knows, by token or client certificate, and who may `get` the path."""

    def __init__(
        self, client: Client, clock: Clock, decided: Callable[[str], None], audiences: Sequence[str] = ()
    ) -> None:
        """`decided` is told each outcome. Tokens must be for one of the audiences; without any, for the API server."""
        self._client = client
        # Connections of their own: all that strangers wait for must not keep the others from asking.
        self._client_for_strangers = client.branch()
        self._clock = clock
        self._decided = decided
        self._audiences = tuple(audiences)
        # Two questions, with a connection to be opened for each of them.
        self._decisions = Decisions(clock, 4 * _PATIENCE)

    def __call__(self, request: Request) -> Response | None:
        """The refusal, if it is one."""
        try:
            decision = self._decision(request)
        except BusyError:
            self._decided(UNAVAILABLE)
            return refuse(503, "too many wait to be told apart; ask again", ("Retry-After", "2"))
        except KubeError as error:
            return self._cannot_tell(error)
        self._decided(decision.outcome.value)
        return _refusal_response(decision, request.path)

    def _cannot_tell(self, error: KubeError) -> Response:
        self._decided(UNAVAILABLE)
        log.error("cannot tell who may see this: nobody gets in", extra={"reason": error.reason, "error": error})
        return refuse(503, "the API server cannot tell whether you may see this; ask again", ("Retry-After", "5"))

    def _decision(self, request: Request) -> AccessDecision:
        """Raises KubeError, BusyError."""
        certificate = request.certificate
        if certificate is not None and has_valid_certificate(request, self._clock):
            user = User(certificate.user, (*certificate.groups, AUTHENTICATED))
            return self._decisions.decide(
                (user, request.path), lambda _: self._authorize(self._client, user, request.path), proved=True
            )
        token = bearer_token(request.header("authorization"))
        if not token:
            return AccessDecision(AccessOutcome.UNAUTHENTICATED)
        # Only the hash is kept: reading our memory gives away no tokens.
        hashed = hashlib.sha256(token.encode()).digest()
        return self._decisions.decide((hashed, request.path), partial(self._review, token, request.path))

    def _review(self, token: str, path: str, acquainted: bool) -> AccessDecision:
        """Ask whose token it is and what its owner may see. Raises KubeError."""
        client = self._client if acquainted else self._client_for_strangers
        user = review_token(client, token, self._audiences, _PATIENCE)
        return self._authorize(client, user, path) if user else AccessDecision(AccessOutcome.UNAUTHENTICATED)

    def _authorize(self, client: Client, user: User, path: str) -> AccessDecision:
        """Ask what they may see. Raises KubeError."""
        allowed = review_access(client, user, guarded_path(path), _PATIENCE)
        return AccessDecision(AccessOutcome.ALLOWED if allowed else AccessOutcome.FORBIDDEN, user.name)


def bearer_token(authorization: str) -> str:
    """The token in an Authorization header; "" if there is none, or something that cannot be one."""
    scheme, _, token = authorization.partition(" ")
    token = token.strip(" ")
    content = token.rstrip("=")
    return token if scheme.lower() == "bearer" and content and _TOKEN.issuperset(content) else ""


def has_valid_certificate(request: Request, clock: Clock) -> bool:
    """The client has shown a certificate with a name, and it has not expired since the connection began."""
    shown = request.certificate
    return shown is not None and bool(shown.user) and clock.now().timestamp() < shown.expires


def _refusal_response(decision: AccessDecision, path: str) -> Response | None:
    match decision.outcome:
        case AccessOutcome.ALLOWED:
            return None
        case AccessOutcome.UNAUTHENTICATED:
            return refuse(401, "a bearer token that the API server accepts is needed here", _CHALLENGE)
        case AccessOutcome.FORBIDDEN:
            remedy = f"grant get on the nonResourceURL {guarded_path(path)}"
            return refuse(403, f"{clean_line(decision.user)} may not get this: {remedy}")
