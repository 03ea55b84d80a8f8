"""The generated dashboards as tests see them: the files, not the definitions they come from."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import promql_parser
import yaml

Json = dict[str, Any]
FOLDER: Final = Path(__file__).parent.parent.parent / "dashboards"
GRAFANA: Final = {path.stem: json.loads(path.read_text()) for path in sorted((FOLDER / "grafana").glob("*.json"))}


def perses(uid: str, version: str) -> Json:
    """The custom resource for Perses of that version."""
    document: Json = yaml.safe_load((FOLDER / "perses" / version / f"{uid}.yaml").read_text())
    return document


def panels(board: Json) -> list[Json]:
    """All but headlines."""
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def variables(board: Json) -> dict[str, Json]:
    """By name."""
    return {each["name"]: each for each in board["templating"]["list"]}


def targets(board: Json) -> Iterator[tuple[str, str]]:
    """Title of the panel or the mark, and expression."""
    for panel in panels(board):
        for target in panel["targets"]:
            yield panel["title"], target["expr"]
    for mark in board["annotations"]["list"]:
        yield mark["name"], mark["expr"]


def parse_expression(expr: str) -> promql_parser.Expr:
    """The expression with a window for Grafana's; raises ValueError if it is none."""
    return promql_parser.parse(expr.replace("$__rate_interval", "5m"))


def nodes(node: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """Each part of an expression with the parts around it."""
    yield node, above
    for name in ("lhs", "rhs", "expr", "param", "args", "vector_selector"):
        below = getattr(node, name, None)
        for each in below if isinstance(below, list) else [below]:
            if each is not None:
                yield from nodes(each, (*above, node))


def selectors(expr: str) -> Iterator[tuple[promql_parser.VectorSelector, tuple[Any, ...]]]:
    """Each selector of an expression with what is around it."""
    for node, above in nodes(parse_expression(expr)):
        if isinstance(node, promql_parser.VectorSelector):
            yield node, above


def matchers(selector: promql_parser.VectorSelector) -> set[str]:
    """As they are written."""
    signs = {"MatchOp.Equal": "=", "MatchOp.NotEqual": "!=", "MatchOp.Re": "=~", "MatchOp.NotRe": "!~"}
    return {f'{m.name}{signs[str(m.op)]}"{m.value}"' for m in selector.matchers.matchers}


def metric_of(query: str) -> str:
    """The metric in the query of a variable."""
    found = re.match(r"label_values\(([a-z_]+)", query)
    assert found, query
    return found[1]
