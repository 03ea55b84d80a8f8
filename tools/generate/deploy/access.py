"""Who the exporter is and what it may read; who may read what it serves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from exporter.cluster.permissions import RBAC, VERBS, permission
from exporter.cluster.resource import Resource, Scope
from exporter.cluster.resources import WATCHED
from exporter.kube.reviews import ACCESS_REVIEWS, TOKEN_REVIEWS
from exporter.web.guard import METRICS, VIEWING
from tools.generate.deploy.common import LABELS, NAMESPACE, cluster_meta, meta, named
from tools.generate.deploy.tree import MORE, Manifest, More, Text, When
from tools.generate.deploy.values import (
    CLUSTER_WIDE,
    FILE_TOKEN,
    NAMESPACES,
    ON_PLATFORM,
    SCRAPED,
    SECRET_TOKEN,
    SECURED,
    SOME_NAMESPACES,
    TOKEN_ACCOUNT,
    looked_at,
)
from tools.generate.deploy.yaml_text import Noted

_VERSION: Final = f"{RBAC}/v1"


def _role(suffix: str, rules: list[Any]) -> dict[str, Any]:
    return {"apiVersion": _VERSION, "kind": "ClusterRole", "metadata": cluster_meta(suffix), "rules": rules}


def _bound(suffix: str, account: str) -> dict[str, Any]:
    return {
        "apiVersion": _VERSION,
        "kind": "ClusterRoleBinding",
        "metadata": cluster_meta(suffix),
        "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": named(suffix)},
        "subjects": [_subject(account)],
    }


def _subject(account: str) -> dict[str, Any]:
    return {"kind": "ServiceAccount", "name": named(account), "namespace": NAMESPACE}


def _account(suffix: str) -> dict[str, Any]:
    """Its token is mounted where the pod asks for it."""
    return {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": meta(suffix),
        "automountServiceAccountToken": False,
    }


def _reading(resource: Resource[Any]) -> Any:  # noqa: ANN401  (any part of a tree)
    rule = Noted(permission(resource).rule(), f"{resource.kind}: {resource.purpose}")
    return When(looked_at(resource), rule) if resource.switchable else rule


def _scoped(resources: Iterable[Resource[Any]]) -> Iterator[Any]:
    """In the ClusterRole, what Roles in some namespaces may grant instead."""
    for resource in resources:
        rule = _reading(resource)
        yield When(CLUSTER_WIDE, rule) if resource.scope is Scope.BOOT_SOURCES else rule


def _reviewing(what: tuple[str, str], why: str) -> Noted:
    return Noted({"apiGroups": [what[0]], "resources": [what[1]], "verbs": ["create"]}, why)


def _seeing(*paths: str) -> list[Any]:
    return [{"nonResourceURLs": list(paths), "verbs": ["get"]}]


_ORDERED: Final = sorted(WATCHED, key=lambda resource: (resource.group, resource.plural))
_PLATFORM_PROMETHEUS: Final = {"kind": "ServiceAccount", "name": "prometheus-k8s", "namespace": "openshift-monitoring"}
_SCRAPER: Final = "scraper"
_IN_EACH: Final = {"name": named(), "namespace": Text("{item}"), "labels": LABELS}

ACCESS: Final = (
    Manifest("serviceaccount", _account("")),
    Manifest("clusterrole", _role("", list(_scoped(_ORDERED)))),
    Manifest("clusterrolebinding", _bound("", "")),
    Manifest(
        "role-images",
        {
            "apiVersion": _VERSION,
            "kind": "Role",
            "metadata": _IN_EACH,
            "rules": [_reading(resource) for resource in _ORDERED if resource.scope is Scope.BOOT_SOURCES],
        },
        SOME_NAMESPACES,
        NAMESPACES,
    ),
    Manifest(
        "rolebinding-images",
        {
            "apiVersion": _VERSION,
            "kind": "RoleBinding",
            "metadata": _IN_EACH,
            "roleRef": {"apiGroup": RBAC, "kind": "Role", "name": named()},
            "subjects": [_subject("")],
        },
        SOME_NAMESPACES,
        NAMESPACES,
    ),
    # For people: `kubectl create clusterrolebinding ... --clusterrole=NAME-view`. Nobody has it by default.
    Manifest("clusterrole-view", _role("view", _seeing(*VIEWING))),
    Manifest(
        "clusterrole-auth",
        _role(
            "auth",
            [
                _reviewing(TOKEN_REVIEWS, "who sends a request; nothing is stored by asking"),
                _reviewing(ACCESS_REVIEWS, "whether they may see what they ask for"),
            ],
        ),
        SECURED,
    ),
    Manifest("clusterrolebinding-auth", _bound("auth", ""), SECURED),
    Manifest("serviceaccount-scraper", _account(_SCRAPER), SCRAPED & SECRET_TOKEN),
    Manifest("clusterrole-scraper", _role(_SCRAPER, _seeing(METRICS)), SCRAPED & SECURED),
    Manifest(
        "clusterrolebinding-scraper",
        {
            **_bound(_SCRAPER, _SCRAPER),
            "subjects": [
                When(FILE_TOKEN, {"kind": "ServiceAccount", MORE: More(TOKEN_ACCOUNT)}, _subject(_SCRAPER)),
            ],
        },
        SCRAPED & SECURED,
    ),
    # The only token that the object of a ServiceMonitor can name; it does not expire. docs/security.md says why.
    Manifest(
        "secret-scraper",
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": meta("scraper-token", annotations={"kubernetes.io/service-account.name": named(_SCRAPER)}),
            "type": "kubernetes.io/service-account-token",
        },
        SCRAPED & SECRET_TOKEN,
    ),
    Manifest(
        "role-prometheus",
        {
            "apiVersion": _VERSION,
            "kind": "Role",
            "metadata": meta("prometheus"),
            "rules": [
                {"apiGroups": [""], "resources": ["services", "endpoints", "pods"], "verbs": list(VERBS)},
                {"apiGroups": ["discovery.k8s.io"], "resources": ["endpointslices"], "verbs": list(VERBS)},
            ],
        },
        SCRAPED & ON_PLATFORM,
    ),
    Manifest(
        "rolebinding-prometheus",
        {
            "apiVersion": _VERSION,
            "kind": "RoleBinding",
            "metadata": meta("prometheus"),
            "roleRef": {"apiGroup": RBAC, "kind": "Role", "name": named("prometheus")},
            "subjects": [_PLATFORM_PROMETHEUS],
        },
        SCRAPED & ON_PLATFORM,
    ),
)
