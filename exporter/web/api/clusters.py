"""The document of /api/v1/clusters: which clusters are watched. Its keys are a contract: only added to."""

from __future__ import annotations

from typing import Final

from pydantic import TypeAdapter

from exporter.base.terminal import escape_json
from exporter.report import document

SCHEMA: Final = "bootsource.clusters/v1"


@document
class WatchedCluster:
    """One cluster."""

    name: str
    """What ?cluster= takes: its context in the kubeconfig; "" if it is the only one."""
    server: str
    """The address of its API server."""
    verdict: str | None
    """pass, fail or unknown; null before the first report."""
    roots: int | None
    """Findings that no other finding explains; null before the first report."""
    pending: tuple[str, ...]
    """What has not been read yet."""


@document
class Clusters:
    """All clusters that are watched."""

    schema: str = SCHEMA
    clusters: tuple[WatchedCluster, ...]


CLUSTERS: Final[TypeAdapter[Clusters]] = TypeAdapter(Clusters)


def to_json(document: Clusters) -> bytes:
    """As JSON, keys as in the schema."""
    return escape_json(CLUSTERS.dump_json(document, by_alias=True).decode()).encode()
