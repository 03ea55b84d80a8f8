"""Dashboards of the OpenShift console: the schema of Grafana 5, as far as the console draws it.

The console is one cluster's own, and its "All" stands for `.+`, which a label that is not there does not match: the
variable for clusters is left out. What it does not know, it ignores: state timelines become graphs, words are lost.
"""

from __future__ import annotations

import json
import re
from string import ascii_uppercase
from typing import Any, Final

from tools.generate.dashboards.manifests import LABELS
from tools.generate.dashboards.model import CLUSTER_MATCHER, Column, Dashboard, Panel, Variable
from tools.generate.manifests import dump_documents

Json = dict[str, Any]
_WINDOW: Final = "5m"
_UNITS: Final = {
    "none": "short",
    "reqps": "reqps",
    "ops": "ops",
    "bytes": "bytes",
    "s": "s",
    "percentunit": "percentunit",
    "suffix: h": "none",
}


def console_config_map(dashboard: Dashboard) -> str:
    """A ConfigMap where the console looks for dashboards."""
    return dump_documents(
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {
                "name": f"grafana-dashboard-{dashboard.uid}",
                "namespace": "openshift-config-managed",
                "labels": {**LABELS, "console.openshift.io/dashboard": "true"},
            },
            "data": {
                f"{dashboard.uid}.json": json.dumps(console_document(dashboard), indent=2, ensure_ascii=False) + "\n"
            },
        }
    )


def console_document(dashboard: Dashboard) -> Json:
    """The document in the ConfigMap."""
    rows = [_row(row.title, line) for row in dashboard.rows for line in split_lines(row.panels)]
    for number, panel in enumerate((panel for row in rows for panel in row["panels"]), 1):
        panel["id"] = number
    return {
        "uid": dashboard.uid,
        "title": f"Virtualization / {dashboard.title}",
        "schemaVersion": 16,
        "editable": False,
        "tags": ["bootsource"],
        "time": {"from": dashboard.since, "to": "now"},
        "refresh": "1m",
        "timezone": "browser",
        "templating": {"list": [_variable(v) for v in dashboard.variables if v.name != "cluster"]},
        "rows": rows,
    }


def console_expression(expr: str) -> str:
    """Without the variables that the console does not have."""
    without = (
        expr.replace(f"{CLUSTER_MATCHER},", "").replace(f",{CLUSTER_MATCHER}", "").replace(f"{{{CLUSTER_MATCHER}}}", "")
    )
    return without.replace("$__rate_interval", _WINDOW)


def split_lines(panels: tuple[Panel, ...]) -> list[list[Panel]]:
    """Panels that stand side by side: no more than 24 columns of them."""
    found: list[list[Panel]] = []
    for panel in panels:
        if found and sum(p.width for p in found[-1]) + panel.width <= 24:
            found[-1].append(panel)
        else:
            found.append([panel])
    return found


def _row(title: str, panels: list[Panel]) -> Json:
    return {
        "title": title,
        "showTitle": True,
        "collapse": False,
        "height": f"{max(panel.height for panel in panels) * 34}px",
        "panels": [_panel(panel) for panel in panels],
    }


def _variable(variable: Variable) -> Json:
    return {
        "name": variable.name,
        "label": variable.title,
        "type": "query",
        "datasource": "prometheus",
        "query": f"label_values({console_expression(variable.selector)}, {variable.label})",
        "refresh": 2,
        "sort": 1,
        "hide": 2 if variable.hidden else 0,
        "includeAll": bool(variable.every),
        "multi": False,
        **({"allValue": variable.every, "current": {"text": "All", "value": "$__all"}} if variable.every else {}),
    }


def _panel(panel: Panel) -> Json:
    known: Json = {
        "id": 0,
        "title": panel.title,
        "description": panel.description,
        "datasource": "prometheus",
        "span": panel.width // 2,
    }
    if panel.kind == "table":
        return {**known, "type": "table", "transform": "table", "targets": _targets(panel), "styles": _styles(panel)}
    if panel.kind == "stat" and len(panel.queries) == 1 and not panel.names:
        return {**known, "type": "singlestat", **_singlestat(panel), "targets": _targets(panel)}
    if panel.kind == "stat":
        return {**known, "type": "table", "transform": "table", "targets": _targets(panel), "styles": [_NO_TIME]}
    return {
        **known,
        "type": "graph",
        "lines": True,
        "linewidth": 1,
        "nullPointMode": "null",
        "legend": {"show": True},
        "targets": _targets(panel),
        "yaxes": [
            {"format": _UNITS[panel.unit], "min": 0 if panel.from_zero else None, "show": True},
            {"show": False},
        ],
        "xaxis": {"mode": "time", "show": True},
    }


def _singlestat(panel: Panel) -> Json:
    return {
        "format": _UNITS[panel.unit],
        "valueName": "current",
        "decimals": 0,
        "valueMaps": [{"op": "=", "text": word.text, "value": word.value} for word in panel.words],
        "mappingType": 1,
    }


def _targets(panel: Panel) -> list[Json]:
    return [
        {
            "refId": ref,
            "expr": console_expression(query.expr),
            "legendFormat": query.legend.replace(" {{cluster}}", ""),
            "intervalFactor": 2,
            **({"format": "table", "instant": True} if panel.kind in ("stat", "table") else {"format": "time_series"}),
        }
        for query, ref in zip(panel.queries, ascii_uppercase, strict=False)
    ]


_NO_TIME: Final = {"pattern": "Time", "type": "hidden"}


def _styles(panel: Panel) -> list[Json]:
    shown = [column for column in panel.columns if column.field != "cluster" and not column.hidden]
    return [
        _NO_TIME,
        *map(_style, shown),
        *({"pattern": f"Value #{ref}", "type": "hidden"} for ref in _hidden(panel)),
    ]


def _hidden(panel: Panel) -> list[str]:
    shown = {column.field for column in panel.columns if not column.hidden}
    return [
        ref
        for ref, _ in zip(ascii_uppercase, panel.queries, strict=False)
        if len(panel.queries) > 1 and f"Value #{ref}" not in shown
    ]


def _style(column: Column) -> Json:
    number = re.match(r"Value", column.field) is not None
    return {
        "pattern": column.field,
        "alias": column.title,
        "type": "number" if number else "string",
        **({"unit": _UNITS[column.unit or "none"], "decimals": 0} if number else {}),
    }
