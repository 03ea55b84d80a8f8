"""How values look in Grafana: units, words, colours, links."""

from __future__ import annotations

from typing import Any, Final

from tools.generate.dashboards.model import Column, Panel, ValueMapping

Json = dict[str, Any]
COLOURS: Final = {
    "red": "red",
    "orange": "orange",
    "purple": "purple",
    "green": "green",
    "blue": "blue",
    "text": "text",
}


def field_config(panel: Panel) -> Json:
    """That of one panel."""
    return {"defaults": _defaults(panel), "overrides": _overrides(panel)}


def _defaults(panel: Panel) -> Json:
    custom: dict[str, Json] = {
        "stat": {},
        "table": {"align": "auto", "cellOptions": {"type": "auto"}, "filterable": True, "inspect": False},
        "timeseries": {
            "drawStyle": "line",
            "lineWidth": 2,
            "fillOpacity": 8,
            "showPoints": "never",
            "spanNulls": False,
        },
        "state-timeline": {"fillOpacity": 80, "lineWidth": 0},
    }
    return {
        "unit": panel.unit,
        **({} if panel.decimals is None else {"decimals": panel.decimals}),
        **({"min": 0} if panel.kind == "timeseries" and panel.from_zero else {}),
        "noValue": panel.empty,
        "color": {"mode": "palette-classic" if panel.kind == "timeseries" else "thresholds"},
        "custom": custom[panel.kind],
        "mappings": [] if panel.kind == "timeseries" else _mappings(panel.words),
        "thresholds": _thresholds(panel.steps),
        "links": _link(panel.link, panel.link_title),
    }


def _overrides(panel: Panel) -> list[Json]:
    """Of a table by column; of a graph the colours of the series that its words name."""
    if panel.kind != "timeseries":
        return [_override(column) for column in panel.columns]
    return [
        {
            "matcher": {"id": "byName", "options": word.value},
            "properties": [{"id": "color", "value": {"mode": "fixed", "fixedColor": COLOURS[word.colour]}}],
        }
        for word in panel.words
    ]


def _mappings(words: tuple[ValueMapping, ...]) -> list[Json]:
    options = {
        word.value: {"text": word.text, "color": COLOURS[word.colour], "index": number}
        for number, word in enumerate(words)
    }
    return [{"type": "value", "options": options}] if options else []


def _nothing(text: str) -> Json:
    return {
        "type": "special",
        "options": {"match": "null", "result": {"text": text, "color": COLOURS["purple"], "index": 0}},
    }


def _thresholds(steps: tuple[tuple[float, str], ...]) -> Json:
    if not steps:
        return {"mode": "absolute", "steps": [{"color": "text", "value": None}]}
    (_, lowest), *rest = steps
    return {
        "mode": "absolute",
        "steps": [{"color": lowest, "value": None}, *({"color": colour, "value": value} for value, colour in rest)],
    }


def _link(url: str, title: str) -> list[Json]:
    return [{"title": title, "url": url, "targetBlank": url.startswith("http")}] if url else []


def _override(column: Column) -> Json:
    # The sentence for a table without rows is no text for a cell without a value.
    properties: list[tuple[str, Any]] = [("noValue", column.without)]
    if column.unit:
        properties.append(("unit", column.unit))
    if column.unit == "s":
        properties.append(("decimals", 0))
    if column.width:
        properties.append(("custom.width", column.width))
    if column.words:
        properties.append(("mappings", _mappings(column.words)))
    elif column.steps:  # Else what has no value would have the colour of the lowest step.
        properties.append(("mappings", [_nothing(column.without)]))
    if column.words or column.steps:
        properties.append(("custom.cellOptions", {"type": "color-text"}))
    if column.steps:
        properties.append(("thresholds", _thresholds(column.steps)))
    if column.hidden:  # Newer versions read the second name, older ones the first.
        properties += [("custom.hidden", True), ("custom.hideFrom.viz", True)]
    if column.link:
        properties.append(("links", _link(column.link, column.link_title)))
    return {
        "matcher": {"id": "byName", "options": column.title},
        "properties": [{"id": name, "value": value} for name, value in properties],
    }
