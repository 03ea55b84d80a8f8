"""One verdict: the report, the metric, both pages and the exit code say the same, and know what could not be read."""

from __future__ import annotations

import json
import re

import pytest

from exporter.checks.evaluate import evaluate_cluster
from exporter.cluster.resources import WATCHED
from exporter.cluster.snapshot import ClusterSnapshot
from exporter.commands.audit import CLEAN, FINDINGS, UNDECIDED, exit_code
from exporter.output.html.document import Page, render
from exporter.output.outline import ReportOutline, conclusion
from exporter.report import Report, to_json
from exporter.web.api.clusters import WatchedCluster
from exporter.web.pages.front import verdict
from exporter.web.pages.overview import clusters_page
from tests.clusters.files import load_cluster
from tests.metrics.scraping import samples_of
from tests.worlds import NOW, Manifest, cluster

WATCHED_KINDS = {resource.kind: resource for resource in WATCHED}
HEALTHY = [m for m in load_cluster("healthy-4.22") if m["kind"] in WATCHED_KINDS]
CODES = {"pass": CLEAN, "fail": FINDINGS, "unknown": UNDECIDED}
TONES = {"good": "pass", "bad": "fail", "warn": "fail", "none": "unknown"}


def unreadable(kind: str) -> Manifest:
    """An object whose metadata is fine, and whose annotations are not."""
    return {"kind": kind, "metadata": {"name": "odd", "namespace": "odd", "annotations": 7}, "spec": 7, "status": 7}


def report_on(*manifests: Manifest) -> tuple[ClusterSnapshot, Report]:
    snapshot = cluster(*HEALTHY, *manifests)
    return snapshot, evaluate_cluster(snapshot, NOW).report


def everywhere(report: Report) -> dict[str, str]:
    """The verdict at each place that tells it."""
    metric = samples_of("verdict", *HEALTHY, report=report)
    codes = {code: verdict for verdict, code in CODES.items()}
    fleet = clusters_page([WatchedCluster(name="a", server="", verdict=report.verdict, roots=0, pending=())], "1")
    return {
        "report": report.verdict,
        "json": json.loads(to_json(report))["verdict"],
        "metric": next(verdict for (verdict,), value in metric.items() if value),
        "exit code": codes[exit_code(ReportOutline(report))],
        "conclusion": conclusion(ReportOutline(report)).partition(":")[0].lower(),
        "page": TONES[verdict(report, waiting=False)[0]],
        "fleet": tone_of(fleet),
    }


def tone_of(page: Page) -> str:
    """The verdict that the colour of the first card tells."""
    tone = re.search(r'class="card answer tone-([a-z]+)"', render(page))
    assert tone
    return TONES[tone[1]]


@pytest.mark.parametrize("kind", WATCHED_KINDS)
def test_an_object_that_cannot_be_read_is_no_all_clear_anywhere(kind: str) -> None:
    snapshot, report = report_on(unreadable(kind))
    assert len(snapshot[WATCHED_KINDS[kind]].rejected) == 1
    assert set(everywhere(report).values()) == {"unknown"}


def test_a_healthy_cluster_passes_everywhere() -> None:
    assert set(everywhere(report_on()[1]).values()) == {"pass"}


def test_a_broken_cluster_fails_everywhere_even_if_something_cannot_be_read() -> None:
    broken = [m for m in load_cluster("no-default-storage-class") if m["kind"] in WATCHED_KINDS]
    report = evaluate_cluster(cluster(*broken, unreadable("Node")), NOW).report
    assert set(everywhere(report).values()) == {"fail"}
