"""What a hub gets: every metric that a dashboard or a rule reads, in each form in which one collects."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from exporter.metrics.families import FAMILIES
from exporter.rules import ALERTS, RECORDINGS
from tests.dashboards.documents import GRAFANA, metric_of, selectors, targets, variables

ROOT = Path(__file__).parents[2]
ACM = ROOT / "deploy" / "acm"
COLLECTED_ANYWAY = {"ALERTS", "up"}
"""By the hub itself."""


def read() -> set[str]:
    """The names of all series that dashboards and rules read."""
    expressions = [*(alert.expr for alert in ALERTS), *(rule.expr for rule in RECORDINGS)]
    names = set()
    for board in GRAFANA.values():
        expressions += [expr for _, expr in targets(board)]
        queries = [v["query"]["query"] for v in variables(board).values() if v["type"] == "query"]
        names |= {metric_of(query) for query in queries}
    names |= {str(selector.name) for expr in expressions for selector, _ in selectors(expr)}
    return (names | {rule.name for rule in RECORDINGS} | {family.name for family in FAMILIES}) - COLLECTED_ANYWAY


def named(matcher: str) -> str:
    found = re.match(r'\{?__name__="([^"]+)"', matcher)
    assert found, matcher
    return found[1]


def forms() -> Iterator[Any]:
    config = yaml.safe_load((ACM / "observability-metrics-custom-allowlist.yaml").read_text())
    assert config["metadata"]["name"] == "observability-metrics-custom-allowlist"
    for key, text in config["data"].items():
        allowed = yaml.safe_load(text)
        yield pytest.param({*allowed["names"], *map(named, allowed["matches"])}, id=key)
    for scrape in yaml.safe_load_all((ACM / "scrapeconfigs.yaml").read_text()):
        assert scrape["kind"] == "ScrapeConfig"
        yield pytest.param({*map(named, scrape["spec"]["params"]["match[]"])}, id=scrape["metadata"]["name"])


@pytest.mark.parametrize("collected", list(forms()))
def test_what_a_dashboard_or_a_rule_reads_is_collected_and_nothing_else(collected: set[str]) -> None:
    assert collected == read()


def test_both_objects_of_the_add_on_select_by_the_label_that_it_looks_for() -> None:
    label = "app.kubernetes.io/component"
    scrapes = list(yaml.safe_load_all((ACM / "scrapeconfigs.yaml").read_text()))
    assert {each["metadata"]["labels"][label] for each in scrapes} == {
        "platform-metrics-collector",
        "user-workload-metrics-collector",
    }
    rule = yaml.safe_load((ACM / "prometheusrule.yaml").read_text())
    assert rule["metadata"]["labels"][label] == "platform-metrics-collector"
    assert {each["metadata"]["namespace"] for each in (*scrapes, rule)} == {"open-cluster-management-observability"}


def examples() -> Iterator[Any]:
    text = (ROOT / "docs" / "fleet.md").read_text()
    for block in map(yaml.safe_load, re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)):
        for scrape in block.get("scrape_configs", ()):
            matchers = [re.search(r'"(.+?)"', each) for each in scrape["params"]["match[]"]]
            yield pytest.param([found[1] for found in matchers if found], id="federation")
        for write in block.get("remote_write", ()):
            yield pytest.param([each["regex"] for each in write["write_relabel_configs"]], id="remote write")


@pytest.mark.parametrize("patterns", list(examples()))
def test_the_examples_of_the_documentation_take_recordings_too(patterns: list[str]) -> None:
    wanted = {name for name in read() if "bootsource_" in name}
    assert {name for name in wanted if not any(re.fullmatch(pattern, name) for pattern in patterns)} == set()
