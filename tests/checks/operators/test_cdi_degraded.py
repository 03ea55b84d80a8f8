from __future__ import annotations

import pytest

from exporter.checks.operators.cdi_degraded import cdi_degraded
from tests.checks.operators.operators import degraded_status, status_with
from tests.checks.storage.assertions import only_finding, summarize
from tests.worlds import Manifest, a_cdi, condition, findings, status

CHECK = cdi_degraded


@pytest.mark.parametrize(
    "cdi",
    [
        pytest.param(a_cdi(), id="healthy"),
        pytest.param(a_cdi(**degraded_status("x", minutes=9)), id="while it is upgraded"),
    ],
)
def test_passes(cdi: Manifest) -> None:
    assert findings(CHECK, cdi) == ()


def test_is_unknown_without_conditions() -> None:
    assert status(CHECK, a_cdi(status={"conditions": []})) == "unknown"


@pytest.mark.parametrize("type_", ["Degraded", "Available"])
def test_fails(type_: str) -> None:
    value = "True" if type_ == "Degraded" else "False"
    found = only_finding(CHECK, a_cdi(**status_with(condition(type_, value, "NoPods", "cdi-deployment", hours=2))))
    assert summarize(found) == (
        "critical",
        "CDI cdi-kubevirt-hyperconverged",
        f"status.conditions[type={type_}]",
        f"{type_} {value} (NoPods), phase Deployed",
        "Degraded False, Available True",
    )
    assert "cdi-deployment" in found.summary
