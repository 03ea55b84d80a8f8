"""Tables of Perses.

Series of several queries are rows of their own there until they are joined, every column is shown that is not hidden, and
what values are shown as is one list for all cells of a table: newer versions know one for each column, older ones refuse it.
"""

from __future__ import annotations

import re
from typing import Any, Final

from tools.generate.dashboards.model import Column, Panel, Query

Json = dict[str, Any]
UNITS: Final = {
    "none": {"unit": "decimal", "decimalPlaces": 0},
    "reqps": {"unit": "requests/sec"},
    "ops": {"unit": "ops/sec"},
    "bytes": {"unit": "bytes"},
    "s": {"unit": "seconds", "decimalPlaces": 0},
    "percentunit": {"unit": "percent-decimal"},
    "suffix: h": {"unit": "decimal"},
}
COLOURS: Final = {
    "red": "#d93f3f",
    "orange": "#e0862b",
    "purple": "#8f5bd6",
    "green": "#3a9d4f",
    "blue": "#3274d9",
    "text": "#8a8f98",
}


def table_plugin(panel: Panel) -> Json:
    """The table plugin of a panel."""
    labels = [_labels(query) for query in panel.queries]
    every = sorted(set().union(*labels))
    shown = {_name(panel, column.field) for column in panel.columns if not column.hidden}
    values = [_value(panel, number) for number in range(len(panel.queries))]
    columns = [_column(panel, column) for column in panel.columns if not column.hidden]
    columns += [{"name": name, "hide": True} for name in ("timestamp", *every, *values) if name not in shown]
    cells = [cell for column in panel.columns for cell in _cells(panel, column)]
    spec = {
        "density": "compact",
        "columnSettings": columns,
        **({"cellSettings": cells} if cells else {}),
        **({"transforms": _join_labels(every, sorted(set.intersection(*labels)))} if len(panel.queries) > 1 else {}),
    }
    return {"kind": "Table", "spec": spec}


_SENTENCE: Final = 640
"""Pixels for the title of a check, which has up to 91 characters. The other columns are reached by scrolling."""


def stat_as_table(panel: Panel) -> Panel:
    """A table for a stat that shows what a series is called: a stat asks about a span and would show former ones too."""
    (query,) = panel.queries
    columns = tuple(
        Column(field=label, title=label.capitalize(), width=_SENTENCE if label == "title" else 0)
        for label in re.findall(r"{{(\w+)}}", query.legend)
    )
    return Panel(
        kind="table",
        title=panel.title,
        description=panel.description,
        queries=panel.queries,
        width=panel.width,
        height=panel.height,
        empty=panel.empty,
        columns=columns,
    )


def table_expressions(panel: Panel) -> list[str]:
    """What a table asks: sorted by what is not shown, and a number that is shown as a word as one that no other column has."""
    fields = {column.field: column for column in panel.columns}
    return [_expression(panel, fields.get(_field(panel, n)), n, query.expr) for n, query in enumerate(panel.queries)]


def _expression(panel: Panel, column: Column | None, number: int, expr: str) -> str:
    if column is None:
        return expr
    if column.words:
        return f"{_code_value(number, 0)} - ({expr})"
    return f"sort_desc({expr})" if column.hidden and column.title == panel.worst else expr


def _code_value(number: int, value: int) -> int:
    """A value of the query of that number, as none of the others has it: counts and ages are not negative."""
    return -10 * (number + 1) - value


def _labels(query: Query) -> set[str]:
    """Names that labels of its series can have."""
    lists = re.findall(r"\bby \(([^)]*)\)", query.expr)
    made = re.findall(r', "(\w+)", "[^"]*", "\w*", "[^"]*"\)', query.expr)
    return {label for each in lists for label in each.split(", ") if label} | set(made)


def _field(panel: Panel, number: int) -> str:
    return f"Value #{chr(ord('A') + number)}" if len(panel.queries) > 1 else "Value"


def _value(panel: Panel, number: int) -> str:
    return f"value #{number + 1}" if len(panel.queries) > 1 else "value"


def _name(panel: Panel, field: str) -> str:
    """A column as Perses calls it."""
    numbers = {_field(panel, number): number for number in range(len(panel.queries))}
    return _value(panel, numbers[field]) if field in numbers else field


def _join_labels(labels: list[str], shared: list[str]) -> list[Json]:
    """Labels are told apart by query until they are merged; rows with the same shared ones are one row."""
    return [
        *({"kind": "MergeIndexedColumns", "spec": {"column": label}} for label in labels),
        {"kind": "JoinByColumnValue", "spec": {"columns": shared}},
    ]


def _column(panel: Panel, column: Column) -> Json:
    coded = column.field.startswith("Value") and bool(column.words)
    return {
        "name": _name(panel, column.field),
        "header": column.title,
        **({"width": column.width} if column.width else {}),
        **({"format": UNITS[column.unit]} if column.unit else {}),
        **({"sort": "asc" if coded else "desc"} if column.title == panel.worst else {}),
    }


def _cells(panel: Panel, column: Column) -> list[Json]:
    numbers = {_field(panel, number): number for number in range(len(panel.queries))}
    number = numbers.get(column.field)
    return [
        {
            "condition": {
                "kind": "Value",
                "spec": {"value": word.value if number is None else str(_code_value(number, int(word.value)))},
            },
            "text": word.text,
            "textColor": COLOURS[word.colour],
        }
        for word in column.words
    ]
