"""YAML text to values, as Kubernetes means it: the core schema, in which a date is text and `on` is no boolean."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final, TypeVar

import yaml

T = TypeVar("T")
_ALIAS: Final = re.compile(r"(?:^|[:\-\[{,] *)\*\w", re.MULTILINE)
_LONGEST_EXPANSION: Final = 2_000_000
_LONGEST_CAREFUL: Final = 200_000
"""Characters that are parsed by the loader without libyaml, which takes about a second for them."""
_DEEP: Final = 500
_STEEP: Final = re.compile(rf"^[ \t]{{{_DEEP}}}|(?:[-?:][ \t]+){{{_DEEP}}}", re.MULTILINE)
_BRACKET: Final = re.compile(r"[\[\]{}]")


class YamlSyntaxError(Exception):
    """The text cannot be parsed; `line`, and `at` in characters, count from 0."""

    def __init__(self, line: int, what: str, at: int = 0) -> None:
        super().__init__(what)
        self.line = line
        self.at = at
        """Where it is. YAML begins lines at more characters than editors do, so that `line` may not be theirs."""
        self.what = what


def parse_yaml(text: str) -> list[Any]:
    """Every document of the text. Raises YamlSyntaxError."""
    return _guarded(text, lambda loader: list(yaml.load_all(text, Loader=loader)), lambda values: values)


def parse_yaml_nodes(text: str) -> list[tuple[yaml.Node, Any]]:
    """Every document of the text as its tree of nodes, which know where they stand, and as its value.

    Raises YamlSyntaxError.
    """
    return _guarded(text, lambda loader: _load_nodes(text, loader), lambda found: [value for _, value in found])


def _load_nodes(text: str, loader_type: type[yaml.SafeLoader]) -> list[tuple[yaml.Node, Any]]:
    loader, found = loader_type(text), []
    try:
        while loader.check_node():
            node = loader.get_node()
            if node is not None:
                found.append((node, _value_of(node, loader, {})))
    finally:
        loader.dispose()
    return found


def _value_of(node: yaml.Node, loader: yaml.SafeLoader, made: dict[int, Any]) -> Any:  # noqa: ANN401  (YAML)
    """What the loader constructs of a node, without its generators: a third of the time for large files."""
    if isinstance(node, yaml.ScalarNode):
        convert = _SCALARS.get(node.tag)
        return convert(loader, node) if convert else node.value
    if id(node) in made:
        return made[id(node)]
    if isinstance(node, yaml.SequenceNode):
        items: list[Any] = []
        made[id(node)] = items
        items.extend(_value_of(item, loader, made) for item in node.value)
        return items
    assert isinstance(node, yaml.MappingNode)
    mapping: dict[Any, Any] = {}
    made[id(node)] = mapping
    _fill(mapping, node, loader, made)
    return mapping


def _fill(mapping: dict[Any, Any], node: yaml.MappingNode, loader: yaml.SafeLoader, made: dict[int, Any]) -> None:
    """The pairs of a mapping. What is merged with << stands in front, and gives way to what is stated."""
    stated = [pair for pair in node.value if pair[0].tag != _MERGE]
    if len(stated) != len(node.value):
        loader.flatten_mapping(node)
    seen = set()
    for key_node, value_node in node.value:
        key = _value_of(key_node, loader, made)
        if isinstance(key, dict | list):
            raise yaml.constructor.ConstructorError(
                None, None, "a key is neither text nor a number", key_node.start_mark
            )
        mapping[key] = _value_of(value_node, loader, made)
    for key_node, _ in stated if len(mapping) != len(node.value) else ():
        key = _value_of(key_node, loader, made)
        if key in seen:
            raise yaml.constructor.ConstructorError(None, None, f"key {key!r:.60} stands twice", key_node.start_mark)
        seen.add(key)


def _guarded(
    text: str, load: Callable[[type[yaml.SafeLoader]], list[T]], values_of: Callable[[list[T]], list[Any]]
) -> list[T]:
    """Load with a loader that survives the text; bounded in depth and in what aliases expand to."""
    deep = _deep(text)
    if deep and len(text) > _LONGEST_CAREFUL:
        raise YamlSyntaxError(0, "it is nested too deeply")
    try:
        values = load(_CAREFUL if deep else _FAST)
        if _ALIAS.search(text) and _expanded_size(values_of(values)) > _LONGEST_EXPANSION:
            raise YamlSyntaxError(0, "its anchors and aliases expand to more than can be read")
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = error.problem or error.context or "unknown error"
        raise YamlSyntaxError(mark.line if mark else 0, problem, mark.index if mark else 0) from None
    except yaml.reader.ReaderError as error:
        at = error.position if isinstance(error.position, int) else 0
        what = f"{error.reason} (U+{_code(error.character):04X})"
        raise YamlSyntaxError(text.count("\n", 0, at), what, at) from None
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


_MERGE: Final = "tag:yaml.org,2002:merge"
_SCALARS: Final[dict[str, Callable[[yaml.SafeLoader, yaml.ScalarNode], Any]]] = {
    "tag:yaml.org,2002:null": lambda *_: None,
    "tag:yaml.org,2002:int": _decimal,
    "tag:yaml.org,2002:float": _number,
    "tag:yaml.org,2002:bool": _flag,
}
_CAREFUL: Final = _core(yaml.SafeLoader)
# libyaml is ten times faster; PyYAML may have been built without it.
_FAST: Final = _core(getattr(yaml, "CSafeLoader", yaml.SafeLoader))
