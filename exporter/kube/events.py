"""Reads the lines of a watch. The type is told by its prefix: parsing every line twice would double the cost."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from exporter.kube.errors import KubeError, ProtocolError, status_error


class Kind(Enum):
    """What a line of a watch says."""

    APPLIED = "ADDED or MODIFIED"
    DELETED = "DELETED"


_PREFIXES: Final = (
    (b'{"type":"MODIFIED"', Kind.APPLIED),
    (b'{"type":"ADDED"', Kind.APPLIED),
    (b'{"type":"DELETED"', Kind.DELETED),
)
_KINDS: Final = {
    "ADDED": Kind.APPLIED,
    "MODIFIED": Kind.APPLIED,
    "DELETED": Kind.DELETED,
}
_END_OF_LIST: Final = "k8s.io/initial-events-end"


@dataclass(frozen=True, slots=True)
class Bookmark:
    """Everything up to this version has been sent."""

    resource_version: str
    ends_list: bool
    """The initial events of a WatchList are complete."""


def kind_of(line: bytes) -> Kind | Bookmark:
    """What the line says. Raises the error of an ERROR event, and ProtocolError for what is no event."""
    for prefix, kind in _PREFIXES:
        if line.startswith(prefix):
            return kind
    try:
        event = json.loads(line)
        type_, body = event["type"], event["object"]
    except (ValueError, TypeError, KeyError):
        raise ProtocolError("a line of the watch is not an event") from None
    if type_ == "ERROR":
        raise _error(body)
    if type_ == "BOOKMARK":
        return _bookmark(body)
    if type_ not in _KINDS:
        raise ProtocolError(f"the watch sent an event of unknown type {type_!r}")
    return _KINDS[type_]


def _bookmark(body: dict[str, Any]) -> Bookmark:
    metadata = body.get("metadata") or {}
    annotations = metadata.get("annotations") or {}
    return Bookmark(str(metadata.get("resourceVersion") or ""), annotations.get(_END_OF_LIST) == "true")


def _error(body: object) -> KubeError:
    status = body if isinstance(body, dict) else {}
    code = status.get("code")
    return status_error(code if isinstance(code, int) else 500, "the watch", json.dumps(status).encode())
