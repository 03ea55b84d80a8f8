"""When a dump was taken: the must-gather's own word, else the newest instant in its objects."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

_GO: Final = re.compile(r"^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.\d+)? ([+-]\d{4})", re.MULTILINE)
"""How Go prints a time."""
_RFC3339: Final = re.compile(r"^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$")
_AHEAD: Final = re.compile(r"next|expir|after|until|renew|deadline", re.IGNORECASE)
"""Fields that speak of the future."""


def parse_timestamp_file(text: str) -> datetime | None:
    """The end of the gathering: the latest line of a must-gather's timestamp file."""
    return max(filter(None, (_go(*match.groups()) for match in _GO.finditer(text))), default=None)


def _go(date: str, time: str, offset: str) -> datetime | None:
    try:
        return datetime.strptime(f"{date} {time} {offset}", "%Y-%m-%d %H:%M:%S %z").astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def newest_instant(value: dict[str, Any], no_later_than: datetime) -> datetime | None:
    """The newest instant in which something happened to the object; nothing happened after the dump was taken."""
    instants = (_parse(text) for text in _texts(value))
    return max((i for i in instants if i is not None and i <= no_later_than), default=None)


def _parse(text: str) -> datetime | None:
    if not _RFC3339.match(text):
        return None
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _texts(value: dict[str, Any]) -> Iterator[str]:
    """Texts at the places where controllers write down when something happened."""
    metadata = value.get("metadata")
    if isinstance(metadata, dict):
        yield from _strings(metadata.get("creationTimestamp"))
        edits = metadata.get("managedFields")
        for edit in edits if isinstance(edits, list) else ():
            if isinstance(edit, dict):
                yield from _strings(edit.get("time"))
    yield from _strings(value.get("status"))


def _strings(value: object) -> Iterator[str]:
    todo, seen = [value], set[int]()
    while todo:
        one = todo.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict | list) and id(one) not in seen:
            # Aliases can make a YAML value contain itself.
            seen.add(id(one))
            todo.extend(one if isinstance(one, list) else [v for k, v in one.items() if not _AHEAD.search(str(k))])
