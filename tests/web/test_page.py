"""The pages: what people read, and that nothing out of a cluster can do anything to them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exporter.checks.evaluate import evaluate_cluster
from exporter.output.html.document import DOCUMENTS, NAVIGATION
from exporter.report import CheckStatus, FixText, ResourceStatus, Severity, Suppression
from exporter.web.routes import ROUTES
from tests.metrics.reports import a_finding, a_report
from tests.web.pages import Elements, answer, markup, page, shown
from tests.web.test_routes import State
from tests.worlds import IMAGES, NOW, a_cron, a_data_source, a_snapshot, a_template, an_entry, an_hco, cluster

BLIND = CheckStatus(check="orphan-cron", status="blind", blind_on=("templates",))
FORBIDDEN = ResourceStatus(resource="templates", state="forbidden", rows=0, rejected=0, detail="403 for /apis")
GOOD = "Everything is in order"


def test_nothing_found_says_so_and_how_far_it_looked() -> None:
    text = shown(a_report())
    assert GOOD in text
    assert "No problems. All 1 check ran." in text


def test_not_yet_synced_is_no_all_clear() -> None:
    for report in (None, a_report()):
        text = shown(report, pending=("datasources", "nodes"))
        assert "being read" in text
        assert "Not read yet: datasources, nodes" in text
        assert GOOD not in text


@pytest.mark.parametrize("path", ["/", "/findings/", "/checks/", "/coverage", "/checks/polling-frozen", "/findings/x"])
def test_before_the_first_report_every_page_can_be_opened(path: str) -> None:
    assert GOOD not in shown(None, path)


def test_blind_is_no_all_clear_and_says_why() -> None:
    text = shown(a_report(verdict="unknown", checks=(BLIND,), resources=(FORBIDDEN,)))
    assert "not everything could be checked" in text
    assert "1 of 1 check could not run" in text
    assert "forbidden, 403 for /apis; blind for it: orphan-cron" in text
    assert GOOD not in text


def test_rejected_objects_are_no_all_clear() -> None:
    rejected = ResourceStatus(resource="nodes", state="live", rows=1, rejected=1, rejections=("x: bad",))
    text = shown(a_report(resources=(rejected,)))
    assert GOOD not in text
    assert "x: bad" in text


def test_which_boot_sources_there_are_is_not_known_without_permission() -> None:
    text = shown(a_report(verdict="unknown", checks=(BLIND,), resources=(FORBIDDEN,)), frozen=cluster(states=None))
    assert "This cluster has no boot sources" in text


def test_roots_stand_first_with_what_they_bring_about_and_the_fix() -> None:
    fix = FixText(command="oc patch x\noc get x", verify="oc get sc", risk="imports again")
    root = a_finding(
        "storage", severity=Severity.CRITICAL, dependents={"Template": 2}, fix=fix, since=NOW - timedelta(days=3)
    )
    text = shown(a_report(root, a_finding(caused_by=("storage",))))
    for part in (
        "New VMs are affected",
        "1 critical",
        "storage is not polled",
        "for 3 days",
        "2 Templates depend on it",
        "oc patch x\noc get x",
        "Fix with a cost",
        "imports again",
        "1 other finding follows from it",
        "fedora is not polled",
    ):
        assert part in text
    assert text.index("storage is not polled") < text.index("fedora is not polled")


def test_equal_root_causes_are_one_problem() -> None:
    text = shown(a_report(*[a_finding(f"cron-{i:02}", dependents={"DataSource": 1}) for i in range(12)]))
    assert "12 objects" in text
    assert "12 DataSources depend on them" in text
    assert "cron-04" in text
    assert "and 7 more objects" in text


def test_findings_of_severity_info_are_no_alarm() -> None:
    assert "Nothing is broken" in shown(a_report(a_finding(severity=Severity.INFO), verdict="pass"))


def test_suppressed_findings_stand_apart_with_their_reason() -> None:
    quiet = Suppression(reason="a <lab>", owner="team a", until=None)
    report = a_report(a_finding(suppressed=quiet), verdict="pass")
    for text in (shown(report), shown(report, "/findings/fedora")):
        assert "a <lab>; team a, for ever" in text
    assert GOOD in shown(report)
    assert "fedora is not polled" in shown(report, "/findings/", show="suppressed")
    assert "fedora is not polled" not in shown(report, "/findings/")


def test_a_configuration_that_was_refused_is_told_first() -> None:
    state = State(a_report())
    state.site.notices = lambda: ("The file was refused: line 3",)
    body = answer(state).body
    assert isinstance(body, bytes)
    text = Elements(body.decode()).text
    assert text.index("The file was refused: line 3") < text.index(GOOD)


def test_a_page_of_a_finding_says_what_causes_it_and_what_follows() -> None:
    report = a_report(
        a_finding("root"), a_finding("middle", caused_by=("root",)), a_finding("leaf", caused_by=("middle",))
    )
    middle = page(report, "/findings/middle")
    assert "Fix the cause first" in middle.text
    assert "/findings/root" in middle.links
    assert "leaf is not polled" in middle.text
    assert "/checks/polling-frozen" in middle.links


def test_a_finding_that_is_gone_is_not_called_fixed() -> None:
    state = State(a_report())
    gone = answer(state, "/findings/gone")
    assert gone.status == 404
    assert isinstance(gone.body, bytes)
    assert "fixed, or what it is about cannot be seen" in Elements(gone.body.decode()).text


def test_thousands_of_findings_are_all_reachable_and_no_page_is_long() -> None:
    roots = [a_finding(f"r{i}", check=f"check-{i % 60}", severity=list(Severity)[i % 3]) for i in range(3000)]
    symptoms = [a_finding(f"s{i}", caused_by=("r0",)) for i in range(500)]
    report = a_report(*roots, *symptoms)
    seen: set[str] = set()
    first = page(report, "/findings/", check="check-0")
    assert "50 findings" in first.text
    for number in range(1, 4):
        part = page(report, "/findings/", check="check-0", page=str(number))
        assert len(part.text) < 20_000
        seen |= {link for link in part.links if link.startswith("/findings/r")}
    assert len(seen) == 50
    assert len(page(report).text) < 30_000
    assert "500 findings" in page(report, "/findings/", cause="r0").text


def test_findings_are_filtered_by_severity_and_text() -> None:
    report = a_report(a_finding("bad", severity=Severity.CRITICAL), a_finding("mild"))
    assert "mild is not polled" not in shown(report, "/findings/", severity="critical")
    assert "bad is not polled" not in shown(report, "/findings/", q="MILD")
    assert "No finding matches" in shown(report, "/findings/", q="neither")


def test_boot_sources_have_a_row_each_and_a_page() -> None:
    frozen = cluster(an_hco(commons=[an_entry()]), a_cron(), a_data_source(), a_snapshot(), a_template())
    report = evaluate_cluster(frozen, NOW).report
    front = page(report, frozen=frozen)
    assert "1 boot source in namespace" in front.text
    assert f"/boot-sources/{IMAGES}/fedora" in front.links
    own = page(report, f"/boot-sources/{IMAGES}/fedora", frozen=frozen)
    for part in ("HyperConverged", "DataImportCron", "VolumeSnapshot", "DataSource", "openshift/fedora-server-small"):
        assert part in own.text
    assert f"get dataimportcron fedora-image-cron -n {IMAGES} -o yaml" in own.text
    anchors = {link[1:] for link in own.links if link.startswith("#")}
    assert anchors <= set(own.ids)


def test_rows_are_filtered_sorted_and_cut_into_pages() -> None:
    sources = [a_data_source(f"source-{i:03}", cron="") for i in range(60)]
    frozen = cluster(*sources)
    report = evaluate_cluster(frozen, NOW).report
    assert "60 boot sources" in shown(report, frozen=frozen)
    assert "Page 2 of 3" in shown(report, frozen=frozen, page="2")
    assert "Page 3 of 3" in shown(report, frozen=frozen, page="999")
    last = [link for link in page(report, frozen=frozen, sort="name", order="down").links if "boot-sources/" in link]
    assert last[0] == f"/boot-sources/{IMAGES}/source-059"
    assert f"/boot-sources/{IMAGES}/source-000" not in last
    assert "1 of 60 boot sources" in shown(report, frozen=frozen, q="SOURCE-007")
    assert "No boot source matches" in shown(report, frozen=frozen, namespace="elsewhere")


@pytest.mark.parametrize("query", [{"page": "x"}, {"page": "-1"}, {"page": "9" * 50}, {"sort": "x"}, {"q": "x" * 9000}])
def test_odd_parameters_do_no_harm(query: dict[str, Any]) -> None:
    for path in ("/", "/findings/"):
        assert len(shown(a_report(a_finding()), path, **query)) < 20_000


@settings(deadline=None, max_examples=60)
@given(hostile=st.text(st.one_of(st.sampled_from("<>&\"'/= \n\r\t\x1b[]\ud800\u202e"), st.characters()), min_size=1))
def test_hostile_text_stays_text(hostile: str) -> None:
    def world(text: str, path: str) -> str:
        fix = FixText(command=text, verify=text, risk=text)
        finding = a_finding(text, fingerprint="f", summary=text, observed=text, expected=text, field=text, fix=fix)
        status = CheckStatus(check="a", status="unknown", blind_on=(), unknown=(text,))
        resource = replace(FORBIDDEN, detail=text, state="live", rejected=1, rejections=(text,))
        report = a_report(finding, checks=(status, BLIND), resources=(resource,))
        return markup(report, path, (text,))

    for path in ("/", "/findings/", "/findings/f", "/checks/polling-frozen", "/coverage"):
        told = Elements(world(hostile, path))
        assert not told.open
        assert "\u202e" not in told.text
        harmless = Elements(world("harmless", path))
        assert told.tags == harmless.tags
        assert told.attributes == harmless.attributes
        page(a_report(), path, q=hostile, check=hostile, state=hostile, os=hostile)


@settings(deadline=None, max_examples=30)
@given(name=st.text(st.one_of(st.sampled_from("<>&\"'/= ;`$\n\x1b"), st.characters()), min_size=1, max_size=40))
def test_hostile_names_stay_text(name: str) -> None:
    frozen = cluster(a_data_source(name, cron=""))
    report = evaluate_cluster(frozen, NOW).report
    for path in ("/", f"/boot-sources/{IMAGES}/{name}"):
        page(report, path, frozen=frozen)


def test_a_script_is_shown_not_run() -> None:
    told = markup(a_report(a_finding(summary="<script>alert(1)</script>")))
    assert told.count("<script") == 1
    assert "&lt;script&gt;" in told


@pytest.mark.parametrize("path", [path for path, _ in (*DOCUMENTS, *NAVIGATION)])
def test_links_lead_somewhere(path: str) -> None:
    assert path in {route.path for route in ROUTES}
