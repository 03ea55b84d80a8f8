"""What the account may do: the API server is asked before anything is read, and never for longer than it is worth."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Timer
from typing import Any, Final

from exporter.cluster.permissions import VERBS
from exporter.cluster.resource import Resource, Scope
from exporter.kube.client import Client
from exporter.kube.errors import ForbiddenError, KubeError, NotFoundError, ProtocolError

_REVIEWS: Final = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
_WHO: Final = "/apis/authentication.k8s.io/v1/selfsubjectreviews"


@dataclass(frozen=True, slots=True)
class Rights:
    """What the API server has told."""

    user: str = ""
    """The user's name as the API server sees it; "" if it does not tell (before Kubernetes 1.28)."""
    denied: Mapping[Resource[Any], tuple[str, ...]] = field(default_factory=dict)
    """The verbs that are refused; none for what could not be asked."""
    denied_in: Mapping[Resource[Any], tuple[str, ...]] = field(default_factory=dict)
    """The namespaces in which they are refused, for resources that are read in some namespaces only."""
    fault: str = ""
    """Why not all of it was told; "" if it was."""


def ask_rights(
    client: Client, resources: Iterable[Resource[Any]], seconds: float, only: frozenset[str] | None = None
) -> Rights:
    """The rights of who asks. The first question that fails is the last one, and after these seconds all fail.

    `only` are the namespaces in which scoped resources are read; None: every namespace.
    """
    user = ""
    denied: dict[Resource[Any], tuple[str, ...]] = {}
    denied_in: dict[Resource[Any], tuple[str, ...]] = {}
    with client_with_deadline(client, seconds) as (branch, ended):
        try:
            user = _user(branch)
            for resource in resources:
                places = sorted(only) if only and resource.scope is Scope.BOOT_SOURCES else [""]
                refused = [(verb, p) for p in places for verb in VERBS if not _may(branch, resource, verb, p)]
                denied[resource] = tuple(verb for verb in VERBS if verb in {verb for verb, _ in refused})
                denied_in[resource] = tuple(dict.fromkeys(place for _, place in refused if place))
        except KubeError as error:
            fault = f"not within {seconds:g} s; see --timeout" if ended() else str(error)
            return Rights(user, denied, denied_in, fault)
    return Rights(user, denied, denied_in)


@contextmanager
def client_with_deadline(client: Client, seconds: float) -> Iterator[tuple[Client, Callable[[], bool]]]:
    """A client whose requests all end after so many seconds, also those that trickle; and what tells if they have."""
    branch = client.branch()
    over = Event()

    def end() -> None:
        over.set()
        branch.close()

    timer = Timer(max(0.0, seconds), end)
    timer.daemon = True
    timer.start()
    try:
        yield branch, over.is_set
    finally:
        timer.cancel()
        branch.close()


def _user(client: Client) -> str:
    try:
        answer = client.post_json(_WHO, {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"})
        return str(answer["status"]["userInfo"]["username"])
    except (NotFoundError, ForbiddenError, KeyError, TypeError):
        return ""


def _may(client: Client, resource: Resource[Any], verb: str, namespace: str) -> bool:
    attributes = {"group": resource.group, "resource": resource.plural, "verb": verb, "namespace": namespace}
    body = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": attributes},
    }
    status = client.post_json(_REVIEWS, body).get("status")
    if not isinstance(status, dict) or not isinstance(status.get("allowed"), bool):
        raise ProtocolError(f"{_REVIEWS}: the answer does not tell whether it is allowed")
    return bool(status["allowed"])
