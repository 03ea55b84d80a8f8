"""The ways to get a complete list, the cheapest first, each with flat memory.

1. WatchList: the server streams the objects as events and marks the end; the same connection goes on as the watch.
2. One unpaged list out of the server's cache, cut into items while it arrives.
3. Pages of 500, compressed; a quiet resource makes the server read each page from etcd, so this comes last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, Generic, TypeVar

from exporter.kube.client import Client
from exporter.kube.contract import Codec, Item, Key, Rejected
from exporter.kube.errors import ProtocolError, TimedOutError, UnavailableError
from exporter.kube.events import Bookmark, EventType, decode, decode_value, event_type
from exporter.kube.list_stream import ListCutter
from exporter.kube.stream import Stream

T = TypeVar("T")
PAGE: Final = "500"
_MOST_PAGES: Final = 20_000
"""Maximum pages of a list: ten million objects, more than etcd can hold."""
_LONGEST_TOKEN: Final = 8192
"""Maximum characters of a continue token, which becomes a part of the next request's URL."""


class ListMethod(Enum):
    """The ways to list, the cheapest first. A method that the server has refused is not tried again."""

    WATCH_LIST = 1
    WHOLE = 2
    PAGES = 3


@dataclass(slots=True)
class ListResult(Generic[T]):
    """The rows of a list that is arriving. The table takes them over only when the list is complete."""

    rows: dict[Key, T] = field(default_factory=dict)
    rejected: dict[Key, Rejected] = field(default_factory=dict)
    resource_version: str = ""

    def add(self, item: Item[T]) -> None:
        """Add one object, or replace the earlier version of it."""
        self.discard(item.key)
        if item.rejected is not None:
            self.rejected[item.key] = item.rejected
        elif item.row is not None:
            self.rows[item.key] = item.row

    def discard(self, key: Key) -> None:
        """Remove an object that was deleted while the list arrived."""
        self.rows.pop(key, None)
        self.rejected.pop(key, None)


def list_unpaged(
    client: Client, path: str, selectors: Mapping[str, str], codec: Codec[T], progress: Callable[[], None]
) -> ListResult[T]:
    """Read one list from the server's watch cache (resourceVersion 0). Never returns a part. Raises KubeError.

    `progress` is called for each object; an exception that it raises ends the list.
    """
    listed: ListResult[T] = ListResult()
    with client.stream(path, {**selectors, "resourceVersion": "0"}) as stream:
        more = _read_page(stream, listed, codec, progress)
    if more:
        raise ProtocolError(f"{path}: the server pages a list that was asked for whole")
    return listed


def list_paged(
    client: Client, path: str, selectors: Mapping[str, str], codec: Codec[T], progress: Callable[[], None]
) -> ListResult[T]:
    """Read a list in pages; a page may be empty. Raises KubeError, GoneError if the continue token expires."""
    listed: ListResult[T] = ListResult()
    token = ""
    for _ in range(_MOST_PAGES):
        params = {**selectors, "limit": PAGE, **({"continue": token} if token else {})}
        with client.stream(path, params, compressed=True) as stream:
            token = _read_page(stream, listed, codec, progress)
        if not token:
            return listed
    raise ProtocolError(f"{path}: more than {_MOST_PAGES} pages; does the server begin again and again?")


def _read_page(stream: Stream, listed: ListResult[T], codec: Codec[T], progress: Callable[[], None]) -> str:
    """Add the objects of one answer to `listed`; returns its continue token, "" on the last page."""
    cutter = ListCutter(stream.chunks())
    for value in cutter:
        listed.add(decode_value(codec, value))
        progress()
    listed.resource_version = cutter.metadata["resourceVersion"]
    token = cutter.metadata.get("continue") or ""
    if not isinstance(token, str) or len(token) > _LONGEST_TOKEN:
        raise ProtocolError("the list's continue token is not one")
    return token


def first_events(
    lines: Iterable[bytes],
    codec: Codec[T],
    progress: Callable[[], None],
    monotonic: Callable[[], float],
    patience: float,
) -> ListResult[T] | None:
    """The list that a WatchList begins with; None if the server does not support WatchList.

    A server that refuses says so in the first event of a 200. One that does not know WatchList ignores the parameters
    and never marks the end of the list: it is recognised when the watch ends, when it is silent, or when it sends
    nothing but changes for `patience` seconds. Raises KubeError.
    """
    listed: ListResult[T] = ListResult()
    try:
        return listed if _complete(listed, lines, codec, progress, monotonic, patience) else None
    except UnavailableError as error:
        # The refusal of WatchList arrives as an ERROR event with code 500; other codes are ordinary errors.
        if error.code != 500:
            raise
    except TimedOutError:
        pass
    return None


def _complete(
    listed: ListResult[T],
    lines: Iterable[bytes],
    codec: Codec[T],
    progress: Callable[[], None],
    monotonic: Callable[[], float],
    patience: float,
) -> bool:
    """Fill the list; False if the stream ends before the bookmark that marks the end of the list."""
    added_at = monotonic()
    for line in lines:
        kind = event_type(line)
        if isinstance(kind, Bookmark):
            if kind.ends_list:
                listed.resource_version = kind.resource_version
                return True
            continue
        if kind is EventType.ADDED:
            added_at = monotonic()
        elif monotonic() - added_at > patience:
            return False
        item = decode(codec, line)
        if kind is EventType.DELETED:
            listed.discard(item.key)
        else:
            listed.add(item)
        progress()
    return False
