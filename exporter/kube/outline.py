"""Reads JSON that the decoders cannot: nested too deeply for recursion, or with integers too long to convert.

Any client may create such an object, and the API server stores it. It must cost only itself: what identifies it is read
by one pass over its tokens, whose time grows with the length and not with the depth, and the rest of it is unknown.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Final

from exporter.kube.contract import Item, Key, Rejected

TOO_DEEP: Final = "is nested too deeply to be decoded"
_KEPT: Final = 6
"""Levels that an outline keeps: those of an event, of its object, of the metadata and of its annotations."""
_LONGEST_INTEGER: Final = 4000
"""Digits. Python refuses to convert more than 4300, since the time grows with their square."""
_LONGEST_NAME: Final = 253
"""Characters of a name in Kubernetes at most (RFC 1123 subdomain)."""
# A string that does not end is one token up to the end of the text: otherwise each of its quotes would start a search.
_TOKEN: Final = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\Z|\\\Z)|[{}\[\]]', re.DOTALL)


class Outline(dict[str, Any]):
    """An object of which only the outermost levels could be read; what is deeper is null."""


@dataclass(frozen=True, slots=True)
class LongInteger:
    """Stands for an integer that is too long to convert, so that a field that should be text or a number refuses it."""

    digits: int

    def __repr__(self) -> str:
        return f"an integer of {self.digits} digits"


def parse_json(text: str | bytes) -> object:
    """The JSON value; an Outline if an object is nested too deeply. Raises ValueError if it is not JSON."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        raise
    except (RecursionError, ValueError):
        if isinstance(text, bytes):
            text = text.decode("utf-8")
        value, end = decode_bounded(text, 0)
        if end < 0 or text[end:].strip():
            raise ValueError("more than one value, or a part of one") from None
        return value


def decode_bounded(text: str, at: int) -> tuple[object, int]:
    """The value that begins at this character, and where it ends; (None, -1) if it does not end in the text.

    Of an object that is too deep it is the Outline, in place of an integer that is too long a LongInteger. Raises
    ValueError if it is not JSON.
    """
    try:
        return _LENIENT.raw_decode(text, at)
    except json.JSONDecodeError:
        return None, -1
    except RecursionError:
        shortened, end = _without_depths(text, at)
    if end < 0:
        return None, -1
    value = _LENIENT.decode(shortened)
    return (Outline(value) if isinstance(value, dict) else value), end


def identity(value: object) -> tuple[Key, str]:
    """Key and resourceVersion of an object that could not be decoded; "" for what it does not have."""
    metadata = value.get("metadata") if isinstance(value, dict) else None
    fields = metadata if isinstance(metadata, dict) else {}
    namespace, name, version = (_printable(fields.get(field)) for field in ("namespace", "name", "resourceVersion"))
    return Key(namespace, name), version


def rejected_item(value: object, problem: str, field: str = "") -> Item[Any]:
    """The object as one that exists, and of which nothing else is known."""
    key, version = identity(value)
    return Item(key, version, rejected=Rejected(key, field, problem))


def _printable(value: object) -> str:
    """The text without control characters, cut at the longest name; "" for anything else: it becomes a label."""
    return "".join(c for c in value[:_LONGEST_NAME] if c.isprintable()) if isinstance(value, str) else ""


def _integer(digits: str) -> int | LongInteger:
    return int(digits) if len(digits) <= _LONGEST_INTEGER else LongInteger(len(digits))


_LENIENT: Final = json.JSONDecoder(parse_int=_integer)


def _without_depths(text: str, at: int) -> tuple[str, int]:
    """The value that begins at this character, with null for what is too deep, and where it ends; -1 if it does not."""
    kept: list[str] = []
    level = 0
    for token in _TOKEN.finditer(text, at):
        match token[0][0]:
            case "{" | "[":
                level += 1
                if level == _KEPT + 1:
                    kept += (text[at : token.start()], "null")
            case "}" | "]":
                level -= 1
                if level == _KEPT:
                    at = token.end()
                elif level <= 0:
                    return "".join((*kept, text[at : token.end()])), token.end()
    return "", -1
