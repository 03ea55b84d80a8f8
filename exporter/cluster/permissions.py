"""The RBAC permissions that reading a resource needs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from exporter.cluster.resource import Resource

VERBS: Final = ("get", "list", "watch")
"""The exporter never writes to watched resources, so it needs no other verb."""
RBAC: Final = "rbac.authorization.k8s.io"
SERVICE_ACCOUNT: Final = "system:serviceaccount:"
_UNFIT: Final = re.compile(r"[^\w.:@-]", re.ASCII)
"""Characters that a user's name may have and the name of a binding may not."""


@dataclass(frozen=True, slots=True)
class Permission:
    """Verbs on one resource."""

    group: str
    resource: str
    verbs: tuple[str, ...] = VERBS

    def rule(self) -> dict[str, Any]:
        """The permission as an item of a role's `rules`."""
        return {"apiGroups": [self.group], "resources": [self.resource], "verbs": list(self.verbs)}


def permission_for(resource: Resource[Any]) -> Permission:
    """The permission to get, list and watch a resource."""
    return Permission(resource.group, resource.plural)


def build_role(needed: Permission, user: str, namespaces: Sequence[str] = ()) -> list[Mapping[str, Any]]:
    """A ClusterRole with this permission, and the bindings that grant it to a user or service account.

    Without namespaces the binding covers the whole cluster; otherwise there is one RoleBinding per namespace.

    All accounts share the role, but each has bindings of its own name: applying the manifest for one account does not
    remove the permission of another.
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
