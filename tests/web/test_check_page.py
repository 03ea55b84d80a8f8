"""The pages of checks: what each is about, and what it finds in each cluster."""

from __future__ import annotations

import pytest

from exporter.checks import CHECKS
from exporter.checks.check import Check
from exporter.report import CheckStatus, FixText
from tests.metrics.reports import a_finding, a_report
from tests.web.client import get
from tests.web.pages import page, shown
from tests.web.test_routes import State

FROZEN = next(check for check in CHECKS if check.id == "polling-frozen")
PATH = f"/checks/{FROZEN.id}"
FIX = FixText(command="oc delete job poller-1", verify="oc get jobs", risk="one poll is repeated")


def test_it_has_the_findings_with_fix_verification_and_cost_and_what_the_check_is_about() -> None:
    failing = CheckStatus(check=FROZEN.id, status="fail", blind_on=())
    text = shown(a_report(a_finding(fix=FIX), checks=(failing,)), PATH)
    for expected in (FIX.command, FIX.verify, FIX.risk, FROZEN.summary, FROZEN.impact, "This check has found problems"):
        assert expected in text


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_every_check_has_a_page_that_is_well_formed(check: Check) -> None:
    assert check.summary in shown(a_report(), f"/checks/{check.id}")


def test_all_checks_are_listed() -> None:
    listed = page(a_report(), "/checks/")
    assert {f"/checks/{check.id}" for check in CHECKS} <= set(listed.links)


def test_what_is_not_known_never_looks_as_if_all_were_well() -> None:
    blind = CheckStatus(check=FROZEN.id, status="blind", blind_on=("jobs",))
    assert "Not known: jobs" in shown(a_report(checks=(blind,)), PATH)
    assert "has not run yet" in shown(None, PATH)


def test_the_pages_are_served_and_others_are_not_there() -> None:
    state = State(a_report(a_finding()))
    with state.served() as server:
        assert get(server, f"/findings/{a_finding().fingerprint}").status == 200
        assert get(server, PATH).status == 200
        for path in ("/findings/gone", "/checks/none", "/boot-sources/", "/boot-sources/none", "/boot-sources/a/b"):
            assert get(server, path).status == 404
    assert {route for route, _ in state.answered} == {"/checks/", "/findings/", "/boot-sources/"}
