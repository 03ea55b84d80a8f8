"""Reviews: ask the API server to whom a token belongs and what that user may do. A review stores nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from exporter.kube.client import Client
from exporter.kube.errors import ForbiddenError, ProtocolError

TOKEN_REVIEWS: Final = ("authentication.k8s.io", "tokenreviews")
"""Group and resource of token reviews, for the request and for RBAC."""
ACCESS_REVIEWS: Final = ("authorization.k8s.io", "subjectaccessreviews")
"""Group and resource of access reviews, for the request and for RBAC."""
AUTHENTICATED: Final = "system:authenticated"
"""The group of all authenticated users. The API server adds it only to users that it has authenticated itself."""


class ReviewForbiddenError(ForbiddenError):
    """RBAC does not allow the exporter to create the review."""

    remedy = "grant this account create on it"


@dataclass(frozen=True, slots=True)
class User:
    """A user as the API server identifies it."""

    name: str
    groups: tuple[str, ...] = ()
    uid: str = ""
    extra: Mapping[str, Sequence[str]] = field(default_factory=dict, compare=False)
    """For example the pod of a service account. RBAC ignores it, other authorizers may use it."""


def review_token(client: Client, token: str, audiences: Sequence[str], patience: float) -> User | None:
    """The user of a token; None if the token is invalid or not issued for one of these audiences. Raises KubeError.

    Without audiences the token must be issued for the API server itself. `patience` is the read timeout in seconds.
    """
    spec: dict[str, Any] = {"token": token}
    if audiences:
        spec["audiences"] = list(audiences)
    status = _review(client, TOKEN_REVIEWS, "TokenReview", spec, patience)
    if status.get("authenticated") is not True:
        return None
    # An authenticator without support for audiences accepts a token for any of them: the answer must name one of ours.
    if audiences and not set(audiences) & set(_texts(status.get("audiences"))):
        return None
    user = status.get("user")
    name = _text(user.get("username")) if isinstance(user, dict) else ""
    if not isinstance(user, dict) or not name:
        raise ProtocolError(f"{_path(TOKEN_REVIEWS)}: the token is accepted, but no user is named")
    extra = user.get("extra") or {}
    if not isinstance(extra, dict):
        raise ProtocolError(f"{_path(TOKEN_REVIEWS)}: the user's extra is not an object")
    return User(
        name, _texts(user.get("groups")), _text(user.get("uid")), {key: _texts(values) for key, values in extra.items()}
    )


def _text(value: object) -> str:
    """The string, "" for null. Raises ProtocolError for other types: an identity is never guessed."""
    if value is not None and not isinstance(value, str):
        raise ProtocolError(f"{_path(TOKEN_REVIEWS)}: the answer has {type(value).__name__} where text belongs")
    return value or ""


def _texts(value: object) -> tuple[str, ...]:
    """The strings of a list, none for null. Raises ProtocolError for other types."""
    if value is not None and not isinstance(value, list):
        raise ProtocolError(f"{_path(TOKEN_REVIEWS)}: the answer has {type(value).__name__} where a list belongs")
    return tuple(_text(item) for item in value or ())


def review_access(client: Client, user: User, path: str, patience: float) -> bool:
    """Whether RBAC allows the user to `get` this non-resource path. Raises KubeError."""
    spec: dict[str, Any] = {"user": user.name, "groups": list(user.groups)}
    if user.uid:
        spec["uid"] = user.uid
    if user.extra:
        spec["extra"] = {key: list(values) for key, values in user.extra.items()}
    spec["nonResourceAttributes"] = {"path": path, "verb": "get"}
    return _review(client, ACCESS_REVIEWS, "SubjectAccessReview", spec, patience).get("allowed") is True


def _path(what: tuple[str, str]) -> str:
    return f"/apis/{what[0]}/v1/{what[1]}"


def _review(
    client: Client, what: tuple[str, str], kind: str, spec: Mapping[str, Any], patience: float
) -> Mapping[str, Any]:
    body = {"apiVersion": f"{what[0]}/v1", "kind": kind, "spec": spec}
    try:
        status = client.post_json(_path(what), body, read_timeout=patience).get("status")
    except ForbiddenError as error:
        raise ReviewForbiddenError(error.code, error.path, error.message) from None
    if not isinstance(status, dict):
        raise ProtocolError(f"{_path(what)}: the answer has no status")
    return status
