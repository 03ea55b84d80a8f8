"""JSON text to values, one after the other; the items of a List are decoded one by one."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from typing import Any, Final

from exporter.dump.listing import with_item_type


class _RepeatedError(ValueError):
    """A key stands twice in one object."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object in which no key stands twice: which of the two was meant cannot be told."""
    value = dict(pairs)
    if len(value) != len(pairs):
        seen: set[str] = set()
        repeated = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise _RepeatedError(f"key {repeated!r:.60} stands twice")
    return value


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_object)
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


def values(text: str, largest: int = sys.maxsize) -> Iterator[tuple[object, int]]:
    """Each value and its line. The items of a List come first, then the List without them.

    `largest`: characters of one value, or of one item of a List. Raises JsonError where the text does not go on.
    """
    cursor = _Cursor(text, largest)
    while cursor.peek():
        if _LIST.match(text, cursor.at):
            yield from _listing(cursor)
        else:
            line = cursor.line()
            yield cursor.decode(), line
        cursor.skip(_SPACE)


def _listing(cursor: _Cursor) -> Iterator[tuple[object, int]]:
    line = cursor.line()
    head: dict[str, Any] = cursor.parse(cursor.at, cursor.skip(_LIST) + "]}")[0]
    while cursor.peek() != "]":
        item_line = cursor.line()
        yield with_item_type(cursor.decode(), head), item_line
        cursor.skip(_COMMA)
    cursor.at += 1
    cursor.skip(_COMMA)
    while cursor.peek() != "}":
        start = cursor.at
        key = str(cursor.decode())
        if key in head:
            raise JsonError(cursor.text, start, start, f"key {key!r:.60} stands twice")
        cursor.skip(_COLON)
        head[key] = cursor.decode()
        cursor.skip(_COMMA)
    cursor.at += 1
    yield head, line


class _Cursor:
    """A place in a text."""

    def __init__(self, text: str, largest: int) -> None:
        self.text = text
        self.at = 0
        self._largest = largest
        # Decoding sees a window of the text, so that no value can be larger. Most texts fit into one.
        self._window, self._start = text[: 2 * largest], 0
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
        if self._cut and start - self._start > self._largest:
            self._window, self._start = self.text[start : start + 2 * self._largest], start
        value, end = self.parse(start, self._window, start - self._start)
        self.at = self._start + end
        if _SURROGATE.search(self.text, start, self.at):
            value = json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
        return value

    @property
    def _cut(self) -> bool:
        """The text goes on behind the window."""
        return self._start + len(self._window) < len(self.text)

    def parse(self, start: int, text: str, at: int = 0) -> tuple[Any, int]:
        """The value at this place of a part of the text, and where it ends; `start` is its place in all of it."""
        try:
            return _DECODER.raw_decode(text, at)
        except json.JSONDecodeError as error:
            what = f"one value is larger than {self._largest >> 20} MiB" if self._cut else error.msg
            raise JsonError(self.text, start, start + error.pos - at, what) from None
        except _RepeatedError as error:
            raise JsonError(self.text, start, start, str(error)) from None
        except ValueError:
            raise JsonError(self.text, start, start, "it holds a number that is too long") from None
        except RecursionError:
            raise JsonError(self.text, start, start, "it is nested too deeply") from None
