"""Mutants of a module: its syntax tree with one small change each, of the kinds in which checks go wrong."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, TypeVar

T = TypeVar("T")
Change = Callable[[], None]

_COMPARISONS: Final[dict[type[ast.cmpop], type[ast.cmpop]]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_OPERATORS: Final[dict[type[ast.AST], type[ast.AST]]] = {
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
}
_FUNCTIONS: Final = {"any": "all", "all": "any", "min": "max", "max": "min"}
_VERDICTS: Final = frozenset({"Failed", "failed", "replace"})
"""Calls whose keywords are what a finding says; each must be missed by some test when it is gone."""
_PROSE: Final = frozenset({"summary", "observed", "expected", "field"})
"""Wording: what is asserted of it is the test's business, not whether it is there at all."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One changed module."""

    line: int
    what: str
    tree: ast.Module


def mutants(source: str) -> Iterator[Mutant]:
    """Every mutant of a module, in the order of its lines as far as the walk goes."""
    for number in range(len(_sites(ast.parse(source)))):
        tree = ast.parse(source)
        line, what, change = _sites(tree)[number]
        change()
        yield Mutant(line, what, ast.fix_missing_locations(tree))


def _sites(tree: ast.Module) -> list[tuple[int, str, Change]]:
    """Where a tree can be changed, and how; the changes work on this very tree."""
    found: list[tuple[int, str, Change]] = []
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            for statement in function.body:
                for node in ast.walk(statement):
                    if not isinstance(node, ast.FunctionDef):
                        found += [(_line(node), what, change) for what, change in _changes(node)]
    return found


def _line(node: ast.AST) -> int:
    """Where it stands; a comprehension's clause has no place of its own."""
    return (node.target if isinstance(node, ast.comprehension) else node).lineno  # type: ignore[attr-defined, no-any-return]


def _changes(node: ast.AST) -> Iterator[tuple[str, Change]]:
    match node:
        case ast.Compare():
            yield from _comparison(node)
        case ast.If() | ast.IfExp() | ast.While():
            yield "condition negated", _set(node, "test", _negate(node.test))
        case ast.comprehension():
            for index, test in enumerate(node.ifs):
                yield "filter negated", _put(node.ifs, index, _negate(test))
        case ast.BoolOp() | ast.BinOp():
            yield from _operation(node)
        case ast.Constant(value=bool() | int() | float() as value):
            other = not value if isinstance(value, bool) else value + 1
            yield f"{value} -> {other}", _set(node, "value", other)
        case ast.Call(func=ast.Name() as function):
            yield from _call(node, function)
        case ast.Tuple(ctx=ast.Load()) if len(node.elts) > 1:
            for index, element in enumerate(node.elts):
                yield f"without {ast.unparse(element)}", _drop(node.elts, index)
        case _:
            pass


def _operation(node: ast.BoolOp | ast.BinOp) -> Iterator[tuple[str, Change]]:
    other = _OPERATORS.get(type(node.op))
    if other is not None:
        yield f"{_name(node.op)} -> {other.__name__.lower()}", _set(node, "op", other())


def _comparison(node: ast.Compare) -> Iterator[tuple[str, Change]]:
    for index, operator in enumerate(node.ops):
        other = _COMPARISONS[type(operator)]()
        yield f"{_name(operator)} -> {_name(other)}", _put(node.ops, index, other)
    for side in node.comparators:
        if isinstance(side, ast.Constant) and isinstance(side.value, str):
            yield f"{side.value!r} -> another text", _set(side, "value", f"{side.value}, mutated")


def _call(node: ast.Call, function: ast.Name) -> Iterator[tuple[str, Change]]:
    if function.id in _FUNCTIONS:
        other = _FUNCTIONS[function.id]
        yield f"{function.id} -> {other}", _set(function, "id", other)
    if function.id in _VERDICTS:
        for index, keyword in enumerate(node.keywords):
            if keyword.arg and keyword.arg not in _PROSE:
                yield f"without {keyword.arg}=", _drop(node.keywords, index)


def _negate(test: ast.expr) -> ast.expr:
    return ast.UnaryOp(ast.Not(), test)


def _name(operator: ast.AST) -> str:
    return type(operator).__name__.lower()


def _set(node: ast.AST, field: str, value: object) -> Change:
    return lambda: setattr(node, field, value)


def _put(items: list[T], index: int, value: T) -> Change:
    return lambda: items.__setitem__(index, value)


def _drop(items: list[T], index: int) -> Change:
    return lambda: items.__delitem__(index)
