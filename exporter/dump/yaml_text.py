"""YAML text to values, as Kubernetes means it: the core schema, in which a date is text and `on` is no boolean."""

from __future__ import annotations

import re
from typing import Any, Final

import yaml

_ALIAS: Final = re.compile(r"(?:^|[:\-\[{,] *)\*\w", re.MULTILINE)
_LONGEST_EXPANSION: Final = 2_000_000
_LONGEST_CAREFUL: Final = 200_000
"""Characters that are parsed by the loader without libyaml, which takes about a second for them."""
_DEEP: Final = 500
_STEEP: Final = re.compile(rf"^[ \t]{{{_DEEP}}}|(?:[-?:][ \t]+){{{_DEEP}}}", re.MULTILINE)
_BRACKET: Final = re.compile(r"[\[\]{}]")


class YamlSyntaxError(Exception):
    """The text cannot be parsed; `line` counts from 0."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(what)
        self.line = line
        self.what = what


def parse_yaml(text: str) -> list[Any]:
    """Every document of the text. Raises Syntax."""
    deep = _deep(text)
    if deep and len(text) > _LONGEST_CAREFUL:
        raise YamlSyntaxError(0, "it is nested too deeply")
    try:
        values = list(yaml.load_all(text, Loader=_CAREFUL if deep else _FAST))
        if _ALIAS.search(text) and _expanded_size(values) > _LONGEST_EXPANSION:
            raise YamlSyntaxError(0, "its anchors and aliases expand to more than can be read")
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise YamlSyntaxError(mark.line if mark else 0, error.problem or error.context or "unknown error") from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) if isinstance(error.position, int) else 0
        raise YamlSyntaxError(line, f"{error.reason} (U+{_code(error.character):04X})") from None
    except ValueError as error:
        raise YamlSyntaxError(0, str(error)) from None
    except RecursionError:
        raise YamlSyntaxError(0, "it is nested too deeply") from None
    return values


def _code(character: object) -> int:
    return character if isinstance(character, int) else ord(str(character)[:1] or "\0")


def _deep(text: str) -> bool:
    """Nested so deeply that libyaml's binding could run out of stack, which no handler survives."""
    if _STEEP.search(text):
        return True
    if text.count("[") + text.count("{") < _DEEP:
        return False
    depth = 0
    for bracket in _BRACKET.finditer(text):
        depth = depth + 1 if bracket.group() in "[{" else max(0, depth - 1)
        if depth >= _DEEP:
            return True
    return False


def _expanded_size(value: object) -> int:
    """How many values there would be without aliases; one that contains itself counts as too many."""
    sizes: dict[int, int] = {}

    def size(one: object) -> int:
        if not isinstance(one, dict | list):
            return 1
        known = sizes.get(id(one))
        if known is None:
            sizes[id(one)] = _LONGEST_EXPANSION + 1
            parts = one.values() if isinstance(one, dict) else one
            known = sizes[id(one)] = min(1 + sum(map(size, parts)), _LONGEST_EXPANSION + 1)
        return known

    return size(value)


_RESOLVERS: Final = (
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", list("tTfF")),
    ("int", r"^[-+]?[0-9]{1,400}$", list("-+0123456789")),
    ("float", r"^[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?$", list("-+.0123456789")),
    ("merge", r"^<<$", ["<"]),
)


def _decimal(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> int:
    return int(str(loader.construct_scalar(node)))


def _number(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> float:
    return float(str(loader.construct_scalar(node)))


def _flag(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> bool:
    return str(loader.construct_scalar(node)).lower() == "true"


def _construct_untagged(loader: yaml.SafeLoader, node: yaml.Node) -> object:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    assert isinstance(node, yaml.ScalarNode)
    return loader.construct_scalar(node)


def _construct_mapping(loader: yaml.SafeLoader, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
    """A mapping in which no key stands twice: which of the two was meant cannot be told, and kubectl refuses it too."""
    stated = node.value
    mapping: dict[Any, Any] = yaml.SafeLoader.construct_mapping(loader, node, deep)
    if len(mapping) != len(node.value):
        # Merging with << puts inherited keys in front of those that are stated; it takes the marks out of `stated`.
        keys = set()
        for key_node, _ in stated:
            key = loader.construct_object(key_node, deep=True)
            if key in keys:
                raise yaml.constructor.ConstructorError(
                    None, None, f"key {key!r:.60} stands twice", key_node.start_mark
                )
            keys.add(key)
    return mapping


def _core(base: type[yaml.SafeLoader]) -> type[yaml.SafeLoader]:
    """The safe loader with YAML 1.2's core schema.

    Other tags are ignored: no Kubernetes tool writes an explicit date, binary or number of another base.
    """
    own: dict[str, Any] = {
        "yaml_implicit_resolvers": {},
        "yaml_constructors": {},
        "construct_mapping": _construct_mapping,
    }
    loader: type[yaml.SafeLoader] = type("CoreLoader", (base,), own)
    for tag, pattern, first in _RESOLVERS:
        loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(pattern), first)
    for tag in ("null", "str", "seq", "map"):
        full = f"tag:yaml.org,2002:{tag}"
        loader.add_constructor(full, yaml.SafeLoader.yaml_constructors[full])
    loader.add_constructor("tag:yaml.org,2002:int", _decimal)
    loader.add_constructor("tag:yaml.org,2002:float", _number)
    loader.add_constructor("tag:yaml.org,2002:bool", _flag)
    loader.add_constructor(None, _construct_untagged)
    return loader


_CAREFUL: Final = _core(yaml.SafeLoader)
# libyaml is ten times faster; PyYAML may have been built without it.
_FAST: Final = _core(getattr(yaml, "CSafeLoader", yaml.SafeLoader))
