"""Which version of a resource the API server serves."""

from __future__ import annotations

from dataclasses import dataclass

from exporter.kube.client import Client
from exporter.kube.errors import NotFoundError


@dataclass(frozen=True, slots=True)
class Target:
    """What a reflector lists and watches."""

    group: str
    """Empty: the core group."""
    versions: tuple[str, ...]
    """Those that can be read, the preferred first."""
    plural: str
    namespace: str = ""
    """Empty: all namespaces, or a cluster-scoped resource."""
    label_selector: str = ""

    def path(self, version: str) -> str:
        """The collection's path in this version."""
        scope = f"namespaces/{self.namespace}/" if self.namespace else ""
        return f"{_root(self.group, version)}/{scope}{self.plural}"


def _root(group: str, version: str) -> str:
    return f"/apis/{group}/{version}" if group else f"/api/{version}"


def served_version(client: Client, target: Target) -> str | None:
    """The preferred version that is served; None if none is.

    Only a 404, or a list without the resource, means "not served". An aggregated API whose server is down answers 503:
    that is an UnavailableError, never "not served".
    """
    for version in target.versions:
        try:
            listed = client.get_json(_root(target.group, version))
        except NotFoundError:
            continue
        resources = listed.get("resources") or []
        if any(isinstance(r, dict) and r.get("name") == target.plural for r in resources):
            return version
    return None
