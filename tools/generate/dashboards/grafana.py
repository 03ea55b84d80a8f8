"""Dashboards as Grafana 10 and newer import and provision them."""

from __future__ import annotations

import json
from string import ascii_uppercase
from typing import Any, Final

from exporter.base.project import DOCS
from tools.generate.dashboards.grafana_fields import COLOURS, field_config
from tools.generate.dashboards.grid import height_of, place
from tools.generate.dashboards.model import Annotation, Dashboard, Panel, Query, Variable

Json = dict[str, Any]
TAG: Final = "bootsource"
_SOURCE: Final = {"type": "prometheus", "uid": "${datasource}"}
_SCHEMA: Final = 39
"""Version of the schema of Grafana 10.4, which every newer one migrates by itself."""


def grafana_document(dashboard: Dashboard) -> Json:
    """The whole document."""
    panels, top, number = [], 0, 1
    for row in dashboard.rows:
        if top:
            panels.append(_row(row.title, top, number))
            top, number = top + 1, number + 1
        for panel, x, y in place(row.panels, top):
            panels.append(_panel(panel, x, y, number))
            number += 1
        top += height_of(row.panels)
    return {
        "uid": dashboard.uid,
        "title": dashboard.title,
        "description": dashboard.description,
        "tags": [TAG],
        "schemaVersion": _SCHEMA,
        "version": 1,
        "editable": False,
        "graphTooltip": 1,
        "refresh": "1m",
        "timezone": "browser",
        "time": {"from": dashboard.since, "to": "now"},
        "templating": {"list": [_DATASOURCE, *map(_variable, dashboard.variables)]},
        "annotations": {"list": [_annotation(each) for each in dashboard.annotations]},
        "links": _LINKS,
        "panels": panels,
    }


def grafana_json(dashboard: Dashboard) -> str:
    """The same as JSON."""
    return json.dumps(grafana_document(dashboard), indent=2, ensure_ascii=False)


_DATASOURCE: Final[Json] = {
    "name": "datasource",
    "label": "Data source",
    "type": "datasource",
    "query": "prometheus",
    "current": {},
    "hide": 0,
    "includeAll": False,
    "multi": False,
    "refresh": 1,
    "regex": "",
}
_LINKS: Final[list[Json]] = [
    {
        "type": "dashboards",
        "title": "Boot source dashboards",
        "tags": [TAG],
        "asDropdown": False,
        "includeVars": True,
        "keepTime": True,
        "targetBlank": False,
        "icon": "external link",
        "tooltip": "",
        "url": "",
    },
    {
        "type": "link",
        "title": "Runbooks",
        "tags": [],
        "asDropdown": False,
        "includeVars": False,
        "keepTime": False,
        "targetBlank": True,
        "icon": "doc",
        "tooltip": "What to do about each alert",
        "url": f"{DOCS}/runbooks",
    },
]


def _variable(variable: Variable) -> Json:
    query = f"label_values({variable.selector}, {variable.label})"
    every = {"allValue": variable.every, "current": {"selected": True, "text": ["All"], "value": ["$__all"]}}
    return {
        "name": variable.name,
        "label": variable.title,
        "type": "query",
        "datasource": _SOURCE,
        "query": {"query": query, "refId": f"variable-{variable.name}"},
        "refresh": 2,
        "sort": 1,
        "regex": "",
        "hide": 2 if variable.hidden else 0,
        "includeAll": bool(variable.every),
        "multi": bool(variable.every),
        **(every if variable.every else {"current": {}}),
    }


def _annotation(annotation: Annotation) -> Json:
    return {
        "name": annotation.name,
        "datasource": _SOURCE,
        "enable": True,
        "hide": False,
        "iconColor": COLOURS[annotation.colour],
        "expr": annotation.expr,
        "step": "60s",
        "titleFormat": annotation.title,
        "textFormat": annotation.text,
        "useValueForTime": True,
    }


def _row(title: str, y: int, number: int) -> Json:
    place = {"x": 0, "y": y, "w": 24, "h": 1}
    return {"id": number, "type": "row", "title": title, "collapsed": False, "gridPos": place, "panels": []}


def _panel(panel: Panel, x: int, y: int, number: int) -> Json:
    known = {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.description,
        "datasource": _SOURCE,
        "gridPos": {"x": x, "y": y, "w": panel.width, "h": panel.height},
        "targets": [_target(panel, query, ref) for query, ref in zip(panel.queries, ascii_uppercase, strict=False)],
        "fieldConfig": field_config(panel),
        "options": _OPTIONS[panel.kind](panel),
    }
    return {**known, "transformations": _transformations(panel)} if panel.kind == "table" else known


def _target(panel: Panel, query: Query, ref: str) -> Json:
    instant = panel.kind in ("stat", "table")
    return {
        "refId": ref,
        "datasource": _SOURCE,
        "expr": query.expr,
        "legendFormat": query.legend or "__auto",
        "instant": instant,
        "range": not instant,
        "format": "table" if panel.kind == "table" else "time_series",
        "editorMode": "code",
    }


def _transformations(panel: Panel) -> list[Json]:
    order = {column.field: number for number, column in enumerate(panel.columns)}
    titles = {column.field: column.title for column in panel.columns}
    shown = "|".join(column.field.replace("#", "[#]") for column in panel.columns)
    steps: list[Json] = [
        {"id": "merge", "options": {}},
        {"id": "filterFieldsByName", "options": {"include": {"pattern": f"^({shown})$"}}},
        {"id": "organize", "options": {"indexByName": order, "renameByName": titles, "excludeByName": {}}},
    ]
    if panel.worst:
        steps.append({"id": "sortBy", "options": {"fields": {}, "sort": [{"field": panel.worst, "desc": True}]}})
    return steps


def _reduce() -> Json:
    return {"calcs": ["lastNotNull"], "fields": "", "values": False}


def _stat(panel: Panel) -> Json:
    several = len(panel.queries) > 1 or bool(panel.queries[0].legend)
    return {
        "reduceOptions": _reduce(),
        "colorMode": "none" if panel.steps == ((0, "text"),) and not panel.words else "background",
        "graphMode": "none",
        "justifyMode": "center",
        "orientation": "auto",
        "textMode": "name" if panel.names else "value_and_name" if several else "value",
    }


def _table(_: Panel) -> Json:
    return {"showHeader": True, "cellHeight": "sm", "footer": {"show": False, "reducer": ["sum"], "fields": ""}}


def _timeseries(_: Panel) -> Json:
    return {
        "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True, "calcs": []},
        "tooltip": {"mode": "multi", "sort": "desc"},
    }


def _timeline(_: Panel) -> Json:
    return {
        "showValue": "auto",
        "rowHeight": 0.85,
        "mergeValues": True,
        "alignValue": "left",
        "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
        "tooltip": {"mode": "single", "sort": "none"},
    }


_OPTIONS: Final = {"stat": _stat, "table": _table, "timeseries": _timeseries, "state-timeline": _timeline}
