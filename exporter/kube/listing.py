"""The ways to get a complete list, the cheapest first, each with flat memory.

1. WatchList: the server streams the objects as events and marks the end; the same connection goes on as the watch.
2. One unpaged list out of the server's cache, cut into items while it arrives.
3. Pages of 500, compressed; a quiet resource makes the server read each page from etcd, so this comes last.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar

from exporter.kube.client import Client
from exporter.kube.contract import Codec, Item, Key, Rejected
from exporter.kube.cutting import ListCutter
from exporter.kube.errors import ProtocolError

T = TypeVar("T")
PAGE: Final = "500"


@dataclass(slots=True)
class Listed(Generic[T]):
    """A list that is being filled; swapped in only when it is complete."""

    rows: dict[Key, T] = field(default_factory=dict)
    rejected: dict[Key, Rejected] = field(default_factory=dict)
    resource_version: str = ""

    def add(self, item: Item[T]) -> None:
        """Take one object in."""
        if item.rejected is not None:
            self.rejected[item.key] = item.rejected
        elif item.row is not None:
            self.rows[item.key] = item.row

    def discard(self, key: Key) -> None:
        """An object was deleted while the list was streamed."""
        self.rows.pop(key, None)
        self.rejected.pop(key, None)


def list_unpaged(
    client: Client, path: str, selector: dict[str, str], codec: Codec[T], progress: Callable[[], None]
) -> Listed[T]:
    """One list out of the server's watch cache. Raises KubeError; a part of a list is never returned."""
    listed: Listed[T] = Listed()
    metadata = _into(listed, client, path, {**selector, "resourceVersion": "0"}, codec, progress, compressed=False)
    if metadata.get("continue"):
        raise ProtocolError(f"{path}: the server pages a list that was asked for whole")
    return listed


def list_paged(
    client: Client, path: str, selector: dict[str, str], codec: Codec[T], progress: Callable[[], None]
) -> Listed[T]:
    """Page by page. Raises KubeError, among them GoneError when the continue token has expired in between."""
    listed: Listed[T] = Listed()
    token = ""
    while True:
        params = {**selector, "limit": PAGE, **({"continue": token} if token else {})}
        metadata = _into(listed, client, path, params, codec, progress, compressed=True)
        token = str(metadata.get("continue") or "")
        if not token:
            return listed


def _into(
    listed: Listed[T],
    client: Client,
    path: str,
    params: dict[str, str],
    codec: Codec[T],
    progress: Callable[[], None],
    *,
    compressed: bool,
) -> dict[str, Any]:
    with client.stream(path, params, compressed=compressed) as stream:
        cutter = ListCutter(stream.chunks())
        for value in cutter:
            listed.add(codec.from_value(value))
            progress()
    listed.resource_version = str(cutter.metadata["resourceVersion"])
    return cutter.metadata
