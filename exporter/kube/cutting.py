"""Cuts a list into its items while it arrives, so that a list of any length costs the memory of a few objects."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterable, Iterator
from typing import Any, Final

from exporter.kube.errors import ProtocolError

_MARK: Final = '"items":['
_HEADER: Final = 65536
"""Characters within which the items must begin."""
_LONGEST: Final = 64 * 1024 * 1024
"""Characters of one object at most."""
_DECODER: Final = json.JSONDecoder()


class ListCutter:
    """Iterates over the items of a list's JSON. Afterwards `metadata` is that of the list.

    Custom resources put their items first and the metadata last, built-in ones the other way round; both are fine.
    Raises ProtocolError if the text is no complete list: then nothing of it may be used.
    """

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._decode = codecs.getincrementaldecoder("utf-8")().decode
        self._text = ""
        self.metadata: dict[str, Any] = {}

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """The items, in order."""
        head = self._head()
        if head is None:
            return
        yield from self._items()
        self._finish(head + '"items":[]')

    def _head(self) -> str | None:
        """What stands before the items; None if the list has none, and all of it has been read."""
        while _MARK not in self._text and len(self._text) < _HEADER and self._more():
            pass
        head, mark, rest = self._text.partition(_MARK)
        if not mark:
            # Not cut: an empty list, other spacing, or no list at all. It is read whole, which is fine up to a bound.
            while len(self._text) < _LONGEST and self._more():
                pass
            self._whole()
            return None
        self._text = rest
        return head

    def _whole(self) -> None:
        listed = _parsed(self._text)
        if listed.get("items"):
            raise ProtocolError("the list is not laid out as Kubernetes does, and cannot be cut")
        self.metadata = _metadata(listed)

    def _items(self) -> Iterator[dict[str, Any]]:
        while True:
            self._text = self._text.lstrip(", \n\t\r")
            if self._text.startswith("]"):
                self._text = self._text[1:]
                return
            try:
                item, end = _DECODER.raw_decode(self._text)
            except json.JSONDecodeError:
                if len(self._text) > _LONGEST or not self._more():
                    raise ProtocolError("the list breaks off inside an item") from None
                continue
            self._text = self._text[end:]
            if not isinstance(item, dict):
                raise ProtocolError("an item of the list is not an object")
            yield item

    def _finish(self, head: str) -> None:
        while len(self._text) < _HEADER and self._more():
            pass
        self.metadata = _metadata(_parsed(head + self._text))

    def _more(self) -> bool:
        """Read at least 64 KiB more: parsing an object again for each small chunk would cost its square."""
        parts, size = [self._text], 0
        for chunk in self._chunks:
            parts.append(self._decode(chunk))
            size += len(chunk)
            if size >= _HEADER:
                break
        self._text = "".join(parts)
        return size > 0


def _parsed(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise ProtocolError("the list breaks off") from error
    if not isinstance(value, dict):
        raise ProtocolError("the answer is not a list of objects")
    return value


def _metadata(listed: dict[str, Any]) -> dict[str, Any]:
    metadata = listed.get("metadata")
    if not isinstance(metadata, dict) or not metadata.get("resourceVersion"):
        raise ProtocolError("the list has no resourceVersion")
    return metadata
