"""Reads the lines of a watch. The event type is read from the line's prefix, so that the JSON is parsed only once."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import Any, Final, TypeVar

from exporter.base.isolate import Crash, run_isolated
from exporter.kube.contract import Codec, Item, Rejected
from exporter.kube.errors import GoneError, KubeError, ProtocolError, error_of, plain_line
from exporter.kube.outline import parse_json, rejected_item

T = TypeVar("T")


class EventType(Enum):
    """The type of a watch event that carries an object."""

    ADDED = "ADDED"
    MODIFIED = "MODIFIED"
    DELETED = "DELETED"


_PREFIXES: Final = (
    (b'{"type":"MODIFIED"', EventType.MODIFIED),
    (b'{"type":"ADDED"', EventType.ADDED),
    (b'{"type":"DELETED"', EventType.DELETED),
)
_EVENT_TYPES: Final = {kind.value: kind for kind in EventType}
_LONGEST_VERSION: Final = 20
"""Digits of the largest unsigned 64-bit integer."""
_END_OF_LIST: Final = "k8s.io/initial-events-end"


@dataclass(frozen=True, slots=True)
class Bookmark:
    """A BOOKMARK event: the server has sent every change up to this version."""

    resource_version: str
    ends_list: bool
    """The initial events of a WatchList are complete."""


def event_type(line: bytes) -> EventType | Bookmark:
    """The event's type, or the Bookmark. Raises the KubeError of an ERROR event, and ProtocolError for other lines."""
    for prefix, kind in _PREFIXES:
        if line.startswith(prefix):
            return kind
    event = _parse(line)
    type_, body = event.get("type"), event.get("object")
    if not isinstance(type_, str) or not isinstance(body, dict):
        raise ProtocolError("a line of the watch is not an event")
    if type_ == "ERROR":
        raise _error(body)
    if type_ == "BOOKMARK":
        return _bookmark(body)
    if type_ not in _EVENT_TYPES:
        raise ProtocolError(f"the watch sent an event of unknown type {type_[:40]!r}")
    return _EVENT_TYPES[type_]


def decode(codec: Codec[T], line: bytes) -> Item[T]:
    """Decode the object of a line; a bad one is returned as rejected. Raises ProtocolError if it is not JSON."""
    item = run_isolated(partial(codec.from_event, line))
    if isinstance(item, Crash):
        item = rejected_item(_parse(line).get("object"), describe_crash(item))
    return item if item.key.name else require_name(item, line)


def decode_value(codec: Codec[T], value: dict[str, Any]) -> Item[T]:
    """Decode an item of a list. A bad one, or one without a name, is returned as rejected."""
    item = run_isolated(partial(codec.from_value, value))
    return require_name(rejected_item(value, describe_crash(item)) if isinstance(item, Crash) else item)


def describe_crash(crash: Crash) -> str:
    """The problem text for an object on which the decoder crashed; the object counts as rejected."""
    return f"cannot be decoded: {plain_line(crash.summary)}"


def require_name(item: Item[T], line: bytes = b"{}") -> Item[T]:
    """The item itself; one without a name is returned as rejected. Raises ProtocolError if the line is not JSON."""
    if item.key.name:
        return item
    _parse(line)
    if item.rejected is not None:
        return item
    return Item(item.key, item.resource_version, rejected=Rejected(item.key, "metadata.name", "is missing"))


def expect_forward(known: str, version: str) -> None:
    """Raise GoneError if `version` is older than `known`: within a watch, versions only go back after an etcd restore.

    Versions are compared only if both are numbers, as they are in Kubernetes; any others are opaque.
    """
    was, is_now = _number(known), _number(version)
    if 0 < is_now < was:
        raise GoneError(410, "the watch", f"the server is back at {version} and was at {known}; was etcd restored?")


def _number(version: str) -> int:
    """The version as a number of at most 64 bits; 0 if it is opaque."""
    return int(version) if len(version) <= _LONGEST_VERSION and version.isascii() and version.isdecimal() else 0


def _parse(line: bytes) -> dict[str, Any]:
    try:
        value = parse_json(line)
    except ValueError:
        raise ProtocolError("a line of the watch is not JSON") from None
    return value if isinstance(value, dict) else {}


def _bookmark(body: dict[str, Any]) -> Bookmark:
    metadata = body.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    annotations = metadata.get("annotations")
    ends_list = isinstance(annotations, dict) and annotations.get(_END_OF_LIST) == "true"
    version = metadata.get("resourceVersion")
    if not isinstance(version, str) or not version:
        raise ProtocolError("a bookmark has no resourceVersion")
    return Bookmark(version, ends_list)


def _error(body: dict[str, Any]) -> KubeError:
    code = body.get("code")
    return error_of(body, code if isinstance(code, int) and 0 < code < 1000 else 500, "the watch")
