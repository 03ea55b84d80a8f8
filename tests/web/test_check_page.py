"""The page of a check, and the way from a fingerprint to it."""

from __future__ import annotations

import pytest

from exporter.checks import CHECKS
from exporter.checks.check import Check
from exporter.report import CheckStatus, FixText, Report
from exporter.web.pages.check import check_page
from tests.metrics.reports import a_finding, a_report
from tests.web.client import get
from tests.web.test_page import Elements
from tests.web.test_routes import State

FROZEN = next(check for check in CHECKS if check.id == "polling-frozen")
FIX = FixText(command="oc delete job poller-1", verify="oc get jobs", risk="one poll is repeated")


def shown(check: Check, *reports: tuple[str, Report | None]) -> str:
    elements = Elements(check_page(check, reports, "1.2.3"))
    assert not elements.open
    return elements.text


def test_it_has_the_findings_with_fix_verification_and_cost_and_what_the_check_is_about() -> None:
    text = shown(
        FROZEN, ("", a_report(a_finding(fix=FIX), checks=(CheckStatus(check=FROZEN.id, status="fail", blind_on=()),)))
    )
    for expected in (FIX.command, FIX.verify, FIX.risk, FROZEN.summary, FROZEN.impact, "This check has found problems"):
        assert expected in text


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_every_check_has_a_page_that_is_well_formed(check: Check) -> None:
    assert check.summary in shown(check, ("", a_report()))


def test_what_is_not_known_never_looks_as_if_all_were_well() -> None:
    blind = CheckStatus(check=FROZEN.id, status="blind", blind_on=("jobs",))
    assert "Not known: jobs" in shown(FROZEN, ("", a_report(checks=(blind,))))
    assert "was not evaluated yet" in shown(FROZEN, ("", None))
    assert "found no problem" not in shown(FROZEN, ("", None), ("other", a_report(checks=(blind,))))


def test_findings_of_each_cluster_stand_under_its_name() -> None:
    text = shown(FROZEN, ("prod", a_report(a_finding())), ("lab", a_report()))
    assert text.index("prod") < text.index("lab")


def test_a_fingerprint_leads_to_its_finding_on_the_page_of_its_check() -> None:
    state = State(a_report(a_finding()))
    with state.served() as server:
        found = get(server, f"/findings/{a_finding().fingerprint}")
        assert found.status == 302
        assert found.headers["location"] == f"/checks/polling-frozen#{a_finding().fingerprint}"
        assert f'id="{a_finding().fingerprint}"'.encode() in get(server, "/checks/polling-frozen").body
        for path in ("/findings/gone", "/checks/none", "/checks/", "/findings/"):
            assert get(server, path).status == 404
    assert {route for route, _ in state.answered} == {"/checks/", "/findings/"}


def test_what_a_cluster_says_does_nothing_to_the_page() -> None:
    hostile = a_finding(summary="<script>alert(1)</script>")
    assert "<script" not in check_page(FROZEN, [("<b>", a_report(hostile))], "1")
