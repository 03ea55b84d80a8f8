"""Splits a list into its items while it arrives, so that a list of any length needs the memory of a few objects."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterable, Iterator
from typing import Any, Final

from exporter.kube.errors import ProtocolError
from exporter.kube.outline import decode_bounded

_AT_ONCE: Final = 65536
"""Minimum bytes per read: trying to parse after every small chunk takes time quadratic in the object's size."""
_LONGEST: Final = 16 * 1024 * 1024
"""Maximum characters of one object. By default etcd takes 1.5 MiB and the API server 3 MiB."""
_BLANK: Final = " \t\r\n"
_DECODER: Final = json.JSONDecoder()


class ListCutter:
    """Iterates over the items of a list's JSON. After the last item `metadata` is the list's metadata.

    The fields may come in any order: custom resources put the items before the metadata, built-in resources after it.
    Raises ProtocolError if the text is not a complete list; the items seen so far must then be dropped.
    """

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._decode = codecs.getincrementaldecoder("utf-8")().decode
        self._text = ""
        self._at = 0
        self.metadata: dict[str, Any] = {}

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """The items, in order."""
        self._take("{")
        if self._next() != "}":
            yield from self._field()
            while self._next() == ",":
                self._take(",")
                yield from self._field()
        self._take("}")
        if self._next():
            raise ProtocolError("something follows after the list")
        if not isinstance(version := self.metadata.get("resourceVersion"), str) or not version:
            raise ProtocolError("the answer is no list: it has no resourceVersion")

    def _field(self) -> Iterator[dict[str, Any]]:
        """Read one field of the list; yields its content if the field is `items`."""
        name = self._value()
        self._take(":")
        if name == "items" and self._next() == "[":
            yield from self._items()
            return
        value = self._value()
        if name == "metadata" and isinstance(value, dict):
            self.metadata = value

    def _items(self) -> Iterator[dict[str, Any]]:
        self._take("[")
        if self._next() == "]":
            self._take("]")
            return
        while True:
            item = self._value()
            if not isinstance(item, dict):
                raise ProtocolError("an item of the list is not an object")
            yield item
            if self._next() != ",":
                break
            self._take(",")
        self._take("]")

    def _value(self) -> object:
        """Read the next JSON value. Raises ProtocolError if it is invalid, cut off or longer than 16 MiB."""
        self._next()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except json.JSONDecodeError:
                end = -1
            except (RecursionError, ValueError):
                value, end = self._skip_value()
            # A value that ends exactly where the received text ends may go on: `12` may be the start of `123`.
            if 0 <= end < len(self._text):
                self._at = end
                return value
            if len(self._text) - self._at > _LONGEST:
                raise ProtocolError(f"the list has an item of more than {_LONGEST} characters")
            # Double the text before each new attempt, so that an object in many chunks is parsed a few times, not once
            # per chunk.
            if not self._fill(len(self._text) - self._at):
                raise ProtocolError("the list breaks off")

    def _skip_value(self) -> tuple[object, int]:
        """Read a value that the decoder rejects as too deep or too long; (None, -1) if more text is needed."""
        try:
            return decode_bounded(self._text, self._at)
        except ValueError:
            raise ProtocolError("an item of the list is not JSON") from None

    def _take(self, expected: str) -> None:
        found = self._next()
        if found != expected:
            raise ProtocolError(f"the answer is no list: {expected!r} is missing" if found else "the list breaks off")
        self._at += 1

    def _next(self) -> str:
        """The next character after white space; "" at the end."""
        while True:
            while self._at < len(self._text):
                found = self._text[self._at]
                if found not in _BLANK:
                    return found
                self._at += 1
            if not self._fill():
                return ""

    def _fill(self, wanted: int = 0) -> bool:
        """Drop the text that was consumed and read at least `wanted` bytes more; False at the end."""
        parts, size = [self._text[self._at :]], 0
        try:
            for chunk in self._chunks:
                parts.append(self._decode(chunk))
                size += len(chunk)
                if size >= max(wanted, _AT_ONCE):
                    break
        except UnicodeDecodeError:
            raise ProtocolError("the list is not UTF-8") from None
        self._text, self._at = "".join(parts), 0
        return size > 0
