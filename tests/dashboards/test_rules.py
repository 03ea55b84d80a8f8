"""What the linter of Grafana for dashboards asks for, rule by rule. Exclusions are named with their reasons."""

from __future__ import annotations

import re
from typing import Any, Final

import promql_parser
import pytest

from exporter.metrics.exporter_families import OWN_FAMILIES
from tests.dashboards.documents import (
    GRAFANA,
    matchers,
    metric_of,
    nodes,
    panels,
    parse_expression,
    selectors,
    targets,
    variables,
)

pytestmark = pytest.mark.parametrize("uid", GRAFANA)

RECORDED: Final = ":"
"""Exclusion: a recording rule aggregates over jobs and instances, so its series have no such labels to match."""
UNITS: Final = {"none", "s", "bytes", "reqps", "ops", "percentunit", "suffix: h"}


def test_there_is_one_variable_for_the_data_source(uid: str) -> None:
    found = [each for each in GRAFANA[uid]["templating"]["list"] if each["type"] == "datasource"]
    assert [(v["name"], v["label"], v["query"]) for v in found] == [("datasource", "Data source", "prometheus")]


@pytest.mark.parametrize("name", ["job", "instance", "cluster"])
def test_job_instance_and_cluster_are_chosen_by_variables(uid: str, name: str) -> None:
    variable = variables(GRAFANA[uid])[name]
    assert variable["type"] == "query"
    assert variable["datasource"]["uid"] == "${datasource}"
    assert variable["multi"]
    assert variable["includeAll"]
    assert variable["label"] == name.capitalize()
    assert variable["allValue"] == (".*" if name == "cluster" else ".+")
    assert variable["current"]["value"] == ["$__all"]


def test_variables_follow_the_time(uid: str) -> None:
    for variable in variables(GRAFANA[uid]).values():
        if variable["type"] == "query":
            assert variable["refresh"] == 2


def test_queries_of_variables_are_valid_and_narrowed_by_those_before(uid: str) -> None:
    """Each offers only what exists with the choices before it, and every choice before it counts."""
    before: set[str] = set()
    for variable in variables(GRAFANA[uid]).values():
        if variable["type"] == "query":
            found = re.fullmatch(r"label_values\((.+), ([a-z_]+)\)", variable["query"]["query"])
            assert found
            assert metric_of(variable["query"]["query"]).startswith("bootsource_")
            ((selector, _),) = selectors(found[1])
            assert matchers(selector) == before, variable["name"]
            before.add(f'{variable["name"]}{"=~" if variable["multi"] else "="}"${variable["name"]}"')
    assert len(before) >= 3


def test_nobody_edits_what_is_generated(uid: str) -> None:
    assert GRAFANA[uid]["editable"] is False
    assert GRAFANA[uid]["uid"] == uid


def test_every_panel_asks_the_data_source_that_is_chosen(uid: str) -> None:
    for panel in panels(GRAFANA[uid]):
        asked = [panel["datasource"], *(target["datasource"] for target in panel["targets"])]
        assert {each["uid"] for each in asked} == {"${datasource}"}, panel["title"]


def test_every_panel_has_a_title_and_a_description_and_something_to_show(uid: str) -> None:
    found = panels(GRAFANA[uid])
    for panel in found:
        assert panel["title"]
        assert len(panel["description"]) > 20
        assert panel["targets"]
        assert panel["fieldConfig"]["defaults"]["noValue"], panel["title"]
    assert len({panel["title"] for panel in found}) == len(found)
    assert len({panel["id"] for panel in GRAFANA[uid]["panels"]}) == len(GRAFANA[uid]["panels"])


def test_every_panel_has_a_unit(uid: str) -> None:
    for panel in panels(GRAFANA[uid]):
        assert panel["fieldConfig"]["defaults"]["unit"] in UNITS, panel["title"]


def test_every_expression_is_one(uid: str) -> None:
    for _, expr in targets(GRAFANA[uid]):
        parse_expression(expr)


def test_every_selector_carries_the_matchers_of_the_variables(uid: str) -> None:
    of_cluster = {family.name: family.of_cluster for family in OWN_FAMILIES}
    for title, expr in targets(GRAFANA[uid]):
        for selector, _ in selectors(expr):
            name = re.sub(r"_(sum|count)$", "", selector.name or "")
            wanted = {'cluster=~"$cluster"'} if of_cluster.get(name, not name.startswith("process_")) else set()
            wanted |= set() if RECORDED in name else {'job=~"$job"', 'instance=~"$instance"'}
            assert wanted <= matchers(selector), (title, str(selector))


def test_windows_of_rates_follow_the_resolution(uid: str) -> None:
    """Exclusion: a stat that says "in the last hour" has the window that its title tells."""
    for title, expr in targets(GRAFANA[uid]):
        for call in re.findall(r"\b(?:rate|irate|increase)\(.*?\[(.+?)\]", expr):
            assert call == "$__rate_interval" or (call == "1h" and "last hour" in title), title


def test_counters_are_only_looked_at_as_rates(uid: str) -> None:
    for title, expr in targets(GRAFANA[uid]):
        for selector, above in selectors(expr):
            if str(selector.name).endswith(("_total", "_sum", "_count")):
                functions = [each.func.name for each in above if isinstance(each, promql_parser.Call)]
                assert {"rate", "increase"} & set(functions), title


def test_aggregation_comes_after_the_rate(uid: str) -> None:
    for title, expr in targets(GRAFANA[uid]):
        for node, _ in nodes(parse_expression(expr)):
            if isinstance(node, promql_parser.Call) and node.func.name in ("rate", "increase"):
                inside = [type(each) for each, _ in nodes(node)]
                assert promql_parser.AggregateExpr not in inside, title


def test_colours_always_come_with_text(uid: str) -> None:
    """A coloured cell says a word; a coloured number is a number with a unit."""
    for panel in panels(GRAFANA[uid]):
        for override in panel["fieldConfig"]["overrides"]:
            properties = {each["id"]: each["value"] for each in override["properties"]}
            if "custom.cellOptions" in properties:
                assert properties.get("mappings") or properties.get("unit"), override
            for mapping in properties.get("mappings", []):
                options = mapping["options"]
                shown = [options["result"]] if mapping["type"] == "special" else options.values()
                assert all(each["text"] for each in shown)


def test_links_keep_time_and_variables(uid: str) -> None:
    to_others = [link for link in GRAFANA[uid]["links"] if link["type"] == "dashboards"]
    assert [(link["keepTime"], link["includeVars"], link["tags"]) for link in to_others] == [
        (True, True, GRAFANA[uid]["tags"])
    ]
    for url in _urls(GRAFANA[uid]):
        if url.startswith("/d/"):
            assert "${__url_time_range}" in url
            assert "${job:queryparam}" in url
            assert url.split("?")[0].removeprefix("/d/") in GRAFANA


def test_nothing_overlaps_or_stands_out(uid: str) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in GRAFANA[uid]["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        assert place["x"] + place["w"] <= 24
        taken |= cells


def _urls(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["url"]] if isinstance(node.get("url"), str) else []
        return own + [url for value in node.values() for url in _urls(value)]
    return [url for each in node for url in _urls(each)] if isinstance(node, list) else []
