"""Which version of a resource the API server serves."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from exporter.kube.client import Client
from exporter.kube.errors import NotFoundError, ProtocolError


@dataclass(frozen=True, slots=True)
class Target:
    """What a reflector lists and watches."""

    group: str
    """Empty: the core group."""
    versions: tuple[str, ...]
    """Versions that the codec can decode, the preferred one first."""
    plural: str
    namespace: str | None = None
    """None or "": all namespaces, or a cluster-scoped resource."""
    label_selector: str = ""
    field_selector: str = ""

    def path(self, version: str) -> str:
        """The URL path of the collection in this version."""
        scope = f"namespaces/{self.namespace}/" if self.namespace else ""
        return f"{_root(self.group, version)}/{scope}{self.plural}"

    @property
    def selectors(self) -> dict[str, str]:
        """The query parameters of lists and watches: label and field selectors."""
        both = {"labelSelector": self.label_selector, "fieldSelector": self.field_selector}
        return {name: value for name, value in both.items() if value}


def _root(group: str, version: str) -> str:
    return f"/apis/{group}/{version}" if group else f"/api/{version}"


def served_version(client: Client, target: Target) -> str | None:
    """The preferred version that is served; None if the resource is not served. One small request per version.

    Only a 404, or a discovery document without the resource, means "not served". An aggregated API whose server is
    down answers 503, which raises UnavailableError. A resource that is served only in versions that the codec cannot
    decode raises ProtocolError, because its objects exist. Raises KubeError.
    """
    for version in target.versions:
        if _serves(client, target, version):
            return version
    unknown = [version for version in _other_versions(client, target) if _serves(client, target, version)]
    if unknown:
        served, readable = ", ".join(unknown), ", ".join(target.versions)
        raise ProtocolError(
            f"{target.plural}.{target.group} are served as {served} only, which cannot be read ({readable} can)"
        )
    return None


def _serves(client: Client, target: Target, version: str) -> bool:
    try:
        listed = client.get_json(_root(target.group, version))
    except NotFoundError:
        return False
    resources = listed.get("resources") or []
    if not isinstance(resources, list):
        raise ProtocolError(f"{_root(target.group, version)}: the answer does not list resources")
    return any(isinstance(r, dict) and r.get("name") == target.plural for r in resources)


_MOST_VERSIONS: Final = 8
"""Versions of a group that are looked at, with one request each. Groups have one to three."""


def _other_versions(client: Client, target: Target) -> list[str]:
    """The versions in which the resource is served and that the codec cannot decode."""
    if not target.group:
        return []
    try:
        listed = client.get_json(f"/apis/{target.group}").get("versions")
    except NotFoundError:
        return []
    items = listed if isinstance(listed, list) else []
    named = [str(item.get("version")) for item in items if isinstance(item, dict)]
    return [v for v in named if re.fullmatch(r"[a-z0-9]{1,32}", v) and v not in target.versions][:_MOST_VERSIONS]
