from __future__ import annotations

import pytest

from exporter.checks.operators.ssp_status_stale import ssp_status_stale
from tests.checks.entries.clusters import metadata_edited_at
from tests.checks.storage.assertions import costs_of, fix_command, only_finding, summarize
from tests.worlds import Manifest, ago, an_ssp, findings, merge, status

CHECK = ssp_status_stale
NEVER = merge(an_ssp(), {"status": None})


@pytest.mark.parametrize(
    "ssp",
    [
        pytest.param(an_ssp(), id="up to date"),
        pytest.param(
            an_ssp(metadata={"generation": 4, **metadata_edited_at(ago(minutes=4))}), id="written four minutes ago"
        ),
        pytest.param(merge(NEVER, {"metadata": {"creationTimestamp": ago(minutes=9)}}), id="created just now"),
    ],
)
def test_passes(ssp: Manifest) -> None:
    assert findings(CHECK, ssp) == ()


@pytest.mark.parametrize(
    ("ssp", "observed"),
    [
        pytest.param(
            an_ssp(metadata={"generation": 4, **metadata_edited_at(ago(hours=5))}),
            "generation 4, observedGeneration 3",
            id="behind",
        ),
        pytest.param(NEVER, "no conditions and no observedGeneration", id="never reconciled"),
    ],
)
def test_fails(ssp: Manifest, observed: str) -> None:
    found = only_finding(CHECK, ssp)
    ref, expected = "SSP ssp-kubevirt-hyperconverged", "observedGeneration equal to generation"
    assert summarize(found) == ("warning", ref, "status.observedGeneration", observed, expected)
    assert found.since is not None
    assert fix_command(found) == "oc logs -n openshift-cnv deploy/ssp-operator --tail=100"
    assert [command for command, _ in costs_of(found)] == ["oc rollout restart deploy/ssp-operator -n openshift-cnv"]


def test_a_generation_that_nothing_dates_is_unknown() -> None:
    """A dump without managedFields: SSP may have been told a second ago."""
    assert status(CHECK, an_ssp(metadata={"generation": 4})) == "unknown"


def test_a_manifest_without_age_says_nothing() -> None:
    assert status(CHECK, merge(NEVER, {"metadata": {"creationTimestamp": None}})) == "unknown"
