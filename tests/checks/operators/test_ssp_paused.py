from __future__ import annotations

import pytest

from exporter.checks.operators import OPERATORS
from exporter.checks.operators.ssp_paused import ssp_paused
from exporter.checks.operators.ssp_status_stale import ssp_status_stale
from tests.checks.entries.clusters import metadata_edited_at
from tests.checks.storage.assertions import cause_ids, fix_command, only_finding, summarize
from tests.worlds import Manifest, ago, an_hco, an_ssp, evaluate_manifests, status

CHECK = ssp_paused
PAUSED = {"annotations": {"kubevirt.io/operator.paused": "true"}}


@pytest.mark.parametrize(
    "ssp",
    [
        pytest.param(an_ssp(), id="not paused"),
        pytest.param(an_ssp(metadata={"annotations": {"kubevirt.io/operator.paused": "false"}}), id="false"),
    ],
)
def test_passes(ssp: Manifest) -> None:
    assert status(CHECK, ssp) == "pass"


def test_fails() -> None:
    found = only_finding(CHECK, an_ssp(metadata=PAUSED, status={"paused": True}))
    field = "metadata.annotations[kubevirt.io/operator.paused]"
    assert summarize(found) == ("warning", "SSP ssp-kubevirt-hyperconverged", field, "true", "no pause")
    assert (
        fix_command(found)
        == "oc annotate ssp ssp-kubevirt-hyperconverged -n openshift-cnv kubevirt.io/operator.paused-"
    )


def test_ssp_has_not_seen_that_the_annotation_is_gone() -> None:
    found = only_finding(CHECK, an_ssp(status={"paused": True}))
    assert (found.field, found.fix) == ("status.paused", None)


def test_is_the_root_of_what_ssp_has_not_seen() -> None:
    stale = {"generation": 4, **metadata_edited_at(ago(hours=2)), **PAUSED}
    report = evaluate_manifests(OPERATORS, an_hco(), an_ssp(metadata=stale)).report
    assert [f.check for f in report.findings if f.root] == ["ssp-paused"]
    assert cause_ids((ssp_paused,), ssp_status_stale, an_ssp(metadata=stale)) == {"ssp-paused"}
