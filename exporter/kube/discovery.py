"""Which version of a resource the API server serves."""

from __future__ import annotations

from dataclasses import dataclass

from exporter.kube.client import Client
from exporter.kube.errors import NotFoundError, ProtocolError


@dataclass(frozen=True, slots=True)
class Target:
    """What a reflector lists and watches."""

    group: str
    """Empty: the core group."""
    versions: tuple[str, ...]
    """Those that can be read, the preferred first."""
    plural: str
    namespace: str | None = None
    """None or empty: all namespaces, or a cluster-scoped resource."""
    label_selector: str = ""
    field_selector: str = ""

    def path(self, version: str) -> str:
        """The collection's path in this version."""
        scope = f"namespaces/{self.namespace}/" if self.namespace else ""
        return f"{_root(self.group, version)}/{scope}{self.plural}"

    @property
    def selectors(self) -> dict[str, str]:
        """The query parameters that narrow lists and watches down."""
        both = {"labelSelector": self.label_selector, "fieldSelector": self.field_selector}
        return {name: value for name, value in both.items() if value}


def _root(group: str, version: str) -> str:
    return f"/apis/{group}/{version}" if group else f"/api/{version}"


def served_version(client: Client, target: Target) -> str | None:
    """The preferred version that is served; None if none is. One small request per version.

    Only a 404, or a list without the resource, means "not served". An aggregated API whose server is down answers 503:
    that is an UnavailableError, never "not served". Raises KubeError.
    """
    for version in target.versions:
        try:
            listed = client.get_json(_root(target.group, version))
        except NotFoundError:
            continue
        resources = listed.get("resources") or []
        if not isinstance(resources, list):
            raise ProtocolError(f"{_root(target.group, version)}: the answer does not list resources")
        if any(isinstance(r, dict) and r.get("name") == target.plural for r in resources):
            return version
    return None
