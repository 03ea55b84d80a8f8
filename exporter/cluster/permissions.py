"""What may have to be granted to look at a resource, as RBAC states it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from exporter.cluster.resource import Resource

VERBS: Final = ("get", "list", "watch")
"""All that is ever asked for."""
RBAC: Final = "rbac.authorization.k8s.io"
SERVICE_ACCOUNT: Final = "system:serviceaccount:"
_UNFIT: Final = re.compile(r"[^\w.:@-]", re.ASCII)
"""What the API server takes in a user's name, and not in that of a binding."""


@dataclass(frozen=True, slots=True)
class Permission:
    """Verbs on one resource."""

    group: str
    resource: str
    verbs: tuple[str, ...] = VERBS

    def rule(self) -> dict[str, Any]:
        """As a rule of a role."""
        return {"apiGroups": [self.group], "resources": [self.resource], "verbs": list(self.verbs)}


def permission_for(resource: Resource[Any]) -> Permission:
    """What a resource needs."""
    return Permission(resource.group, resource.plural)


def build_role(needed: Permission, user: str, namespaces: Sequence[str] = ()) -> list[Mapping[str, Any]]:
    """A ClusterRole with this permission, and the bindings that give it to a user or service account.

    Without namespaces it is given in the whole cluster, else in each of these.

    The role is the same for everybody and the binding has a name of its own for each: to apply what was meant for
    one account takes nothing from another.
    """
    name = f"bootsource-exporter-read-{needed.resource}"
    role = {
        "apiVersion": f"{RBAC}/v1",
        "kind": "ClusterRole",
        "metadata": {"name": name},
        "rules": [needed.rule()],
    }
    metadata = {"name": f"{name}:{_UNFIT.sub(lambda m: f'_{ord(m[0]):02x}', user)}"}
    places = [{**metadata, "namespace": namespace} for namespace in namespaces] or [metadata]
    bindings = (
        {
            "apiVersion": f"{RBAC}/v1",
            "kind": "RoleBinding" if namespaces else "ClusterRoleBinding",
            "metadata": place,
            "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": name},
            "subjects": [_subject(user)],
        }
        for place in places
    )
    return [role, *bindings]


def _subject(user: str) -> dict[str, str]:
    if user.startswith(SERVICE_ACCOUNT):
        namespace, _, account = user.removeprefix(SERVICE_ACCOUNT).partition(":")
        return {"kind": "ServiceAccount", "namespace": namespace, "name": account}
    return {"apiGroup": RBAC, "kind": "User", "name": user}
