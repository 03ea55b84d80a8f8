"""The page: what people read, and that nothing out of a cluster can do anything to them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exporter.report import CheckStatus, FixText, Report, ResourceStatus, Severity, Suppression
from exporter.web.pages.page import LINKS, PageContext, render_page
from exporter.web.routes import ROUTES
from tests.metrics.reports import a_finding, a_report
from tests.worlds import NOW

ABOUT = PageContext("1.2.3", ("API server https://x",))
BLIND = CheckStatus(check="orphan-cron", status="blind", blind_on=("templates",))
FORBIDDEN = ResourceStatus(resource="templates", state="forbidden", rows=0, rejected=0, detail="403 for /apis")


class Elements(HTMLParser):
    """Which elements and attributes a page has, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[str] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"{tag} closes nothing"

    def handle_data(self, data: str) -> None:
        self.text += data


def shown(report: Report | None, pending: tuple[str, ...]) -> str:
    elements = Elements(render_page(report, pending, ABOUT))
    assert not elements.open
    return elements.text


def test_nothing_found_says_so_and_how_far_it_looked() -> None:
    text = shown(a_report(), ())
    assert "Nothing is wrong" in text
    assert "nothing found, by 1 check that could judge, none blind" in text


def test_not_yet_synced_is_no_all_clear() -> None:
    for report in (None, a_report()):
        text = shown(report, ("datasources", "nodes"))
        assert "Still reading the cluster" in text
        assert "datasources, nodes" in text
        assert "Nothing is wrong" not in text


def test_before_the_first_report() -> None:
    assert "Not judged yet" in shown(None, ())


def test_blind_is_no_all_clear_and_says_why() -> None:
    text = shown(a_report(verdict="unknown", checks=(BLIND,), resources=(FORBIDDEN,)), ())
    assert "Not everything could be judged" in text
    assert "forbidden, 403 for /apis; blind for it: orphan-cron" in text
    assert "Nothing is wrong" not in text


def test_rejected_objects_are_no_all_clear() -> None:
    rejected = ResourceStatus(resource="nodes", state="live", rows=1, rejected=1, rejections=("x: bad",))
    text = shown(a_report(resources=(rejected,)), ())
    assert "Nothing is wrong" not in text
    assert "x: bad" in text


def test_roots_stand_first_with_what_they_bring_about_and_the_fix() -> None:
    fix = FixText(command="oc patch x\noc get x", verify="oc get sc", risk="imports again")
    root = a_finding(
        "storage", severity=Severity.CRITICAL, dependents={"Template": 2}, fix=fix, since=NOW - timedelta(days=3)
    )
    text = shown(a_report(root, a_finding(caused_by=("storage",))), ())
    for part in (
        "Something is wrong",
        "1 root cause",
        "storage is not polled",
        "for 3 d, since 2026-08-18 12:00:00 UTC",
        "2 Templates depend on it",
        "oc patch x\noc get x",
        "fix (costs): imports again",
        "Brings about 1 finding",
        "fedora is not polled",
    ):
        assert part in text
    assert text.index("storage is not polled") < text.index("fedora is not polled")


def test_findings_of_severity_info_are_no_alarm() -> None:
    assert "Nothing is broken" in shown(a_report(a_finding(severity=Severity.INFO), verdict="pass"), ())


def test_muted_findings_stand_apart_with_their_reason() -> None:
    quiet = Suppression(reason="a <lab>", owner="team a", until=None)
    text = Elements(render_page(a_report(a_finding(suppressed=quiet), verdict="pass"), (), ABOUT)).text
    assert "Nothing is wrong" in text
    assert "1 finding muted" in text
    assert "a <lab>; team a, for ever" in text
    assert "Root causes, worst first" not in text


def test_a_configuration_that_was_refused_is_told_first() -> None:
    text = Elements(render_page(a_report(), (), ABOUT, ("The file was refused: line 3",))).text
    assert text.index("The file was refused: line 3") < text.index("Nothing is wrong")


def test_checks_that_are_switched_off_are_counted() -> None:
    off = CheckStatus(check="a", status="disabled", blind_on=())
    text = Elements(render_page(a_report(checks=(off,)), (), ABOUT)).text
    assert "by 0 checks that could judge, none blind, 1 check disabled" in text


def test_long_lists_are_cut_and_counted() -> None:
    roots = [a_finding(f"r{i}") for i in range(130)]
    symptoms = [a_finding(f"s{i}", caused_by=("r0",)) for i in range(30)]
    text = shown(a_report(*roots, *symptoms), ())
    assert "30 more root causes" in text
    assert "and 10 more" in text


@settings(deadline=None, max_examples=60)
@given(hostile=st.text(st.one_of(st.sampled_from("<>&\"'/= \n\r\t\ud800\u202e"), st.characters()), min_size=1))
def test_hostile_text_stays_text(hostile: str) -> None:
    def world(text: str) -> str:
        fix = FixText(command=text, verify=text, risk=text)
        finding = a_finding(text, summary=text, observed=text, expected=text, field=text, fix=fix)
        status = CheckStatus(check="a", status="unknown", blind_on=(), unknown=(text,))
        resource = replace(FORBIDDEN, detail=text, state="live", rejected=1, rejections=(text,))
        report = a_report(finding, checks=(status, BLIND), resources=(resource,))
        return render_page(report, (text,), PageContext(text, (text,)))

    told = world(hostile)
    told.encode()
    assert Elements(told).tags == Elements(world("harmless")).tags
    assert Elements(told).attributes == Elements(world("harmless")).attributes


def test_a_script_is_shown_not_run() -> None:
    told = render_page(a_report(a_finding(summary="<script>alert(1)</script>")), (), ABOUT)
    assert "<script" not in told
    assert "&lt;script&gt;" in told


@pytest.mark.parametrize("path", [path for path, _ in LINKS])
def test_links_lead_somewhere(path: str) -> None:
    assert path in {route.path for route in ROUTES}
