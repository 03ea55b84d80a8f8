"""Reviews: the API server tells who somebody is, and what they may do. Nothing is stored in the cluster by asking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from exporter.kube.client import Client
from exporter.kube.errors import ForbiddenError, ProtocolError

TOKEN_REVIEWS: Final = ("authentication.k8s.io", "tokenreviews")
"""Group and resource that must be created to tell whose token it is."""
ACCESS_REVIEWS: Final = ("authorization.k8s.io", "subjectaccessreviews")
"""Group and resource that must be created to tell what somebody may do."""
AUTHENTICATED: Final = "system:authenticated"
"""The group of everybody who has proved who they are; the API server adds it by itself only to those that it has
authenticated."""


class ReviewForbiddenError(ForbiddenError):
    """RBAC does not allow us to ask."""

    remedy = "grant this account create on it"


@dataclass(frozen=True, slots=True)
class User:
    """Somebody, as the API server knows them."""

    name: str
    groups: tuple[str, ...] = ()
    uid: str = ""
    extra: Mapping[str, Sequence[str]] = field(default_factory=dict, compare=False)
    """Of a service account for instance the pod; authorizers other than RBAC may look at it."""


def review_token(client: Client, token: str, audiences: Sequence[str], patience: float) -> User | None:
    """Who this token was issued to; None if it is no good, or not for one of these audiences. Raises KubeError.

    Without audiences it must be one for the API server itself. `patience` is the longest silence in seconds.
    """
    spec: dict[str, Any] = {"token": token}
    if audiences:
        spec["audiences"] = list(audiences)
    status = _review(client, TOKEN_REVIEWS, "TokenReview", spec, patience)
    if status.get("authenticated") is not True:
        return None
    # A server whose authenticator knows nothing of audiences accepts the token for any; only if it names ours it is.
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
    """The text, "" for null. Raises ProtocolError: of who somebody is nothing is guessed."""
    if value is not None and not isinstance(value, str):
        raise ProtocolError(f"{_path(TOKEN_REVIEWS)}: the answer has {type(value).__name__} where text belongs")
    return value or ""


def _texts(value: object) -> tuple[str, ...]:
    """The texts, none for null. Raises ProtocolError."""
    if value is not None and not isinstance(value, list):
        raise ProtocolError(f"{_path(TOKEN_REVIEWS)}: the answer has {type(value).__name__} where a list belongs")
    return tuple(_text(item) for item in value or ())


def review_access(client: Client, user: User, path: str, patience: float) -> bool:
    """Whether they may `get` this path, which is none of the API server's own resources. Raises KubeError."""
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
