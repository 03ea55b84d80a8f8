"""Text in which every field of every object knows where it stands."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, NamedTuple

import yaml

from exporter.joins.admission import Path

_MAPPING: Final = yaml.MappingNode


class Position(NamedTuple):
    """A place in a file; both numbers count from 1, as editors do."""

    line: int
    column: int


class Span(NamedTuple):
    """A part of a text: characters from `start` up to `end`."""

    start: int
    end: int


class SourceText:
    """A file that has been read."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text

    @cached_property
    def _starts(self) -> list[int]:
        starts, at = [0], self.text.find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = self.text.find("\n", at + 1)
        return starts

    def position(self, at: int) -> Position:
        """The line and column of a character."""
        at = min(at, len(self.text))
        line = bisect_right(self._starts, at)
        return Position(line, at - self._starts[line - 1] + 1)

    def line(self, number: int) -> str:
        """A line without its end; "" for one that does not exist."""
        if not 1 <= number <= len(self._starts):
            return ""
        end = self._starts[number] if number < len(self._starts) else len(self.text)
        return self.text[self._starts[number - 1] : end].rstrip("\r\n")

    @property
    def lines(self) -> int:
        """How many lines there are."""
        return len(self._starts)


@dataclass(frozen=True, slots=True)
class Located:
    """What stands at a path, or at the nearest place above it that exists."""

    key: yaml.Node | None
    """The key whose value it is; None in a list and at the top."""
    value: yaml.Node
    depth: int
    """How many steps of the path exist."""
    parent: yaml.Node | None = None


def locate(node: yaml.Node, path: Path) -> Located:
    """Follow a path through mappings and lists as far as it exists."""
    here = Located(None, node, 0)
    for step in path:
        below = _child(here.value, step)
        if below is None:
            return here
        here = Located(below[0], below[1], here.depth + 1, here.value)
    return here


def _child(node: yaml.Node, step: str) -> tuple[yaml.Node | None, yaml.Node] | None:
    if isinstance(node, _MAPPING):
        return next(((k, v) for k, v in reversed(node.value) if _text(k) == step), None)
    if isinstance(node, yaml.SequenceNode) and step.isdecimal() and int(step) < len(node.value):
        return None, node.value[int(step)]
    return None


def _text(node: yaml.Node) -> str:
    return node.value if isinstance(node, yaml.ScalarNode) else ""


def scalar_text(node: yaml.Node) -> str:
    """A scalar as it is written, without its quotes; "" for anything else."""
    return _text(node)


@dataclass(frozen=True, slots=True)
class Chunk:
    """A document of a file: the part between two `---` lines, and the tree that was made of it."""

    source: SourceText
    start: int
    """Where it begins in the file, in characters."""
    end: int
    root: yaml.Node
    value: Any

    @property
    def text(self) -> str:
        """The document."""
        return self.source.text[self.start : self.end]


@dataclass(frozen=True, slots=True, eq=False)
class Manifest:
    """A Kubernetes object in a file."""

    chunk: Chunk
    at: Path
    """Where it stands in its document: () unless that is a List."""
    node: yaml.Node
    value: dict[str, Any]
    api_version: str
    kind: str
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def file(self) -> str:
        """The file that it is in."""
        return self.chunk.source.name

    @property
    def group(self) -> str:
        """The API group; "" for the core group."""
        return self.api_version.rpartition("/")[0]

    @property
    def metadata(self) -> dict[str, Any]:
        """The metadata, or nothing."""
        found = self.value.get("metadata")
        return found if isinstance(found, dict) else {}

    @property
    def name(self) -> str:
        """Its name; "" if there is none."""
        return self._meta("name")

    @property
    def namespace(self) -> str:
        """Its namespace; "" if the manifest leaves it to whatever applies it."""
        return self._meta("namespace")

    def _meta(self, key: str) -> str:
        found = self.metadata.get(key)
        return found if isinstance(found, str) else ""

    def annotation(self, key: str) -> object:
        """The value of an annotation, of whatever type it has; None if it is not there."""
        found = self.metadata.get("annotations")
        return found.get(key) if isinstance(found, dict) else None

    def position(self, path: Path) -> Position:
        """Where a field stands, or the nearest field above it."""
        found = locate(self.node, path)
        mark = (found.key or found.value).start_mark
        return self.chunk.source.position(self.chunk.start + mark.index)

    def written(self, path: Path) -> str:
        """The scalar at a path as it is written; "" if there is none."""
        found = locate(self.node, path)
        return scalar_text(found.value) if found.depth == len(path) else ""


def scalars(node: yaml.Node) -> Iterator[yaml.ScalarNode]:
    """Every scalar below a node, keys included, each once."""
    seen: set[int] = set()
    todo = [node]
    while todo:
        one = todo.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, yaml.ScalarNode):
            yield one
        elif isinstance(one, yaml.MappingNode):
            todo.extend(part for pair in one.value for part in pair)
        elif isinstance(one, yaml.SequenceNode):
            todo.extend(one.value)
