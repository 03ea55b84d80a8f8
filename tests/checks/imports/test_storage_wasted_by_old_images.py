from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from exporter.checks.imports.old_images_pile_up import old_images_pile_up
from exporter.checks.imports.storage_wasted_by_old_images import storage_wasted_by_old_images
from exporter.checks.policy import Policy
from tests.checks.storage.assertions import only_finding
from tests.worlds import (
    IMAGES,
    NOW,
    Manifest,
    a_claim,
    a_cron,
    a_data_source,
    a_snapshot,
    ago,
    evaluate_manifests,
    status,
)

CHECK = storage_wasted_by_old_images
KEPT = a_cron(spec={"importsToKeep": 10})


def old(*days: float, size: str = "60Gi", **changes: Any) -> list[Manifest]:
    return [
        a_snapshot(
            f"fedora-{day}", metadata={"creationTimestamp": ago(days=day)}, status={"restoreSize": size}, **changes
        )
        for day in days
    ]


CURRENT = [KEPT, a_data_source(), a_snapshot(status={"restoreSize": "60Gi"})]


def test_what_old_images_take_by_class() -> None:
    claim = a_claim(
        "fedora-old",
        metadata={"creationTimestamp": ago(days=90)},
        status={"phase": "Bound", "capacity": {"storage": "40Gi"}},
    )
    finding = only_finding(CHECK, *CURRENT, *old(9, 16), claim, *old(30, size=""))
    assert finding.summary == (
        "4 old images that no DataSource stands for take up to 160 GiB and 1 of unknown size, "
        "120 GiB on VolumeSnapshotClass snapshots, 40 GiB on StorageClass fast"
    )
    assert (finding.observed, finding.expected) == ("160 GiB", "at most 100 GiB")
    assert finding.since == NOW - timedelta(days=9)
    assert [(fix.kind, fix.command) for fix in finding.fixes] == [
        ("none", ""),
        ("costs", f"kubectl delete datavolume,persistentvolumeclaim fedora-old -n {IMAGES} --ignore-not-found"),
        ("costs", f"kubectl delete volumesnapshot fedora-30 fedora-16 fedora-9 -n {IMAGES} --ignore-not-found"),
    ]


@pytest.mark.parametrize(
    "world",
    [
        pytest.param([*CURRENT, *old(9)], id="less than the limit"),
        pytest.param([*CURRENT, *old(0.5, 9)], id="one was superseded today"),
        pytest.param([KEPT, a_data_source(), *old(9, 16, size="")], id="of unknown size"),
        pytest.param([KEPT, a_data_source(), a_snapshot(status={"restoreSize": "900Gi"})], id="the newest one"),
    ],
)
def test_passes(world: list[Manifest]) -> None:
    assert status(CHECK, *world) == "pass"


def test_the_limit_can_be_changed() -> None:
    assert status(CHECK, *CURRENT, *old(9), policy=Policy(limits={CHECK.id: {"gib": 50}})) == "fail"


def test_a_command_names_a_few_of_many() -> None:
    costs = only_finding(CHECK, *CURRENT, *old(*range(2, 32))).fixes[1]
    assert costs.risk.startswith("Deletes 20 old images (up to 1200 GiB) for good; 10 more are left for another time")
    assert "fedora-31" in (costs.command or "")


def test_images_that_pile_up_explain_it() -> None:
    world = [a_cron(), *CURRENT[1:], *old(9, 16, 23)]
    report = evaluate_manifests([CHECK, old_images_pile_up], *world).report
    assert {f.check: f.root for f in report.findings} == {"old-images-pile-up": True, CHECK.id: False}
