"""A linter of PromQL, on a real parser: our conventions, and what can be told of an expression without a server."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import promql_parser as promql

TARGET: Final = frozenset({"namespace", "instance", "pod", "job", "service", "endpoint", "container"})
"""Labels that a scrape sets: other ones on each platform, and for each replica."""
_COMPARISONS: Final = ("==", "!=", "<=", ">=", "<", ">")
_SETS: Final = ("and", "or", "unless")
_RATES: Final = ("rate", "irate", "increase", "resets")


@dataclass(frozen=True)
class Metric:
    """What an expression may know of a metric."""

    labels: frozenset[str]
    counter: bool = False
    recorded: bool = False
    """It is the result of a rule of ours: of all replicas together."""
    values: Mapping[str, frozenset[str]] | None = None
    """By label the values that it can have, where they are a list."""


Catalogue = Mapping[str, Metric]


def complaints(expr: str, catalogue: Catalogue) -> list[str]:
    """All that is wrong with an expression; [] if nothing is."""
    try:
        parsed = promql.parse(expr)
    except ValueError as error:
        return [f"does not parse: {error}"]
    return list(_walk(parsed, catalogue, ()))


def labels(expr: Any, catalogue: Catalogue) -> frozenset[str]:
    """The labels that the series of an expression have, target labels left out."""
    match expr:
        case promql.VectorSelector():
            known = catalogue.get(expr.name or "")
            return known.labels if known else frozenset()
        case promql.MatrixSelector() | promql.ParenExpr() | promql.UnaryExpr() | promql.SubqueryExpr():
            return labels(_inside(expr), catalogue)
        case promql.AggregateExpr():
            return _aggregated(expr, catalogue)
        case promql.BinaryExpr():
            return _join_labels(expr, catalogue)
        case promql.Call():
            return _call_labels(expr, catalogue)
        case _:
            return frozenset()


def _inside(expr: Any) -> Any:
    return expr.vector_selector if isinstance(expr, promql.MatrixSelector) else expr.expr


def _aggregated(expr: Any, catalogue: Catalogue) -> frozenset[str]:
    if str(expr.op) == "topk":
        return labels(expr.expr, catalogue)
    return frozenset(expr.modifier.labels) if expr.modifier else frozenset()


def _join_labels(expr: Any, catalogue: Catalogue) -> frozenset[str]:
    left, right = labels(expr.lhs, catalogue), labels(expr.rhs, catalogue)
    if _constant(expr.lhs):
        return right
    if str(expr.op) == "or":
        return left | right
    many = str(expr.modifier.card) if expr.modifier else ""
    return right if "OneToMany" in many else left | _taken(expr)


def _taken(expr: Any) -> frozenset[str]:
    """The labels that group_left takes from the other side. The parser tells them only in its text."""
    rest = str(expr).removeprefix(str(expr.lhs)).removesuffix(str(expr.rhs))
    found = re.search(r"group_left \(([^)]+)\)", rest)
    return frozenset(found[1].split(", ")) if found else frozenset()


def _call_labels(expr: Any, catalogue: Catalogue) -> frozenset[str]:
    name = expr.func.name
    if name in ("absent", "time", "vector", "scalar", "absent_over_time"):
        return frozenset()
    inner = next((labels(a, catalogue) for a in expr.args if not _constant(a)), frozenset())
    return inner | {expr.args[1].val} if name in ("label_replace", "label_join") else inner


def _constant(expr: Any) -> bool:
    if isinstance(expr, promql.ParenExpr):
        return _constant(expr.expr)
    if isinstance(expr, promql.Call):
        return expr.func.name in ("time", "vector", "scalar")
    if isinstance(expr, promql.BinaryExpr):
        return _constant(expr.lhs) and _constant(expr.rhs)
    return isinstance(expr, promql.NumberLiteral | promql.StringLiteral)


def _walk(expr: Any, catalogue: Catalogue, above: tuple[str, ...]) -> Iterator[str]:
    match expr:
        case promql.VectorSelector():
            yield from _selector(expr, catalogue, above)
        case promql.MatrixSelector():
            yield from _walk(expr.vector_selector, catalogue, (*above, "range"))
        case promql.ParenExpr() | promql.UnaryExpr() | promql.SubqueryExpr():
            yield from _walk(expr.expr, catalogue, above)
        case promql.AggregateExpr():
            yield from _aggregation(expr, catalogue)
            yield from _walk(expr.expr, catalogue, (*above, "aggregation"))
        case promql.BinaryExpr():
            yield from _operation(expr, catalogue)
            for side in (expr.lhs, expr.rhs):
                yield from _walk(side, catalogue, above)
        case promql.Call():
            if expr.func.name == "vector":
                yield "vector() puts a number where nothing is known"
            for argument in expr.args:
                yield from _walk(argument, catalogue, (*above, expr.func.name))
        case _:
            return


def _selector(expr: Any, catalogue: Catalogue, above: tuple[str, ...]) -> Iterator[str]:
    known = catalogue.get(expr.name)
    if known is None:
        yield f"no metric {expr.name} is declared"
        return
    if not known.recorded and not {"aggregation", "absent"} & set(above):
        yield f"{expr.name} is not aggregated: two replicas give two results"
    rated = bool(set(_RATES) & set(above))
    if known.counter and not rated and "absent" not in above:
        yield f"the counter {expr.name} is used without rate() or increase()"
    if rated and not known.counter:
        yield f"a rate of {expr.name}, which is no counter"
    for matcher in expr.matchers.matchers:
        yield from _matcher(expr.name, known, matcher)


def _matcher(name: str, known: Metric, matcher: Any) -> Iterator[str]:
    if matcher.name not in known.labels:
        yield f"{name} has no label {matcher.name}"
    operator = str(matcher.op).rpartition(".")[2]
    if operator in ("Re", "NotRe"):
        if not re.search(r"[.*+?|()\[\]{}\\^$]", matcher.value):
            yield f'{matcher.name}=~"{matcher.value}" is no pattern; write ='
        if matcher.value.startswith("^") or matcher.value.endswith("$"):
            yield f'{matcher.name}=~"{matcher.value}": patterns are anchored anyway'
    possible = (known.values or {}).get(matcher.name)
    if possible is None:
        return
    named = matcher.value.split("|") if re.fullmatch(r"[\w|-]+", matcher.value) else []
    yield from (f"{name} never has {matcher.name}={value}" for value in named if value not in possible)


def _aggregation(expr: Any, catalogue: Catalogue) -> Iterator[str]:
    if expr.modifier is None:
        return
    if str(expr.op) == "topk":
        return  # it chooses whole series
    if "Without" in str(expr.modifier.type):
        yield "without() keeps what a scrape adds; name the labels with by()"
        return
    inner = labels(expr.expr, catalogue)
    for label in expr.modifier.labels:
        if label in TARGET:
            yield f"by ({label}): each platform and each replica has another one"
        elif label not in inner:
            yield f"by ({label}): what is aggregated has no such label"


def _operation(expr: Any, catalogue: Catalogue) -> Iterator[str]:
    if _constant(expr.lhs) or _constant(expr.rhs):
        return
    left, right = labels(expr.lhs, catalogue), labels(expr.rhs, catalogue)
    matching = expr.modifier.matching if expr.modifier else None
    if matching is None:
        if left != right and not _absent(expr.lhs):
            yield f"sides with labels {sorted(left)} and {sorted(right)} are matched without on()"
        return
    if "Exclude" in str(matching.type):
        yield "ignoring() changes its meaning when a label is added; write on()"


def _absent(expr: Any) -> bool:
    """It says that nothing is there, so that whatever else is there does not match it."""
    return isinstance(expr, promql.Call) and expr.func.name == "absent"


def filters(expr: str) -> bool:
    """Whether an alert's expression gives nothing while all is well: it compares, or asks for what is absent."""
    return _filters(promql.parse(expr))


def _filters(expr: Any) -> bool:
    match expr:
        case promql.ParenExpr() | promql.AggregateExpr():
            return _filters(expr.expr)
        case promql.VectorSelector():
            return expr.name == "ALERTS"  # it is there while an alert is
        case promql.MatrixSelector():
            return _filters(expr.vector_selector)
        case promql.BinaryExpr():
            return _compares(expr)
        case promql.Call():
            return expr.func.name == "absent" or any(map(_filters, expr.args))
        case _:
            return False


def _compares(expr: Any) -> bool:
    operator = str(expr.op)
    if operator in _COMPARISONS:
        return not (expr.modifier and expr.modifier.return_bool)
    sides = _filters(expr.lhs), _filters(expr.rhs)
    if operator == "unless":
        return True  # it asks for what is absent
    return all(sides) if operator == "or" else sides[0] or (operator in _SETS and sides[1])
