"""Dashboards for Perses, which newer consoles of OpenShift draw: custom resources of both versions of its operator."""

from __future__ import annotations

from typing import Any, Final

from exporter.generate.dashboards.grid import placed
from exporter.generate.dashboards.kit import Column, Dashboard, Panel, Query, Row, Variable, Word
from exporter.generate.dashboards.manifests import LABELS, dumped

Json = dict[str, Any]
_UNITS: Final = {
    "none": {"unit": "decimal", "decimalPlaces": 0},
    "reqps": {"unit": "requests/sec"},
    "ops": {"unit": "ops/sec"},
    "bytes": {"unit": "bytes"},
    "s": {"unit": "seconds", "decimalPlaces": 0},
    "percentunit": {"unit": "percent-decimal"},
}
_COLOURS: Final = {
    "red": "#d93f3f",
    "orange": "#e0862b",
    "purple": "#8f5bd6",
    "green": "#3a9d4f",
    "blue": "#3274d9",
    "text": "#8a8f98",
}


def custom_resource(dashboard: Dashboard, version: str) -> str:
    """A PersesDashboard of v1alpha1, or of v1alpha2, which holds the same one level deeper."""
    spec = perses(dashboard)
    return dumped(
        {
            "apiVersion": f"perses.dev/{version}",
            "kind": "PersesDashboard",
            "metadata": {"name": dashboard.uid, "labels": LABELS},
            "spec": spec if version == "v1alpha1" else {"config": spec},
        }
    )


def perses(dashboard: Dashboard) -> Json:
    """What to draw."""
    numbers = {panel.title: f"panel{number}" for number, panel in enumerate(dashboard.panels, 1)}
    return {
        "display": {"name": dashboard.title, "description": dashboard.description},
        "duration": dashboard.since.removeprefix("now-"),
        "refreshInterval": "1m",
        "variables": [_variable(variable) for variable in dashboard.variables],
        "panels": {numbers[panel.title]: _panel(panel) for panel in dashboard.panels},
        "layouts": [_layout(row, numbers) for row in dashboard.rows],
    }


def _layout(row: Row, numbers: dict[str, str]) -> Json:
    return {
        "kind": "Grid",
        "spec": {
            "display": {"title": row.title, "collapse": {"open": True}},
            "items": [
                {
                    "x": x,
                    "y": y,
                    "width": panel.width,
                    "height": panel.height,
                    "content": {"$ref": f"#/spec/panels/{numbers[panel.title]}"},
                }
                for panel, x, y in placed(row.panels, 0)
            ],
        },
    }


def _variable(variable: Variable) -> Json:
    every: Json = {
        "allowAllValue": True,
        "allowMultiple": True,
        "customAllValue": variable.every,
        "defaultValue": ["$__all"],
    }
    return {
        "kind": "ListVariable",
        "spec": {
            "name": variable.name,
            "display": {"name": variable.title, "hidden": variable.hidden},
            **(every if variable.every else {"allowAllValue": False, "allowMultiple": False}),
            "sort": "alphabetical-asc",
            "plugin": {
                "kind": "PrometheusLabelValuesVariable",
                "spec": {"labelName": variable.label, "matchers": [variable.selector]},
            },
        },
    }


def _panel(panel: Panel) -> Json:
    plugin = {"stat": _stat, "table": _table, "timeseries": _series, "state-timeline": _history}[panel.kind]
    return {
        "kind": "Panel",
        "spec": {
            "display": {"name": panel.title, "description": f"{panel.description} Empty: {panel.empty}."},
            "plugin": plugin(panel),
            "queries": [_query(query) for query in panel.queries],
        },
    }


def _query(query: Query) -> Json:
    spec = {"query": query.expr, **({"seriesNameFormat": query.legend} if query.legend else {})}
    return {
        "kind": "TimeSeriesQuery",
        "spec": {"plugin": {"kind": "PrometheusTimeSeriesQuery", "spec": spec}},
    }


def _mappings(words: tuple[Word, ...]) -> list[Json]:
    return [
        {"kind": "Value", "spec": {"value": word.value, "result": {"value": word.text, "color": _COLOURS[word.colour]}}}
        for word in words
    ]


def _thresholds(steps: tuple[tuple[float, str], ...]) -> Json:
    (_, lowest), *rest = steps
    return {
        "defaultColor": _COLOURS[lowest],
        "steps": [{"value": value, "color": _COLOURS[colour]} for value, colour in rest],
    }


def _stat(panel: Panel) -> Json:
    spec: Json = {
        "calculation": "last-number",
        "format": _UNITS[panel.unit],
        "mappings": _mappings(panel.words),
        **({"thresholds": _thresholds(panel.steps)} if panel.steps else {}),
        **({"legendMode": "on"} if len(panel.queries) > 1 or panel.queries[0].legend else {}),
    }
    return {"kind": "StatChart", "spec": spec}


def _series(panel: Panel) -> Json:
    spec = {
        "legend": {"position": "bottom", "mode": "list"},
        "yAxis": {"show": True, "format": _UNITS[panel.unit], **({"min": 0} if panel.from_zero else {})},
        "visual": {"display": "line", "lineWidth": 1.5, "areaOpacity": 0.1},
    }
    return {"kind": "TimeSeriesChart", "spec": spec}


def _history(panel: Panel) -> Json:
    spec = {"legend": {"position": "bottom", "mode": "list"}, "mappings": _mappings(panel.words)}
    return {"kind": "StatusHistoryChart", "spec": spec}


def _table(panel: Panel) -> Json:
    several = len(panel.queries) > 1
    columns = [_column(column, panel.worst, several=several) for column in panel.columns]
    hidden = [{"name": "timestamp", "hide": True}]
    joined: list[Json] = [{"kind": "MergeSeries", "spec": {}}] if several else []
    return {
        "kind": "Table",
        "spec": {"density": "compact", "columnSettings": [*columns, *hidden], "transforms": joined},
    }


def _column(column: Column, worst: str, *, several: bool) -> Json:
    """Values of several queries are called `value #1` and so on, that of an only one `value`."""
    name = column.field
    if name.startswith("Value"):
        name = f"value #{ord(name[-1]) - ord('A') + 1}" if several else "value"
    conditions = [
        {
            "condition": {"kind": "Value", "spec": {"value": word.value}},
            "text": word.text,
            "textColor": _COLOURS[word.colour],
        }
        for word in column.words
    ]
    return {
        "name": name,
        "header": column.title,
        **({"width": column.width} if column.width else {}),
        **({"format": _UNITS[column.unit]} if column.unit else {}),
        **({"cellSettings": conditions} if conditions else {}),
        **({"sort": "desc"} if column.title == worst else {}),
        **({"hide": True} if column.hidden else {}),
    }
