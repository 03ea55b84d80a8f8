from __future__ import annotations

import pytest

from exporter.checks.operators import OPERATORS
from exporter.checks.operators.hyperconverged_degraded import hyperconverged_degraded
from tests.checks.operators.operators import REFUSED, degraded_status, status_with
from tests.checks.storage.assertions import cause_ids, only_finding
from tests.worlds import Manifest, a_cdi, an_hco, an_ssp, condition, findings, merge, status

CHECK = hyperconverged_degraded
SSP_DEGRADED = an_hco(**degraded_status("SSP is degraded: " + REFUSED + "Illegal cron schedule", "SSPDegraded"))


@pytest.mark.parametrize(
    "hco",
    [
        pytest.param(an_hco(), id="healthy"),
        pytest.param(an_hco(**degraded_status("x", "SSPDegraded", minutes=9)), id="for nine minutes"),
    ],
)
def test_passes(hco: Manifest) -> None:
    assert findings(CHECK, hco) == ()


@pytest.mark.parametrize(
    "hco",
    [
        pytest.param(an_hco(metadata={"generation": 5}), id="conditions of an older spec"),
        pytest.param(an_hco(**status_with(condition("Degraded", "Unknown", "StatusUnknown"))), id="Unknown"),
        pytest.param(an_hco(status={"conditions": None}), id="no conditions"),
    ],
)
def test_is_unknown(hco: Manifest) -> None:
    assert status(CHECK, hco) == "unknown"


def test_names_the_cron_that_is_refused() -> None:
    found = only_finding(CHECK, SSP_DEGRADED)
    assert (found.severity, found.field) == ("warning", "status.conditions[type=Degraded]")
    cron = "DataImportCron openshift-virtualization-os-images/corp-image-cron"
    assert f"(SSPDegraded): {cron} is refused: Illegal cron schedule" in found.summary
    assert found.since is not None


@pytest.mark.parametrize(
    ("hco", "severity", "words"),
    [
        pytest.param(an_hco(**degraded_status("out of pods", "CDIDegraded")), "warning", "out of pods", id="CDI"),
        pytest.param(
            an_hco(**degraded_status("x", "NetworkAddonsDegraded")), "warning", "x", id="a component we do not need"
        ),
        pytest.param(an_hco(**degraded_status("", "HCODegraded")), "warning", "it does not say why", id="HCO"),
        pytest.param(
            an_hco(**status_with(condition("Available", "False", "SSPNotAvailable", "no pods"))),
            "warning",
            "no pods",
            id="down",
        ),
    ],
)
def test_fails(hco: Manifest, severity: str, words: str) -> None:
    found = only_finding(CHECK, hco)
    assert found.severity == severity
    assert words in found.summary


FAILED = condition("ReconcileComplete", "False", "ReconcileFailed")


@pytest.mark.parametrize(
    ("world", "expected"),
    [
        pytest.param([SSP_DEGRADED, an_ssp(**degraded_status("Error: x"))], {"ssp-degraded"}, id="SSP"),
        pytest.param([SSP_DEGRADED, a_cdi(**degraded_status("x"))], set[str](), id="CDI is another component"),
        pytest.param(
            [an_hco(**degraded_status("x", "CDIDegraded")), a_cdi(**degraded_status("x"))], {"cdi-degraded"}, id="CDI"
        ),
        pytest.param(
            [an_hco(**status_with(FAILED, condition("Degraded", "True", "ReconcileFailed")))],
            {"hyperconverged-status-stale"},
            id="the reconcile failed",
        ),
        pytest.param([SSP_DEGRADED], set[str](), id="nothing explains it"),
    ],
)
def test_causes(world: list[Manifest], expected: set[str]) -> None:
    assert cause_ids(tuple(c for c in OPERATORS if c is not CHECK), CHECK, *world) == expected


def test_a_long_message_is_cut() -> None:
    assert len(only_finding(CHECK, merge(SSP_DEGRADED, degraded_status("y" * 9000, "SSPDegraded"))).summary) < 400
