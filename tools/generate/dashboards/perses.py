"""Dashboards for Perses, which newer consoles of OpenShift draw: custom resources of both versions of its operator."""

from __future__ import annotations

from typing import Any, Final

from tools.generate.dashboards.grid import place
from tools.generate.dashboards.manifests import LABELS
from tools.generate.dashboards.model import Dashboard, Panel, Query, Row, ValueMapping, Variable
from tools.generate.dashboards.perses_tables import COLOURS, UNITS, stat_as_table, table_expressions, table_plugin
from tools.generate.manifests import dump_documents

Json = dict[str, Any]
_HISTORY_STEP: Final = "20m"
"""Of state timelines: Perses frames each cell in white, and a day of narrower ones is all frame."""


def perses_resource(dashboard: Dashboard, version: str) -> str:
    """A PersesDashboard of v1alpha1, or of v1alpha2, which holds the same one level deeper."""
    spec = perses_document(dashboard)
    return dump_documents(
        {
            "apiVersion": f"perses.dev/{version}",
            "kind": "PersesDashboard",
            "metadata": {"name": dashboard.uid, "labels": LABELS},
            "spec": spec if version == "v1alpha1" else {"config": spec},
        }
    )


def perses_document(dashboard: Dashboard) -> Json:
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
                for panel, x, y in place(row.panels, 0)
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
    panel = stat_as_table(panel) if panel.names else panel
    plugin = {"stat": _stat, "table": table_plugin, "timeseries": _series, "state-timeline": _history}[panel.kind]
    asked = table_expressions(panel) if panel.kind == "table" else [query.expr for query in panel.queries]
    return {
        "kind": "Panel",
        "spec": {
            "display": {"name": panel.title, "description": f"{panel.description} Empty: {panel.empty}."},
            "plugin": plugin(panel),
            "queries": [_query(panel, query, expr) for query, expr in zip(panel.queries, asked, strict=True)],
        },
    }


def _query(panel: Panel, query: Query, expr: str) -> Json:
    spec = {
        "query": expr,
        **({"seriesNameFormat": query.legend} if query.legend else {}),
        **({"minStep": _HISTORY_STEP} if panel.kind == "state-timeline" else {}),
    }
    return {
        "kind": "TimeSeriesQuery",
        "spec": {"plugin": {"kind": "PrometheusTimeSeriesQuery", "spec": spec}},
    }


def _mappings(words: tuple[ValueMapping, ...]) -> list[Json]:
    return [
        {"kind": "Value", "spec": {"value": word.value, "result": {"value": word.text, "color": COLOURS[word.colour]}}}
        for word in words
    ]


def _thresholds(steps: tuple[tuple[float, str], ...]) -> Json:
    (_, lowest), *rest = steps
    return {
        "defaultColor": COLOURS[lowest],
        "steps": [{"value": value, "color": COLOURS[colour]} for value, colour in rest],
    }


def _stat(panel: Panel) -> Json:
    spec: Json = {
        "calculation": "last",
        "format": UNITS[panel.unit],
        "mappings": _mappings(panel.words),
        **({"thresholds": _thresholds(panel.steps)} if panel.steps else {}),
    }
    return {"kind": "StatChart", "spec": spec}


def _series(panel: Panel) -> Json:
    spec = {
        "legend": {"position": "bottom", "mode": "list"},
        "yAxis": {
            "show": True,
            "format": UNITS[panel.unit] if panel.unit != "none" else {"unit": "decimal"},
            **({"min": 0} if panel.from_zero else {}),
        },
        "visual": {"display": "line", "lineWidth": 1.5, "areaOpacity": 0.1},
        **({"querySettings": _colour_series(panel)} if panel.words else {}),
    }
    return {"kind": "TimeSeriesChart", "spec": spec}


def _colour_series(panel: Panel) -> list[Json]:
    """Lines that are called like a word have its colour."""
    legends = [query.legend for query in panel.queries]
    return [
        {"queryIndex": legends.index(word.value), "colorMode": "fixed", "colorValue": COLOURS[word.colour]}
        for word in panel.words
    ]


def _history(panel: Panel) -> Json:
    spec = {"legend": {"position": "bottom", "mode": "list"}, "mappings": _mappings(panel.words)}
    return {"kind": "StatusHistoryChart", "spec": spec}
