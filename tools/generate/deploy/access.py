"""Who the exporter is and what it may read; who may read what it serves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from exporter.cluster.permissions import RBAC, VERBS, permission_for
from exporter.cluster.resource import Resource, Scope
from exporter.cluster.resources import WATCHED
from exporter.kube.reviews import ACCESS_REVIEWS, TOKEN_REVIEWS
from exporter.web.guard import METRICS, VIEWING
from tools.generate.deploy.common import LABELS, NAMESPACE, cluster_metadata, full_name, namespaced_metadata
from tools.generate.deploy.tree import MORE, Manifest, Spread, Text, When
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
    is_watched,
)
from tools.generate.deploy.yaml_text import Commented

_VERSION: Final = f"{RBAC}/v1"


def _role(suffix: str, rules: list[Any]) -> dict[str, Any]:
    return {"apiVersion": _VERSION, "kind": "ClusterRole", "metadata": cluster_metadata(suffix), "rules": rules}


def _bind(suffix: str, account: str) -> dict[str, Any]:
    return {
        "apiVersion": _VERSION,
        "kind": "ClusterRoleBinding",
        "metadata": cluster_metadata(suffix),
        "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": full_name(suffix)},
        "subjects": [_subject(account)],
    }


def _subject(account: str) -> dict[str, Any]:
    return {"kind": "ServiceAccount", "name": full_name(account), "namespace": NAMESPACE}


def _account(suffix: str) -> dict[str, Any]:
    """Its token is mounted where the pod asks for it."""
    return {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": namespaced_metadata(suffix),
        "automountServiceAccountToken": False,
    }


def _reading_rules(resource: Resource[Any]) -> Any:  # noqa: ANN401  (any part of a tree)
    rule = Commented(permission_for(resource).rule(), f"{resource.kind}: {resource.purpose}")
    return When(is_watched(resource), rule) if resource.switchable else rule


def _scoped_rules(resources: Iterable[Resource[Any]]) -> Iterator[Any]:
    """In the ClusterRole, what Roles in some namespaces may grant instead."""
    for resource in resources:
        rule = _reading_rules(resource)
        yield When(CLUSTER_WIDE, rule) if resource.scope is Scope.BOOT_SOURCES else rule


def _reviewing_rules(what: tuple[str, str], why: str) -> Commented:
    return Commented({"apiGroups": [what[0]], "resources": [what[1]], "verbs": ["create"]}, why)


def _viewer_rules(*paths: str) -> list[Any]:
    return [{"nonResourceURLs": list(paths), "verbs": ["get"]}]


_ORDERED: Final = sorted(WATCHED, key=lambda resource: (resource.group, resource.plural))
_PLATFORM_PROMETHEUS: Final = {"kind": "ServiceAccount", "name": "prometheus-k8s", "namespace": "openshift-monitoring"}
_SCRAPER: Final = "scraper"
_IN_EACH: Final = {"name": full_name(), "namespace": Text("{item}"), "labels": LABELS}

ACCESS: Final = (
    Manifest("serviceaccount", _account("")),
    Manifest("clusterrole", _role("", list(_scoped_rules(_ORDERED)))),
    Manifest("clusterrolebinding", _bind("", "")),
    Manifest(
        "role-images",
        {
            "apiVersion": _VERSION,
            "kind": "Role",
            "metadata": _IN_EACH,
            "rules": [_reading_rules(resource) for resource in _ORDERED if resource.scope is Scope.BOOT_SOURCES],
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
            "roleRef": {"apiGroup": RBAC, "kind": "Role", "name": full_name()},
            "subjects": [_subject("")],
        },
        SOME_NAMESPACES,
        NAMESPACES,
    ),
    # For people: `kubectl create clusterrolebinding ... --clusterrole=NAME-view`. Nobody has it by default.
    Manifest("clusterrole-view", _role("view", _viewer_rules(*VIEWING))),
    Manifest(
        "clusterrole-auth",
        _role(
            "auth",
            [
                _reviewing_rules(TOKEN_REVIEWS, "who sends a request; nothing is stored by asking"),
                _reviewing_rules(ACCESS_REVIEWS, "whether they may see what they ask for"),
            ],
        ),
        SECURED,
    ),
    Manifest("clusterrolebinding-auth", _bind("auth", ""), SECURED),
    Manifest("serviceaccount-scraper", _account(_SCRAPER), SCRAPED & SECRET_TOKEN),
    Manifest("clusterrole-scraper", _role(_SCRAPER, _viewer_rules(METRICS)), SCRAPED & SECURED),
    Manifest(
        "clusterrolebinding-scraper",
        {
            **_bind(_SCRAPER, _SCRAPER),
            "subjects": [
                When(FILE_TOKEN, {"kind": "ServiceAccount", MORE: Spread(TOKEN_ACCOUNT)}, _subject(_SCRAPER)),
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
            "metadata": namespaced_metadata(
                "scraper-token", annotations={"kubernetes.io/service-account.name": full_name(_SCRAPER)}
            ),
            "type": "kubernetes.io/service-account-token",
        },
        SCRAPED & SECRET_TOKEN,
    ),
    Manifest(
        "role-prometheus",
        {
            "apiVersion": _VERSION,
            "kind": "Role",
            "metadata": namespaced_metadata("prometheus"),
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
            "metadata": namespaced_metadata("prometheus"),
            "roleRef": {"apiGroup": RBAC, "kind": "Role", "name": full_name("prometheus")},
            "subjects": [_PLATFORM_PROMETHEUS],
        },
        SCRAPED & ON_PLATFORM,
    ),
)
