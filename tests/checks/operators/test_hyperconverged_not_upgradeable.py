from __future__ import annotations

import pytest

from exporter.checks.operators import OPERATORS
from exporter.checks.operators.hyperconverged_not_upgradeable import hyperconverged_not_upgradeable
from tests.checks.operators.operators import status_with
from tests.checks.storage.assertions import cause_ids, only_finding, summarize
from tests.worlds import Manifest, an_hco, condition, findings, status

CHECK = hyperconverged_not_upgradeable
MIGRATING = condition("Upgradeable", "False", "KubeVirtNotUpgradeable", "a storage version is being migrated", days=6)


@pytest.mark.parametrize(
    "hco",
    [
        pytest.param(an_hco(), id="upgradeable"),
        pytest.param(
            an_hco(**status_with(condition("Upgradeable", "False", "HCOProgressing", minutes=9))), id="for a moment"
        ),
    ],
)
def test_passes(hco: Manifest) -> None:
    assert findings(CHECK, hco) == ()


@pytest.mark.parametrize("conditions", [[], [condition("Upgradeable", "Unknown", "StatusUnknown")]])
def test_is_unknown(conditions: list[Manifest]) -> None:
    assert status(CHECK, an_hco(**status_with(*conditions))) == "unknown"


def test_fails() -> None:
    found = only_finding(CHECK, an_hco(**status_with(MIGRATING)))
    ref, field = "HyperConverged kubevirt-hyperconverged", "status.conditions[type=Upgradeable]"
    assert summarize(found) == ("info", ref, field, "False (KubeVirtNotUpgradeable)", "True")
    assert "cannot be upgraded (KubeVirtNotUpgradeable): a storage version is being migrated" in found.summary


def test_is_caused_by_what_degrades_hco() -> None:
    hco = an_hco(**status_with(MIGRATING, condition("Degraded", "True", "KubeVirtDegraded")))
    others = tuple(c for c in OPERATORS if c is not CHECK)
    assert cause_ids(others, CHECK, hco) == {"hyperconverged-degraded"}
