"""JSON text to values, one after the other; the items of a List are decoded one by one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from exporter.dump.listing import typed

_DECODER: Final = json.JSONDecoder()
_SPACE: Final = re.compile(r"[ \t\r\n]*")
_COMMA: Final = re.compile(r"[ \t\r\n]*,?[ \t\r\n]*")
_COLON: Final = re.compile(r"[ \t\r\n]*:[ \t\r\n]*")
_LIST: Final = re.compile(
    r"""\{\s*(?:"(?:apiVersion|kind)"\s*:\s*"[^"\\]*"\s*,\s*|"metadata"\s*:\s*\{[^{}]*\}\s*,\s*)*"items"\s*:\s*\[\s*"""
)
_SURROGATE: Final = re.compile(r"\\u[dD][89a-fA-F]")


class JsonError(ValueError):
    """The text is not JSON from some point on."""

    def __init__(self, text: str, start: int, position: int, what: str) -> None:
        super().__init__(what)
        self.what = what
        self.line = text.count("\n", 0, position) + 1
        self.rest = text[start:]
        """From the value on that cannot be read."""


def values(text: str) -> Iterator[tuple[object, int]]:
    """Each value and its line. The items of a List come first, then the List without them.

    Raises JsonError where the text does not go on as JSON.
    """
    cursor = _Cursor(text)
    while cursor.peek():
        if _LIST.match(text, cursor.at):
            yield from _listing(cursor)
        else:
            line = cursor.line()
            yield cursor.decode(), line
        cursor.skip(_SPACE)


def _listing(cursor: _Cursor) -> Iterator[tuple[object, int]]:
    line = cursor.line()
    head: dict[str, Any] = json.loads(cursor.skip(_LIST) + "]}")
    while cursor.peek() != "]":
        item_line = cursor.line()
        yield typed(cursor.decode(), head), item_line
        cursor.skip(_COMMA)
    cursor.at += 1
    cursor.skip(_COMMA)
    while cursor.peek() != "}":
        key = cursor.decode()
        cursor.skip(_COLON)
        head[str(key)] = cursor.decode()
        cursor.skip(_COMMA)
    cursor.at += 1
    yield head, line


class _Cursor:
    """A place in a text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self._line, self._counted = 1, 0
        self.skip(_SPACE)

    def peek(self) -> str:
        """The next character, or "" at the end."""
        return self.text[self.at : self.at + 1]

    def line(self) -> int:
        """The line that the place is on."""
        self._line += self.text.count("\n", self._counted, self.at)
        self._counted = self.at
        return self._line

    def skip(self, pattern: re.Pattern[str]) -> str:
        """Go past what matches here."""
        match = pattern.match(self.text, self.at)
        if match is None:
            raise JsonError(self.text, self.at, self.at, "a colon is missing")
        self.at = match.end()
        return match.group()

    def decode(self) -> object:
        """The value that starts here."""
        start = self.at
        try:
            value, self.at = _DECODER.raw_decode(self.text, start)
        except json.JSONDecodeError as error:
            raise JsonError(self.text, start, error.pos, error.msg) from None
        except ValueError:
            raise JsonError(self.text, start, start, "it holds a number that is too long") from None
        except RecursionError:
            raise JsonError(self.text, start, start, "it is nested too deeply") from None
        if _SURROGATE.search(self.text, start, self.at):
            value = json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
        return value
