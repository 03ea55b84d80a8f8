"""Of several HyperConvergeds only the reconciled one counts."""

from __future__ import annotations

from exporter.checks.entries.common_boot_images_off import common_boot_images_off
from exporter.checks.operators.hyperconverged_status_stale import hyperconverged_status_stale
from exporter.joins.acting_hco import acting_hyperconvergeds
from exporter.joins.platform import platform_of
from tests.checks.storage.assertions import only_finding
from tests.worlds import OPERATORS, Manifest, an_hco, cluster, merge, status

OFF: Manifest = {"spec": {"workloadSources": {"enableCommonBootImageImport": False}}}
SECOND = merge({**an_hco(), "status": {}}, {"metadata": {"namespace": "a-team"}, **OFF})
"""It comes first in every order."""


def test_the_one_that_was_never_reconciled_does_not_count() -> None:
    snapshot = cluster(SECOND, an_hco())
    assert [key.namespace for key in snapshot.join(acting_hyperconvergeds)] == [OPERATORS]
    assert platform_of(snapshot).operator_namespace == OPERATORS


def test_a_single_one_counts_whatever_its_status() -> None:
    assert [key.namespace for key in cluster(SECOND).join(acting_hyperconvergeds)] == ["a-team"]


def test_it_is_said_once_and_nothing_is_made_of_its_spec() -> None:
    finding = only_finding(hyperconverged_status_stale, SECOND, an_hco())
    assert finding.summary == (
        f"HCO ignores HyperConverged a-team/kubevirt-hyperconverged: it reconciles HyperConverged {OPERATORS}/"
        "kubevirt-hyperconverged only"
    )
    assert finding.fixes[0].kind.value == "none"
    assert status(common_boot_images_off, SECOND, an_hco()) == "pass"
    assert status(common_boot_images_off, SECOND) == "fail"
