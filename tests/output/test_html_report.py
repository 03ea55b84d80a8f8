"""The report in one HTML file: all of it, without a server, and with nothing that leads to one."""

from __future__ import annotations

from datetime import timedelta

from exporter.boot_sources.builder import build_boot_sources
from exporter.checks import CHECKS
from exporter.checks.evaluate import evaluate_cluster
from exporter.output.html.report import render_report
from exporter.output.outline import ReportOutline
from exporter.report import FixText, Severity
from exporter.schedule.timetable import Timetable
from tests.metrics.reports import a_finding, a_report
from tests.web.pages import Elements
from tests.worlds import NOW, a_cron, a_data_source, a_snapshot, an_entry, an_hco, cluster

FIX = FixText(command="oc patch x", verify="oc get x", risk="")


def test_it_holds_boot_sources_problems_fixes_and_what_could_not_be_checked() -> None:
    frozen = cluster(an_hco(commons=[an_entry()]), a_cron(), a_data_source(), a_snapshot())
    report = evaluate_cluster(frozen, NOW).report
    rows = tuple(source.row for source in build_boot_sources(frozen, report, NOW, Timetable()).boot_sources)
    elements = Elements(render_report(ReportOutline(report, ("Kubernetes",), CHECKS, version="1.2.3", rows=rows)))
    assert not elements.open
    for part in (
        "Kubernetes",
        "1 boot source",
        "fedora",
        "What was read",
        "About the checks",
        "bootsource-exporter 1.2.3",
    ):
        assert part in elements.text


def test_its_links_lead_to_anchors_of_its_own() -> None:
    found = [
        a_finding(f"cron-{i}", severity=Severity.CRITICAL, fix=FIX, since=NOW - timedelta(days=1)) for i in range(9)
    ]
    report = a_report(*found, a_finding("leaf", check="import-outdated", caused_by=("cron-1",)))
    elements = Elements(render_report(ReportOutline(report, checks=CHECKS)))
    assert "oc patch x" in elements.text
    assert all(f"cron-{i} is not polled" in elements.text for i in range(9))
    assert {link for link in elements.links if not link.startswith(("#", "https://"))} == set()
    assert {link[1:] for link in elements.links if link.startswith("#")} <= set(elements.ids)


def test_it_may_ask_nobody_for_anything() -> None:
    told = render_report(ReportOutline(a_report()))
    assert "default-src &#39;none&#39;" in told
    assert "connect-src" not in told
