"""Dashboards for import by hand or from a gallery, and what jsonnet and Grafana's linter for dashboards read."""

from __future__ import annotations

import json
from typing import Final

from tools.generate.dashboards.definitions import DASHBOARDS
from tools.generate.dashboards.grafana import grafana_document
from tools.generate.dashboards.model import Dashboard
from tools.generate.manifests import dump_documents

_INPUT: Final = "DS_PROMETHEUS"
_REQUIRED: Final = "10.4.0"
_PANELS: Final = ("stat", "table", "timeseries", "state-timeline")
_AGGREGATED: Final = "a recording rule aggregates over jobs and instances, so its series have no such labels"
_EXCLUSIONS: Final = {"target-job-rule": _AGGREGATED, "target-instance-rule": _AGGREGATED}
"""Rules of the linter that do not apply, and why."""


def gallery_json(dashboard: Dashboard) -> str:
    """It asks for the data source when it is imported, as dashboards of a gallery do."""
    document = grafana_document(dashboard)
    document["templating"]["list"] = [v for v in document["templating"]["list"] if v["name"] != "datasource"]
    source = {
        "name": _INPUT,
        "label": "Prometheus",
        "description": "The Prometheus that scrapes bootsource-exporter",
        "type": "datasource",
        "pluginId": "prometheus",
        "pluginName": "Prometheus",
    }
    requires = [
        {"type": "grafana", "id": "grafana", "name": "Grafana", "version": _REQUIRED},
        {"type": "datasource", "id": "prometheus", "name": "Prometheus", "version": "1.0.0"},
        *({"type": "panel", "id": kind, "name": kind, "version": ""} for kind in _PANELS),
    ]
    text = json.dumps({"__inputs": [source], "__requires": requires, **document}, indent=2, ensure_ascii=False)
    return text.replace("${datasource}", f"${{{_INPUT}}}")


def lint_exclusions() -> str:
    """`.lint`, which dashboard-linter reads beside the dashboards."""
    return dump_documents({"exclusions": {rule: {"reason": why} for rule, why in _EXCLUSIONS.items()}})


def mixin() -> str:
    """For sites that build their monitoring with jsonnet. It imports the generated files, so there is one source."""
    files = [f"{board.uid}.json" for board in DASHBOARDS]
    lines = [f"    '{file}': import '../dashboards/grafana/{file}'," for file in files]
    return "\n".join(
        (
            "{",
            "  grafanaDashboardFolder:: 'Boot sources',",
            "  grafanaDashboards+:: {",
            *lines,
            "  },",
            "  prometheusAlerts+:: std.parseYaml(importstr '../rules/bootsource.rules.yaml'),",
            "}",
            "",
        )
    )
