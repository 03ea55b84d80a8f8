from __future__ import annotations

import pytest

from exporter.checks.operators.hyperconverged_deletion_blocked import hyperconverged_deletion_blocked
from tests.checks.storage.assertions import only_finding, summarize
from tests.worlds import Manifest, ago, an_hco, findings

CHECK = hyperconverged_deletion_blocked


@pytest.mark.parametrize(
    "hco",
    [
        pytest.param(an_hco(), id="not deleted"),
        pytest.param(an_hco(metadata={"deletionTimestamp": ago(minutes=9)}), id="deleted nine minutes ago"),
    ],
)
def test_passes(hco: Manifest) -> None:
    assert findings(CHECK, hco) == ()


def test_fails() -> None:
    meta = {"deletionTimestamp": ago(hours=2), "finalizers": ["kubevirt.io/hyperconverged"]}
    assert summarize(only_finding(CHECK, an_hco(metadata=meta))) == (
        "info",
        "HyperConverged kubevirt-hyperconverged",
        "metadata.deletionTimestamp",
        "2026-08-21T10:00:00Z, finalizers: kubevirt.io/hyperconverged",
        "no deletion, or an end of it",
    )
