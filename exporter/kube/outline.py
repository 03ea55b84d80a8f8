"""Reads JSON that the decoders cannot: nested too deeply for recursion, or with integers too long to convert.

Any client can create such an object, and the API server stores it. It must not affect other objects: one pass over its
tokens, in time linear in its length, reads the name and the rest counts as unknown.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Final

from exporter.kube.contract import Item, Key, Rejected

TOO_DEEP: Final = "is nested too deeply to be decoded"
_KEPT: Final = 6
"""Levels that an outline keeps: enough for event, object, metadata and annotations."""
_LONGEST_INTEGER: Final = 4000
"""Maximum digits of an integer. int() raises above 4300, because its time is quadratic."""
_LONGEST_NAME: Final = 253
"""Maximum characters of a name in Kubernetes (RFC 1123 subdomain)."""
# An unterminated string is one token up to the end of the text. Otherwise the search would start again at each of its
# quotes, which takes quadratic time.
_TOKEN: Final = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\Z|\\\Z)|[{}\[\]]', re.DOTALL)


class Outline(dict[str, Any]):
    """An object of which only the outermost levels were read; deeper values are null."""


@dataclass(frozen=True, slots=True)
class LongInteger:
    """Placeholder for an integer that is too long to convert. Every field rejects it, whatever its type."""

    digits: int

    def __repr__(self) -> str:
        return f"an integer of {self.digits} digits"


def parse_json(text: str | bytes) -> object:
    """Parse JSON; returns an Outline for an object that is nested too deeply. Raises ValueError if it is not JSON."""
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
    """Parse the value that starts at character `at`; returns it with its end, or (None, -1) if the text ends before.

    Objects that are nested too deeply become an Outline, integers that are too long a LongInteger. Raises ValueError if
    the text is not JSON.
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
    """Key and resourceVersion of an object that could not be decoded; "" for what is missing."""
    metadata = value.get("metadata") if isinstance(value, dict) else None
    fields = metadata if isinstance(metadata, dict) else {}
    namespace, name, version = (_printable(fields.get(field)) for field in ("namespace", "name", "resourceVersion"))
    return Key(namespace, name), version


def rejected_item(value: object, problem: str, field: str = "") -> Item[Any]:
    """A rejected item for an object that exists and cannot be decoded; `field` is the path of the bad field."""
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
