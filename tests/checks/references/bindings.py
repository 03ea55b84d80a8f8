"""RoleBindings and ClusterRoleBindings to ClusterRoles."""

from __future__ import annotations

from tests.worlds import Manifest, manifest

API = "rbac.authorization.k8s.io/v1"
VIEW = "cdi.kubevirt.io:view"
SOURCER = "cdi.kubevirt.io:clone-sourcer"


def an_account(namespace: str = "shop", name: str = "default") -> Manifest:
    """A service account as subject."""
    return {"kind": "ServiceAccount", "name": name, "namespace": namespace}


def a_group(name: str) -> Manifest:
    """A group as subject."""
    return {"kind": "Group", "name": name, "apiGroup": "rbac.authorization.k8s.io"}


def a_user(name: str) -> Manifest:
    """A user as subject."""
    return {"kind": "User", "name": name, "apiGroup": "rbac.authorization.k8s.io"}


def a_binding(*subjects: Manifest, role: str = VIEW, name: str = "cloners", namespace: str = "golden") -> Manifest:
    """A RoleBinding, or a ClusterRoleBinding if the namespace is "" """
    kind = "RoleBinding" if namespace else "ClusterRoleBinding"
    body = {"roleRef": {"kind": "ClusterRole", "name": role}, "subjects": list(subjects)}
    return manifest(API, kind, name, namespace, **body)
