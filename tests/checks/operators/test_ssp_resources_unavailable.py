from __future__ import annotations

import pytest

from exporter.checks.operators import OPERATORS
from exporter.checks.operators.hyperconverged_degraded import hyperconverged_degraded
from exporter.checks.operators.ssp_resources_unavailable import ssp_resources_unavailable
from tests.checks.operators.operators import REFUSED, degraded_status, status_with
from tests.checks.storage.assertions import cause_ids, only_finding, summarize
from tests.worlds import Manifest, an_hco, an_ssp, condition, findings, status

CHECK = ssp_resources_unavailable
SAID = "2 SSP resources are degraded"


@pytest.mark.parametrize(
    "ssp",
    [
        pytest.param(an_ssp(), id="healthy"),
        pytest.param(an_ssp(**degraded_status(SAID, minutes=9)), id="while it starts"),
        pytest.param(an_ssp(**degraded_status(REFUSED + "Illegal cron schedule")), id="a refusal is another finding"),
    ],
)
def test_passes(ssp: Manifest) -> None:
    assert findings(CHECK, ssp) == ()


def test_is_unknown_without_conditions() -> None:
    assert status(CHECK, an_ssp(status={"conditions": None})) == "unknown"


@pytest.mark.parametrize(
    ("ssp", "type_"),
    [
        pytest.param(an_ssp(**degraded_status(SAID)), "Degraded", id="degraded"),
        pytest.param(
            an_ssp(**status_with(condition("Available", "False", "Available", SAID))), "Available", id="unavailable"
        ),
    ],
)
def test_says_that_everything_could_be_applied(ssp: Manifest, type_: str) -> None:
    found = only_finding(CHECK, ssp)
    severity, ref, field, observed, _ = summarize(found)
    assert (severity, ref, field) == ("warning", "SSP ssp-kubevirt-hyperconverged", f"status.conditions[type={type_}]")
    assert SAID in observed
    assert "cannot apply" not in found.summary
    assert found.since is not None


def test_it_explains_a_degraded_hyperconverged() -> None:
    hco = an_hco(**status_with(condition("Degraded", "True", "SSPDegraded", f"SSP is degraded: {SAID}")))
    others = tuple(c for c in OPERATORS if c is not hyperconverged_degraded)
    assert cause_ids(others, hyperconverged_degraded, hco, an_ssp(**degraded_status(SAID))) == {
        "ssp-resources-unavailable"
    }
