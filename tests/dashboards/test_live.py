"""Against a real Prometheus with a week of real data: every query answers, and a real browser draws every panel."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import pytest

from tests.dashboards.documents import GRAFANA, panels, variables
from tests.dashboards.live import query_range, run_prometheus
from tests.dashboards.preview import OF_GRAFANA, OF_PERSES, draw, install_program
from tests.rig.monitoring import Prometheus
from tests.test_demo import AT_FIRST
from tools.generate.dashboards.definitions import DASHBOARDS

pytestmark = [pytest.mark.monitoring, pytest.mark.timeout(900)]

VALUES: Final = {
    "job": ".+",
    "instance": ".+",
    "cluster": ".*",
    "object_namespace": ".+",
    "dataimportcron": "fedora-image-cron",
    "datasource_name": "fedora",
    "__rate_interval": "40m",
}
DAY: Final = 86400


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    with run_prometheus(tmp_path_factory.mktemp("monitored")) as running:
        yield running


def filled(expr: str) -> str:
    return re.sub(r"\$([a-z_]+)", lambda name: VALUES[name[1]], expr)


@pytest.mark.parametrize("uid", GRAFANA)
def test_every_query_answers_with_data_or_it_is_documented_that_it_may_not(uid: str, prometheus: Prometheus) -> None:
    declared = next(board for board in DASHBOARDS if board.uid == uid)
    sparse = {panel.title: panel.sparse for panel in declared.panels}
    for panel in panels(GRAFANA[uid]):
        answers = [_answer(prometheus, target) for target in panel["targets"]]
        assert all(answers) or (any(answers) and sparse[panel["title"]]), (panel["title"], list(map(bool, answers)))


@pytest.mark.parametrize("uid", GRAFANA)
def test_every_variable_has_values_but_the_cluster_where_there_is_one(uid: str, prometheus: Prometheus) -> None:
    for name, variable in variables(GRAFANA[uid]).items():
        if variable["type"] == "query":
            found = re.fullmatch(r"label_values\((.+), ([a-z_]+)\)", variable["query"]["query"])
            assert found
            values = {labels.get(found[2]) for labels, _ in prometheus.query(filled(found[1]))} - {None}
            assert bool(values) == (name != "cluster"), name


@pytest.mark.parametrize("uid", GRAFANA)
def test_marks_lie_in_time(uid: str, prometheus: Prometheus) -> None:
    now = query_range(prometheus, "time()", 60, 60)[0]["values"][-1][0]
    for mark in GRAFANA[uid]["annotations"]["list"]:
        series = query_range(prometheus, filled(mark["expr"]), 7 * DAY, 3600)
        assert series, mark["name"]
        for each in series:
            assert now - 1000 * DAY < float(each["values"][-1][1]) / 1000 <= now + 60


def test_the_first_rows_are_the_known_root_causes(prometheus: Prometheus) -> None:
    table = _panel("bootsource-overview", "Root causes, worst first")
    rows = sorted(prometheus.query(filled(table["targets"][0]["expr"])), key=lambda row: -row[1])
    severities = [labels["severity"] for labels, _ in rows]
    assert severities == sorted(severities, key=["critical", "warning", "info"].index)
    serious = {(labels["check"], labels["object"]) for labels, _ in rows if labels["severity"] != "info"}
    assert serious == AT_FIRST
    next_one = prometheus.query(filled(_panel("bootsource-overview", "What next?")["targets"][0]["expr"]))
    assert [value for _, value in next_one] == [rows[0][1]]


def test_the_first_row_says_broken_and_how_many(prometheus: Prometheus) -> None:
    said = {
        panel["title"]: prometheus.query(filled(panel["targets"][0]["expr"]))[0][1]
        for panel in panels(GRAFANA["bootsource-overview"])[:4]
    }
    assert said["Is anything broken?"] == 2
    assert said["How many root causes?"] == len(AT_FIRST)
    assert said["Since when?"] > 7 * DAY


def test_the_incident_of_that_week_is_seen(prometheus: Prometheus) -> None:
    """While no StorageClass was default nothing could be imported, and afterwards it could."""
    panel = _panel("bootsource-overview", "Claims to be default")
    virt = filled(panel["targets"][0]["expr"]).replace("{", '{default="virt",', 1)
    values = {float(value) for series in query_range(prometheus, virt, 7 * DAY, 1800) for _, value in series["values"]}
    assert values == {0, 2}


def test_a_browser_draws_every_panel_with_nothing_empty_or_cut_off(prometheus: Prometheus) -> None:
    pages = draw(OF_GRAFANA, prometheus.url, [("dark", 1920), ("light", 1280)])
    assert len(pages) == 2 * len(GRAFANA)
    for page in pages:
        assert page["errors"] == []
        assert {p["title"] for p in page["panels"]} == {p["title"] for p in panels(GRAFANA[page["uid"]])}
        for panel in page["panels"]:
            where = (page["uid"], page["width"], panel["title"])
            assert panel["state"] == "drawn", (*where, panel.get("error"))
            assert panel["cut"] == [], where
            assert len(panel["text"]) > len(panel["title"]) or panel["drawings"], where
    texts = " ".join(
        panel["text"] for page in pages if page["uid"] == "bootsource-overview" for panel in page["panels"]
    )
    assert "Broken" in texts
    assert "polling-frozen" in texts
    overview = next(page for page in pages if page["uid"] == "bootsource-overview")
    table = next(panel for panel in overview["panels"] if panel["title"].startswith("Freshness"))
    chosen = (
        "&var-object_namespace=openshift-virtualization-os-images&var-cluster=&var-dataimportcron=fedora-image-cron"
    )
    assert [link for link in table["links"] if link.endswith(chosen)], table["links"]


def test_perses_draws_every_panel_with_words_for_numbers(prometheus: Prometheus) -> None:
    pages = draw(OF_PERSES, prometheus.url, [("light", 1920)])
    assert len(pages) == len(GRAFANA)
    said = {}
    for page in pages:
        assert page["errors"] == []
        assert {p["title"] for p in page["panels"]} == {p["title"] for p in panels(GRAFANA[page["uid"]])}
        for panel in page["panels"]:
            where = (page["uid"], panel["title"])
            assert panel["state"] == "drawn", (*where, panel.get("error"), panel["text"])
            assert panel["cut"] == [], where
            assert not re.search(r"^(value|\w+ #\d|-\d\d)$", panel["text"], re.MULTILINE), (*where, panel["text"])
            said[panel["title"]] = panel["text"].split()
    assert said["Is anything broken?"] == ["Broken"]
    assert said["Root causes, worst first"].index("warning") < said["Root causes, worst first"].index("info")
    freshness = said["Freshness of each boot source, stalest first"]
    assert freshness.count("fedora-image-cron") == 1
    assert freshness.index("proven") < freshness.index("newest", freshness.index("proven"))
    assert "wins" in said["StorageClasses: which claim to be default, and which wins"]


def _answer(prometheus: Prometheus, target: dict[str, Any]) -> list[Any]:
    expr = filled(target["expr"])
    return list(prometheus.query(expr)) if target["instant"] else query_range(prometheus, expr, DAY, 600)


def _panel(uid: str, title: str) -> dict[str, Any]:
    return next(panel for panel in panels(GRAFANA[uid]) if panel["title"] == title)


@pytest.fixture(scope="module", autouse=True)
def _browser() -> None:
    """Installed outside the time that a single test may take."""
    install_program()
