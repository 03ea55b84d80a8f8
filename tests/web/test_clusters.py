"""Several clusters on one server: which one is asked for, and how they are listed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

import pytest

from exporter.checks.evaluate import evaluate_cluster
from exporter.metrics.block import EvaluatedCluster
from exporter.metrics.exposition import Exposition
from exporter.metrics.families import FAMILIES
from exporter.report import Report
from exporter.web.routes import Router
from exporter.web.server.server import HttpServer
from exporter.web.site import ClusterView, Site
from tests.metrics.reports import a_finding, a_report
from tests.metrics.scraping import HandClock, a_telemetry
from tests.web.client import get, serving
from tests.worlds import NOW, a_cron, cluster

ODD = "admin/api:6443 & <b>"
FROZEN = {"prod": cluster(a_cron()), ODD: cluster(a_cron("rhel-image-cron")), "new": cluster()}
REPORTS: dict[str, Report | None] = {
    "prod": evaluate_cluster(FROZEN["prod"], NOW).report,
    ODD: a_report(a_finding()),
    "new": None,
}


def view(name: str) -> ClusterView:
    pending = ("nodes",) if REPORTS[name] is None else ()
    return ClusterView(
        name, f"https://{name}", lambda: EvaluatedCluster(FROZEN[name], REPORTS[name]), lambda: pending, lambda: ()
    )


@contextmanager
def several(*names: str) -> Iterator[HttpServer]:
    clock = HandClock()
    site = Site(
        exposition=Exposition(FAMILIES, {}, a_telemetry(), clock),
        clusters={name: view(name) for name in names},
        alive=lambda: True,
        pending=list,
        version="1",
        clock=clock,
    )
    with serving(Router(site, lambda _route, _code: None)) as server:
        yield server


@pytest.mark.parametrize("path", ["/api/v1/findings", "/api/v1/boot-sources"])
def test_one_has_to_be_chosen(path: str) -> None:
    with several("prod", ODD) as server:
        answer = get(server, path)
        unknown = get(server, f"{path}?cluster=prdo")
    assert answer.status == 400
    assert json.loads(answer.body)["clusters"] == ["prod", ODD]
    assert unknown.status == 404
    assert "'prdo'" in json.loads(unknown.body)["error"]


def test_each_has_its_own_documents() -> None:
    with several("prod", ODD, "new") as server:
        for _ in range(2):
            found = json.loads(get(server, f"/api/v1/findings?cluster={quote(ODD)}").body)
            assert [finding["check"] for finding in found["findings"]] == ["polling-frozen"]
            of_prod = json.loads(get(server, "/api/v1/findings?cluster=prod").body)
            assert of_prod["at"] == json.loads(get(server, "/api/v1/boot-sources?cluster=prod").body)["at"]
            assert of_prod["findings"] != found["findings"]
        early = get(server, "/api/v1/findings?cluster=new")
    assert early.status == 503
    assert json.loads(early.body)["pending"] == ["nodes"]


def test_clusters_are_listed() -> None:
    with several("prod", ODD, "new") as server:
        told = json.loads(get(server, "/api/v1/clusters").body)
    assert told["schema"] == "bootsource.clusters/v1"
    assert [(each["name"], each["verdict"]) for each in told["clusters"]] == [
        ("prod", REPORTS["prod"].verdict if REPORTS["prod"] else ""),
        (ODD, "fail"),
        ("new", None),
    ]
    assert told["clusters"][2]["pending"] == ["nodes"]


def test_the_page_lists_them_and_leads_to_each() -> None:
    with several("prod", ODD, "new") as server:
        listed = get(server, "/").body.decode()
        chosen = get(server, f"/?cluster={quote(ODD, safe='')}").body.decode()
        assert get(server, "/?cluster=none").status == 404
    assert f'href="/?cluster={quote(ODD, safe="")}"' in listed
    assert "<b>" not in listed + chosen
    assert "Not checked yet" in listed
    assert listed.index("Something is broken") < listed.index("Not checked yet")
    assert f'href="/api/v1/findings?cluster={quote(ODD, safe="")}"' in chosen
    assert "All clusters" in chosen


def test_a_single_cluster_need_not_be_chosen_and_is_listed_without_a_name() -> None:
    REPORTS[""], FROZEN[""] = REPORTS["prod"], FROZEN["prod"]
    with several("") as server:
        assert get(server, "/api/v1/findings").status == 200
        assert get(server, "/api/v1/findings?cluster=prod").status == 404
        told = json.loads(get(server, "/api/v1/clusters").body)
        assert "All clusters" not in get(server, "/").body.decode()
    assert [each["name"] for each in told["clusters"]] == [""]
