from __future__ import annotations

from typing import Any

import pytest

from exporter.checks.operators.hyperconverged_missing import hyperconverged_missing
from exporter.cluster.resources import HYPERCONVERGEDS
from exporter.kube.contract import State
from tests.checks.storage.assertions import only_finding, summarize
from tests.worlds import SSP_OWNED, Manifest, a_cron, an_hco, an_ssp, merge, status

CHECK = hyperconverged_missing
BY_HAND = a_cron(metadata={"annotations": dict.fromkeys(SSP_OWNED)})


@pytest.mark.parametrize(
    ("world", "options"),
    [
        pytest.param([an_hco(), an_ssp()], {}, id="there"),
        pytest.param([], {}, id="nothing at all"),
        pytest.param([BY_HAND], {}, id="CDI alone"),
        pytest.param([an_ssp()], {"states": {HYPERCONVERGEDS: State.NOT_SERVED}}, id="SSP alone"),
    ],
)
def test_passes(world: list[Manifest], options: dict[str, Any]) -> None:
    assert status(CHECK, *world, **options) == "pass"


@pytest.mark.parametrize(
    ("world", "words"),
    [
        pytest.param([an_ssp()], "SSP openshift-cnv/ssp-kubevirt-hyperconverged is left", id="SSP"),
        pytest.param([a_cron()], "fedora-image-cron is left", id="a cron of SSP's"),
        pytest.param([an_ssp(), a_cron(), a_cron("b")], "and 2 more", id="all of it"),
    ],
)
def test_fails(world: list[Manifest], words: str) -> None:
    found = only_finding(CHECK, *world)
    severity, ref, _, observed, _ = summarize(found)
    expected = ("warning", "HyperConverged kubevirt-hyperconverged", "no HyperConverged in any namespace")
    assert (severity, ref, observed) == expected
    assert words in found.summary


def test_one_that_cannot_be_read_is_not_missing() -> None:
    assert status(CHECK, merge(an_hco(), {"spec": {"featureGates": 7}}), an_ssp()) == "unknown"
