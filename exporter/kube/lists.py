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
"""Of a list: ten million objects, more than etcd holds."""
_LONGEST_TOKEN: Final = 8192
"""Characters of a continue token, which becomes a part of the next request's address."""


class ListMethod(Enum):
    """The ways to list, the cheapest first; what a server has refused once is not asked of it again."""

    WATCH_LIST = 1
    WHOLE = 2
    PAGES = 3


@dataclass(slots=True)
class ListResult(Generic[T]):
    """A list that is being filled; swapped in only when it is complete."""

    rows: dict[Key, T] = field(default_factory=dict)
    rejected: dict[Key, Rejected] = field(default_factory=dict)
    resource_version: str = ""

    def add(self, item: Item[T]) -> None:
        """Take one object in, instead of what was known of it."""
        self.discard(item.key)
        if item.rejected is not None:
            self.rejected[item.key] = item.rejected
        elif item.row is not None:
            self.rows[item.key] = item.row

    def discard(self, key: Key) -> None:
        """An object was deleted while the list was streamed."""
        self.rows.pop(key, None)
        self.rejected.pop(key, None)


def list_unpaged(
    client: Client, path: str, selectors: Mapping[str, str], codec: Codec[T], progress: Callable[[], None]
) -> ListResult[T]:
    """One list out of the server's watch cache. Raises KubeError; a part of a list is never returned.

    `progress` is called for each object; what it raises ends the list.
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
    """Page by page; a page may be empty. Raises KubeError, GoneError when the continue token expires in between."""
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
    """Take one answer in; returns its continue token."""
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
    """The list that a WatchList begins with; None if the server does not do WatchList.

    A server that refuses says so in the first event of a 200. One that does not know WatchList sends what it likes and
    never marks the end: it gives itself away by ending, by silence, or when for `patience` seconds all it sends are
    changes. Raises KubeError.
    """
    listed: ListResult[T] = ListResult()
    try:
        return listed if _complete(listed, lines, codec, progress, monotonic, patience) else None
    except UnavailableError as error:
        # The refusal: an internal error inside of the stream. Others are what they say.
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
    """Fill the list; False if its end is never marked."""
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
