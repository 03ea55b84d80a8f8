"""Cuts YAML text into its documents, and a document that is a List into its items, before anything is parsed.

So a broken part costs only itself, and a huge List is never in memory as a whole. The cuts rely on block style, in
which the position of a line says what it belongs to; what is written in any other way stays in one piece.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Final

_DOCUMENT: Final = re.compile(r"^---(?=[ \t\r\n]|$)", re.MULTILINE)
_BEGINNING: Final = re.compile(r"""^["']?(apiVersion|kind)["']?[ \t]*:""", re.MULTILINE)
"""What Kubernetes objects begin with. kubectl and oc print the apiVersion first, people often the kind."""
_APPENDED: Final = 100_000
"""How many documents without a separator are cut."""
_DIRECTIVE: Final = re.compile(r"^%.*$", re.MULTILINE)
_ITEMS: Final = re.compile(r"^items:[ \t]*\r?\n", re.MULTILINE)
_FIRST_ITEM: Final = re.compile(r"(?:[ \t]*(?:#.*)?\r?\n)*( *)- ")
_ANCHOR: Final = re.compile(r"(?:^|[:\-] +)&\w", re.MULTILINE)
_KIND: Final = re.compile(r"""^["']?kind["']?:[ \t]*["']?(\w+)["']?[ \t]*(?:#.*)?\r?$""", re.MULTILINE)
_ITEM_KIND: Final = re.compile(r"""^ *(?:- )?["']?kind["']?:[ \t]*["']?(\w+)["']?[ \t]*(?:#.*)?\r?$""", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Fragment:
    """A part of a text that can be parsed on its own."""

    text: str
    line: int
    """Where it starts in its file, from 1."""
    item: bool = False

    @property
    def kind(self) -> str:
        """The kind of the object in block style, without parsing; "" if that does not show."""
        if self.item:
            match = _ITEM_KIND.search(self.text)
            return match[1] if match and _at_item_level(match.group(), self.text) else ""
        kinds = list(islice(_KIND.finditer(self.text), 2))
        # Two of them in one document: neither is right.
        return kinds[0][1] if len(kinds) == 1 else ""

    def as_list(self) -> Listing | None:
        """The List that it is, cut into items; None if it is none, or not in a style that can be cut."""
        start = _ITEMS.search(self.text)
        if not start or _ANCHOR.search(self.text):
            return None
        first = _FIRST_ITEM.match(self.text, start.end())
        if not first:
            return None
        end = _end_of_items(self.text, first.start(1), len(first[1]))
        head = Fragment(self.text[: start.start()] + "items: []\n" + self.text[end:], self.line)
        if head.kind and not head.kind.endswith("List"):
            return None
        return Listing(head, self, first.start(1), end, len(first[1]))


def _at_item_level(line: str, text: str) -> bool:
    """The line belongs to the item itself and not to something inside it."""
    indent = len(text) - len(text.lstrip(" "))
    return len(line) - len(line.lstrip(" ")) == indent + (0 if line.lstrip(" ").startswith("- ") else 2)


@dataclass(frozen=True, slots=True)
class Listing:
    """A List in block style."""

    head: Fragment
    """The List without its items."""
    whole: Fragment
    start: int
    end: int
    indent: int

    @property
    def items(self) -> Iterator[Fragment]:
        """The items, each with the dash that starts it: it parses as a sequence of one."""
        starts = re.compile(rf"^ {{{self.indent}}}- ", re.MULTILINE)
        text, line, counted = self.whole.text, self.whole.line, 0
        at = self.start
        while at < self.end:
            following = starts.search(text, at + self.indent + 2, self.end)
            until = following.start() if following else self.end
            line, counted = line + text.count("\n", counted, at), at
            yield Fragment(text[at:until], line, item=True)
            at = until


def _end_of_items(text: str, start: int, indent: int) -> int:
    """Where the first line starts that belongs to the List itself."""
    inside = " " * indent
    outside = re.compile(rf"^(?!{inside}-? |{inside}-$|[ \t]*(?:#.*)?\r?$)", re.MULTILINE)
    match = outside.search(text, start)
    return match.start() if match else len(text)


def fragments(text: str) -> Iterator[Fragment]:
    """The documents of a text. `---` at the start of a line separates them wherever it stands.

    What `oc get ... >> file` appends has no such line: there a document ends where its first key stands again.
    """
    at, line = 0, 1
    for mark in chain(_DOCUMENT.finditer(text), (None,)):
        end = mark.start() if mark else len(text)
        yield from _split_appended(text[at:end], line)
        if mark:
            line += text.count("\n", at, mark.end())
            at = mark.end()


def _split_appended(chunk: str, line: int) -> Iterator[Fragment]:
    """The documents that were run together. What is not a row of whole objects stays in one piece, and is refused."""
    at = 0
    for end in (*_ends(chunk), len(chunk)):
        document = _DIRECTIVE.sub("", chunk[at:end])
        if document.strip():
            yield Fragment(document, line)
        line += chunk.count("\n", at, end)
        at = end


def _ends(chunk: str) -> list[int]:
    """Where a document ends because another one begins: each has an apiVersion and a kind, in the same order."""
    keys = list(islice(_BEGINNING.finditer(chunk), 2 * _APPENDED + 1))
    first, second = ([key[1] for key in keys[place::2]] for place in (0, 1))
    whole = len(first) == len(second) <= _APPENDED and len({*first}) == len({*second}) == len({*first, *second}) - 1
    return [key.start() for key in keys[2::2]] if whole else []
