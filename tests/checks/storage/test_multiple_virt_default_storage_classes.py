from __future__ import annotations

from datetime import timedelta

import pytest

from exporter.checks.engine import Memory
from exporter.checks.storage.multiple_virt_default_storage_classes import multiple_virt_default_storage_classes
from tests.checks.storage.assertions import fix_command, only_finding, summarize
from tests.worlds import NOW, Manifest, a_cdi, a_cron, a_storage_class, ago, evaluate_manifests, status

CHECK = multiple_virt_default_storage_classes
VIRT = "storageclass.kubevirt.io/is-default-virt-class"
OLD = a_storage_class("old", virt="true", metadata={"creationTimestamp": ago(days=90)})
NEW = a_storage_class("new", virt="true", metadata={"creationTimestamp": ago(days=1)})


@pytest.mark.parametrize(
    "world",
    [
        pytest.param([], id="none"),
        pytest.param([OLD], id="one"),
        pytest.param(
            [OLD, a_storage_class("k", default="true")], id="one virt default and one Kubernetes default are normal"
        ),
        pytest.param([OLD, a_storage_class("t", virt="True")], id="a value without effect does not compete"),
        pytest.param([OLD, NEW, a_cdi("v1.57.1")], id="CDI before 1.58 does not read it"),
    ],
)
def test_passes(world: list[Manifest]) -> None:
    assert status(CHECK, *world) == "pass"


def test_the_winner_and_the_losers_are_named() -> None:
    finding = only_finding(CHECK, OLD, NEW, a_cron())
    assert finding.summary == "2 StorageClasses are virt default: new wins, old loses; boot sources go to the winner"
    assert summarize(finding) == (
        "warning",
        "StorageClass new",
        f"metadata.annotations[{VIRT}]",
        "new (created 2026-08-20T12:00:00Z), old (created 2026-05-23T12:00:00Z)",
        f"one StorageClass with {VIRT}=true",
    )
    assert fix_command(finding) == f"kubectl annotate storageclass old {VIRT}-"
    assert finding.dependents == {"DataImportCron": 1}


def test_two_defaults_while_the_default_is_moved_are_not_reported_at_once() -> None:
    before = evaluate_manifests(CHECK, OLD, now=NOW - timedelta(minutes=9)).memory
    seen = evaluate_manifests(CHECK, OLD, NEW, now=NOW - timedelta(minutes=9), memory=before)
    assert seen.report.findings == ()
    assert isinstance(seen.memory, Memory)
    assert evaluate_manifests(CHECK, OLD, NEW, memory=seen.memory).report.findings == ()
    later = evaluate_manifests(CHECK, OLD, NEW, now=NOW + timedelta(minutes=1), memory=seen.memory).report.findings
    assert [f.since for f in later] == [NOW - timedelta(minutes=9)]
