from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from exporter.checks.entries.duplicate_entry import duplicate_entry
from exporter.checks.entries.entry_without_source import entry_without_source
from exporter.checks.operators.hyperconverged_status_stale import hyperconverged_status_stale
from tests.checks.entries.clusters import CORP, metadata_edited_at
from tests.checks.operators.operators import status_with
from tests.checks.storage.assertions import cause_ids, costs_of, fix_command, only_finding, summarize
from tests.worlds import NOW, Manifest, ago, an_hco, condition, findings, merge, status

CHECK = hyperconverged_status_stale
NEVER = merge(an_hco(), {"status": None})


def behind(**span: float) -> Manifest:
    return {"generation": 5, **(metadata_edited_at(ago(**span)) if span else {})}


@pytest.mark.parametrize(
    "hco",
    [
        pytest.param(an_hco(), id="up to date"),
        pytest.param(an_hco(metadata=behind(minutes=4)), id="edited four minutes ago"),
        pytest.param(
            an_hco(**status_with(condition("ReconcileComplete", "False", "ReconcileFailed", minutes=9))),
            id="failed just now",
        ),
        pytest.param(merge(NEVER, {"metadata": {"creationTimestamp": ago(minutes=9)}}), id="created just now"),
    ],
)
def test_passes(hco: Manifest) -> None:
    assert findings(CHECK, hco) == ()


@pytest.mark.parametrize(
    ("hco", "field", "observed", "age", "severity"),
    [
        pytest.param(
            an_hco(metadata=behind(minutes=6)),
            "status.observedGeneration",
            "generation 5, observedGeneration 4",
            timedelta(minutes=6),
            "warning",
            id="generation",
        ),
        pytest.param(
            an_hco(metadata=behind(hours=3)),
            "status.observedGeneration",
            "generation 5, observedGeneration 4",
            timedelta(hours=3),
            "warning",
            id="generation, for long",
        ),
        pytest.param(
            an_hco(
                **status_with(condition("ReconcileComplete", "False", "ReconcileFailed", "webhook timeout", minutes=30))
            ),
            "status.conditions[type=ReconcileComplete]",
            "ReconcileComplete False (ReconcileFailed): webhook timeout",
            timedelta(minutes=30),
            "warning",
            id="reconcile failed",
        ),
        pytest.param(
            an_hco(**status_with(condition("Degraded", "Unknown", "StatusUnknown", minutes=30))),
            "status.conditions[type=Degraded]",
            "Degraded Unknown (StatusUnknown)",
            timedelta(minutes=30),
            "warning",
            id="conditions turned Unknown",
        ),
        pytest.param(
            NEVER,
            "status.conditions",
            "no conditions and no observedGeneration",
            timedelta(days=60),
            "warning",
            id="never reconciled",
        ),
    ],
)
def test_fails(hco: Manifest, field: str, observed: str, age: timedelta | None, severity: str) -> None:
    found = only_finding(CHECK, hco)
    expected = "observedGeneration equal to generation, ReconcileComplete True"
    assert summarize(found) == (severity, "HyperConverged kubevirt-hyperconverged", field, observed, expected)
    assert found.since == (NOW - age if age else None)
    assert fix_command(found) == "oc logs -n openshift-cnv deploy/hco-operator --tail=100"


def test_an_operator_that_hangs_may_be_restarted() -> None:
    done = condition("ReconcileComplete", "True", "ReconcileCompleted", "Reconcile completed successfully", days=9)
    found = only_finding(CHECK, an_hco(metadata=behind(hours=2), **status_with(done)))
    assert [command for command, _ in costs_of(found)] == ["oc rollout restart deploy/hco-operator -n openshift-cnv"]


def test_one_that_says_why_it_fails_is_not() -> None:
    failed = condition("ReconcileComplete", "False", "ReconcileFailed", "x", hours=9)
    assert costs_of(only_finding(CHECK, an_hco(**status_with(failed)))) == []


@pytest.mark.parametrize("status_of", [None, an_hco()["status"]], ids=["never reconciled", "reconciled before"])
def test_gates_of_the_old_shape_are_named_and_rewritten(status_of: Manifest | None) -> None:
    gates = {"videoConfig": True, "deployKubeSecondaryDNS": False}
    old = merge(an_hco(metadata=behind(hours=2)), {"spec": {"featureGates": gates}, "status": status_of})
    found = only_finding(CHECK, old)
    assert "spec.featureGates is an object as in v1beta1, where v1 has a list" in found.observed
    assert fix_command(found) == (
        "oc patch hyperconverged kubevirt-hyperconverged -n openshift-cnv --type merge -p "
        '\'{"spec":{"featureGates":[{"name":"videoConfig","state":"Enabled"},'
        '{"name":"deployKubeSecondaryDNS","state":"Disabled"}]}}\''
    )


def test_several_signs_are_one_finding() -> None:
    reconcile = condition("ReconcileComplete", "False", "ReconcileFailed", "x", hours=9)
    found = only_finding(CHECK, an_hco(metadata=behind(minutes=1), **status_with(reconcile)))
    assert found.observed == "generation 5, observedGeneration 4; ReconcileComplete False (ReconcileFailed): x"
    assert found.since == NOW - timedelta(hours=9)


def test_a_generation_that_nothing_dates_is_unknown() -> None:
    """A dump without managedFields: the edit may be a second old."""
    assert status(CHECK, an_hco(metadata=behind())) == "unknown"


def test_a_manifest_without_age_says_nothing() -> None:
    assert status(CHECK, merge(NEVER, {"metadata": {"creationTimestamp": None}})) == "unknown"


@pytest.mark.parametrize(
    ("hco", "expected"),
    [
        pytest.param({"entries": [CORP, CORP]}, {"duplicate-entry"}, id="duplicate name"),
        pytest.param(
            {"entries": [merge(CORP, {"spec": {"template": {"spec": {"source": None}}}})]},
            {"entry-without-source"},
            id="entry without source",
        ),
        pytest.param(
            {"entries": [merge(CORP, {"spec": {"template": {"spec": {"source": None}}}})], "version": "1.15.0"},
            set[str](),
            id="before 1.16 HCO does not stumble over it",
        ),
        pytest.param({"entries": [CORP]}, set[str](), id="nothing explains it"),
    ],
)
def test_causes(hco: dict[str, Any], expected: set[str]) -> None:
    assert (
        cause_ids((duplicate_entry, entry_without_source), CHECK, an_hco(metadata=behind(hours=2), **hco)) == expected
    )
