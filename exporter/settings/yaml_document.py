"""YAML with line numbers. Mistakes are collected instead of raised, so that all of them can be reported at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

import yaml

from exporter.settings.settings import suggest

LONGEST: Final = 256 * 1024
"""Bytes of a configuration file: some thousands of suppressions."""
_NOTHING: Final = "tag:yaml.org,2002:null"


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """A mistake in the file: where it is, and what is wrong."""

    line: int
    path: str
    text: str
    """Worded to follow the path."""

    def __str__(self) -> str:
        """`line 3: checks.import-outdated.severity: 'bad' is not one of ...`."""
        return f"line {self.line}: {self.path}: {self.text}" if self.path else f"line {self.line}: {self.text}"


@dataclass(frozen=True, slots=True)
class YamlValue:
    """A node of the document and where it stands."""

    node: yaml.Node
    path: str
    line: int

    @property
    def nothing(self) -> bool:
        """No value, as in `key:`."""
        return self.node.tag == _NOTHING

    @property
    def quoted(self) -> str:
        """What is there, for messages."""
        if isinstance(self.node, yaml.ScalarNode):
            return repr(self.node.value)
        return "a list" if isinstance(self.node, yaml.SequenceNode) else "a mapping"


@dataclass(slots=True)
class YamlDocument:
    """Reads nodes of expected types. A node of another type is added to `mistakes` and left out."""

    mistakes: list[Mistake] = field(default_factory=list)
    _visited: set[int] = field(default_factory=set)

    def parse(self, text: str) -> YamlValue | None:
        """The only document in the text; None if there is none, or if it cannot be parsed."""
        try:
            node = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = mark.line + 1 if mark else 1
            self.mistakes.append(Mistake(line, "", f"is not valid YAML: {error.problem or error.context}"))
        except yaml.YAMLError as error:
            self.mistakes.append(Mistake(1, "", f"is not valid YAML: {' '.join(str(error).split())}"))
        except RecursionError:
            self.mistakes.append(Mistake(1, "", "is nested too deeply"))
        else:
            return None if node is None or node.tag == _NOTHING else _value(node, "")
        return None

    def wrong(self, value: YamlValue, text: str) -> None:
        """Note a mistake."""
        self.mistakes.append(Mistake(value.line, value.path, text))

    def mapping(self, value: YamlValue, known: Iterable[str], noun: str = "key") -> dict[str, YamlValue]:
        """The values of a mapping by key; keys that are not known, or stand twice, are mistakes."""
        if not isinstance(value.node, yaml.MappingNode):
            self.wrong(value, f"is {value.quoted}, not a mapping")
            return {}
        found: dict[str, YamlValue] = {}
        names = list(known)
        for key, node in self._once(value).value:
            name = key.value if isinstance(key, yaml.ScalarNode) else ""
            inner = _value(node, f"{value.path}.{name}".lstrip("."), key)
            if name not in names:
                remedy = suggest(name, names) or f"; choose from {', '.join(names)}"
                self.wrong(inner, f"is no {noun}{remedy}")
            elif name in found:
                self.wrong(inner, f"stands twice, first in line {found[name].line}")
            else:
                found[name] = inner
        return found

    def entries(self, value: YamlValue, most: int) -> dict[str, YamlValue]:
        """The values of a mapping with any keys, in order; a key that stands twice is a mistake, as are too many."""
        if not isinstance(value.node, yaml.MappingNode):
            self.wrong(value, f"is {value.quoted}, not a mapping")
            return {}
        found: dict[str, YamlValue] = {}
        for key, node in self._once(value).value:
            name = key.value if isinstance(key, yaml.ScalarNode) else ""
            inner = _value(node, f"{value.path}.{name}", key)
            if not name:
                self.wrong(inner, "has a key that is not a single value")
            elif name in found:
                self.wrong(inner, f"stands twice, first in line {found[name].line}")
            else:
                found[name] = inner
        if len(found) > most:
            self.wrong(value, f"has {len(found)} entries; at most {most} are read")
            return {}
        return found

    def sequence(self, value: YamlValue) -> Iterator[YamlValue]:
        """The items of a list."""
        if not isinstance(value.node, yaml.SequenceNode):
            self.wrong(value, f"is {value.quoted}, not a list")
            return
        for number, node in enumerate(self._once(value).value):
            yield _value(node, f"{value.path}[{number}]")

    def text(self, value: YamlValue) -> str | None:
        """A scalar as it is written, whatever YAML would make of it."""
        if not isinstance(value.node, yaml.ScalarNode):
            self.wrong(value, f"is {value.quoted}, not a single value")
            return None
        return "" if value.nothing else str(value.node.value)

    def texts(self, value: YamlValue) -> list[str]:
        """A scalar, or a list of them."""
        if isinstance(value.node, yaml.SequenceNode):
            return [text for item in self.sequence(value) if (text := self.text(item)) is not None]
        text = self.text(value)
        return [] if text is None else [text]

    def _once(self, value: YamlValue) -> yaml.CollectionNode:
        """The node, if it is visited for the first time: nested aliases can expand to billions of nodes."""
        assert isinstance(value.node, yaml.CollectionNode)
        if id(value.node) in self._visited:
            self.wrong(value, "repeats another place by a YAML alias; write it out")
            return yaml.SequenceNode("", [])
        self._visited.add(id(value.node))
        return value.node


def _value(node: yaml.Node, path: str, at: yaml.Node | None = None) -> YamlValue:
    return YamlValue(node, path, (at or node).start_mark.line + 1)
