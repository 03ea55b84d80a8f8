"""Routes over a real server: what is served, to whom, and what is said before anything is known."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from exporter.checks.evaluate import evaluate_cluster
from exporter.cluster.snapshot import ClusterSnapshot
from exporter.metrics.block import EvaluatedCluster
from exporter.metrics.exposition import Exposition
from exporter.metrics.families import FAMILIES
from exporter.report import Report
from exporter.web.routes import ROUTES, Router
from exporter.web.server.http import Request, Response, refuse
from exporter.web.server.server import HttpServer
from exporter.web.site import ClusterView, Site
from tests.metrics.reports import a_finding, a_report
from tests.metrics.scraping import HandClock, a_telemetry, parse_exposition
from tests.web.client import get, serving
from tests.worlds import NOW, a_cron, cluster


class State:
    """What the routes show, changed by hand."""

    def __init__(self, report: Report | None, frozen: ClusterSnapshot | None = None) -> None:
        self.frozen = frozen or cluster()
        self.report = report
        self.alive = True
        self.pending: tuple[str, ...] = ()
        self.answered: list[tuple[str, int]] = []
        clock = HandClock()
        self.site = Site(
            exposition=Exposition(FAMILIES, {"": self.judged}, a_telemetry(), clock),
            clusters={"": ClusterView("", "https://x", self.judged, lambda: self.pending, lambda: ("Kubernetes",))},
            alive=lambda: self.alive,
            pending=lambda: self.pending,
            version="1.2.3",
            clock=clock,
        )

    def judged(self) -> EvaluatedCluster:
        return EvaluatedCluster(self.frozen, self.report)

    @contextmanager
    def served(self, **guard: Any) -> Iterator[HttpServer]:
        with serving(Router(self.site, lambda route, code: self.answered.append((route, code)), **guard)) as server:
            yield server


def test_metrics_are_negotiated_and_compressed() -> None:
    state = State(a_report(a_finding()))
    with state.served() as server:
        plain = get(server, "/metrics", "Accept: application/openmetrics-text; version=1.0.0")
        zipped = get(server, "/metrics", "Accept-Encoding: br, gzip;q=0.8")
        refused = get(server, "/metrics", "Accept-Encoding: gzip;q=0")
        head = get(server, "/metrics", method="HEAD")
    assert (
        plain.headers["content-type"]
        == "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores"
    )
    assert "bootsource_finding" in parse_exposition(plain.body, as_openmetrics=True)
    assert zipped.headers["content-encoding"] == "gzip"
    assert gzip.decompress(zipped.body) == refused.body
    assert "content-encoding" not in refused.headers
    assert (head.status, head.body) == (200, b"")
    assert state.answered == [("/metrics", 200)] * 4


def test_findings_are_the_report() -> None:
    state = State(a_report(a_finding()))
    with state.served() as server:
        answer = get(server, "/api/v1/findings")
        zipped = get(server, "/api/v1/findings", "Accept-Encoding: gzip")
        state.report = a_report()
        later = get(server, "/api/v1/findings")
    assert answer.headers["content-type"] == "application/json"
    assert [f["check"] for f in json.loads(answer.body)["findings"]] == ["polling-frozen"]
    assert gzip.decompress(zipped.body) == answer.body
    assert json.loads(later.body)["verdict"] == "pass"


def test_a_document_is_made_once_per_report() -> None:
    made: list[bytes] = []
    state = State(a_report(a_finding()))
    request = Request("GET", "/x")

    def make() -> bytes:
        made.append(b"")
        return b""

    for report in (state.report, state.report, a_report(a_finding()), a_report(a_finding())):
        state.site.document(request, (report,), make, "text/plain")
    assert len(made) == 3


@pytest.mark.parametrize("path", ["/api/v1/findings", "/api/v1/boot-sources"])
def test_before_the_first_report_there_is_no_empty_document(path: str) -> None:
    state = State(None)
    state.pending = ("datasources",)
    with state.served() as server:
        answer = get(server, path)
    assert answer.status == 503
    assert json.loads(answer.body)["pending"] == ["datasources"]


def test_boot_sources_are_served() -> None:
    frozen = cluster(a_cron())
    state = State(evaluate_cluster(frozen, NOW).report, frozen)
    with state.served() as server:
        answer = get(server, "/api/v1/boot-sources")
    told = json.loads(answer.body)
    assert told["schema"] == "bootsource.boot-sources/v1"
    assert [source["cron"]["name"] for source in told["bootSources"]] == ["fedora-image-cron"]


def test_the_page_may_load_nothing() -> None:
    with State(a_report()).served() as server:
        answer = get(server, "/")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy


def test_probes() -> None:
    state = State(None)
    with state.served() as server:
        assert get(server, "/healthz").status == 200
        assert get(server, "/readyz").status == 200
        state.alive, state.pending = False, ("nodes", "pods")
        assert get(server, "/healthz").status == 503
        ready = get(server, "/readyz")
    assert (ready.status, ready.body) == (503, b"waiting for: nodes, pods\n")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"])
def test_other_methods_are_not_allowed(method: str) -> None:
    state = State(None)
    with state.served() as server:
        answer = get(server, "/metrics", method=method)
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize("path", ["/nothing", "/metrics/", "/../etc/passwd", "/%2e%2e", "/api", "//metrics"])
def test_unknown_paths(path: str) -> None:
    state = State(None)
    with state.served() as server:
        assert get(server, path).status == 404
    assert state.answered == [("", 404)]


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.path)
def test_the_guard_stands_before_everything_but_the_probes(route: Any) -> None:
    state = State(a_report())
    with state.served(guard=lambda _: refuse(401, "who are you?")) as server:
        status = get(server, route.path).status
    assert (status == 401) == route.guarded == (route.path not in ("/healthz", "/readyz"))


def test_the_guard_may_let_pass() -> None:
    passed: list[str] = []

    def guard(request: Request) -> Response | None:
        passed.append(request.path)
        return None

    with State(a_report()).served(guard=guard) as server:
        assert get(server, "/metrics").status == 200
    assert passed == ["/metrics"]
