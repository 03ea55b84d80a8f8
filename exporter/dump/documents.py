"""Text to objects: YAML of several documents, JSON, Lists. One object at a time, so that a huge List stays affordable.

Knows the shape of a Kubernetes object, and no kind in particular: the caller says which kinds it wants.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from exporter.dump import json_text
from exporter.dump.fragments import Fragment, fragments
from exporter.dump.layout import key_of
from exporter.dump.limits import LIMITS
from exporter.dump.listing import with_item_type
from exporter.dump.yaml_text import YamlSyntaxError, parse_yaml

_DEFINITION: Final = "CustomResourceDefinition"
_MATTERS: Final = re.compile(r"""["']?\b(?:kind|apiVersion)["']?\s*:""")


@dataclass(frozen=True, slots=True)
class FoundObject:
    """An object that is wanted, or a List without its items: the proof that its kind was collected."""

    value: dict[str, Any]
    line: int


@dataclass(frozen=True, slots=True)
class BrokenPart:
    """A part that cannot be parsed."""

    line: int
    what: str
    text: str
    """All that was lost, and what else is in doubt."""
    torn: bool = False
    """Whatever should follow is lost too."""


@dataclass(frozen=True, slots=True)
class SkippedObject:
    """An object of another kind, or no Kubernetes object at all."""

    definition: str = ""
    """The name of the CustomResourceDefinition that it is, as in `ssps.ssp.kubevirt.io`."""


Piece = FoundObject | BrokenPart | SkippedObject


def decode_text(data: bytes) -> str:
    """The text of a file. Raises UnicodeError; Windows shells write UTF-16 with a byte order mark."""
    wide = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    return data.decode("utf-16" if wide else "utf-8-sig")


def pieces(text: str, wanted: frozenset[str], largest: int = LIMITS.document) -> Iterator[Piece]:
    """Everything in a text, in its order. Lists are taken apart.

    What would have to be parsed in one piece of more than `largest` characters is broken.
    """
    if not _MATTERS.search(text):
        yield SkippedObject()
        return
    if text.lstrip()[:1] in ("{", "["):
        yield from _json_pieces(text, wanted, largest)
        return
    for fragment in fragments(text):
        kind = fragment.kind
        if kind and kind != "List" and kind.removesuffix("List") not in (*wanted, _DEFINITION):
            yield SkippedObject()
        elif kind == _DEFINITION:
            yield _definition(fragment)
        elif _MATTERS.search(fragment.text):
            yield from _yaml_pieces(fragment, wanted, largest)
        else:
            yield SkippedObject()


def _json_pieces(text: str, wanted: frozenset[str], largest: int) -> Iterator[Piece]:
    started = False
    try:
        for value, line in json_text.values(text, largest):
            started = True
            yield from _open_list(value, line, wanted)
    except json_text.JsonError as error:
        if not started:
            flow = _parse(Fragment(text, 1), largest)
            if not isinstance(flow, BrokenPart):
                for value in flow:
                    yield from _open_list(value, 1, wanted)
                return
        yield BrokenPart(error.line, f"is not valid JSON: {error.what}", error.rest, torn=True)


def _yaml_pieces(fragment: Fragment, wanted: frozenset[str], largest: int) -> Iterator[Piece]:
    listing = fragment.as_list()
    if listing is not None:
        head = _parse(listing.head, largest)
        if not isinstance(head, BrokenPart) and len(head) == 1 and isinstance(head[0], dict):
            yield from _open_list(head[0], fragment.line, wanted)
            for item in listing.items:
                yield from _item(item, head[0], wanted, largest)
            if "kind" not in head[0] and "apiVersion" in head[0]:
                # The tools write a List's kind after its items.
                last = fragment.line + fragment.text.count("\n")
                yield BrokenPart(
                    last, "is a List that breaks off: its kind is missing at the end", fragment.text, torn=True
                )
            return
    values = _parse(fragment, largest)
    if isinstance(values, BrokenPart):
        yield values
        return
    for value in values:
        yield from _open_list(value, fragment.line, wanted)


def _item(item: Fragment, head: dict[str, Any], wanted: frozenset[str], largest: int) -> Iterator[Piece]:
    if item.kind and item.kind not in wanted and not item.kind.endswith("List"):
        yield _definition(item) if item.kind == _DEFINITION else SkippedObject()
        return
    values = _parse(item, largest)
    if isinstance(values, BrokenPart):
        yield values
        return
    for value in values:
        # An item is parsed with its dash, as a sequence of one.
        for one in value if isinstance(value, list) else [value]:
            yield from _open_list(with_item_type(one, head), item.line, wanted)


def _definition(fragment: Fragment) -> SkippedObject:
    """A CustomResourceDefinition is up to a megabyte, and only its name is of use: it is not parsed."""
    key = key_of(fragment.text)
    return SkippedObject(key.name if key else "")


def _parse(fragment: Fragment, largest: int) -> list[Any] | BrokenPart:
    if len(fragment.text) > largest:
        return BrokenPart(fragment.line, f"is larger than {largest >> 20} MiB in one piece", fragment.text)
    try:
        return parse_yaml(fragment.text)
    except YamlSyntaxError as error:
        return BrokenPart(fragment.line + error.line, f"is not valid YAML: {error.what}", fragment.text)


def _open_list(value: object, line: int, wanted: frozenset[str]) -> Iterator[Piece]:
    """The object, or the List and each of its items."""
    todo: list[object] = [value]
    while todo:
        one = todo.pop()
        if isinstance(one, list):
            todo.extend(reversed(one))
        elif not isinstance(one, dict) or not isinstance(one.get("kind"), str):
            yield SkippedObject()
        elif one["kind"].endswith("List") and isinstance(one.get("items", []), list | None):
            yield FoundObject({**one, "items": []}, line)
            todo.extend(with_item_type(item, one) for item in reversed(one.get("items") or []))
        else:
            yield FoundObject(one, line) if one["kind"] in wanted else SkippedObject(_defined_resource(one))


def _defined_resource(value: dict[str, Any]) -> str:
    metadata = value.get("metadata") if value["kind"] == _DEFINITION else None
    name = metadata.get("name") if isinstance(metadata, dict) else None
    return name if isinstance(name, str) else ""
