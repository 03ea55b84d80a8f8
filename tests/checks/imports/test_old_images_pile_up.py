from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from exporter.checks.imports.old_images_pile_up import old_images_pile_up
from tests.checks.imports.manifests import VOLUME, an_importing_cron, pvc_cron
from tests.checks.storage.assertions import fix_command, only_finding, summarize
from tests.worlds import IMAGES, NOW, Manifest, a_claim, a_cron, a_data_source, a_snapshot, ago, status

CHECK = old_images_pile_up


def older(*days: float) -> list[Manifest]:
    return [a_snapshot(f"fedora-{d}", metadata={"creationTimestamp": ago(days=d)}) for d in days]


def deleted(**span: float) -> Manifest:
    return a_snapshot("fedora-leaving", metadata={"deletionTimestamp": ago(**span), "creationTimestamp": ago(days=90)})


def keeping(number: int | None, collect: str = "Outdated") -> Manifest:
    return a_cron(spec={"importsToKeep": number, "garbageCollect": collect})


CURRENT = a_snapshot(metadata={"creationTimestamp": ago(days=2)})
NEWEST = a_snapshot(metadata={"creationTimestamp": ago(hours=23)})


@pytest.mark.parametrize(
    "world",
    [
        pytest.param([a_cron(), CURRENT], id="one"),
        pytest.param([keeping(3), CURRENT, *older(9, 16)], id="as many as it keeps"),
        pytest.param([keeping(None), CURRENT, *older(9, 16)], id="three if it does not say"),
        pytest.param([a_cron(), NEWEST, *older(9)], id="superseded within a day"),
        pytest.param([a_cron(), CURRENT, deleted(hours=1)], id="deleted an hour ago, and something holds it"),
        pytest.param([a_cron(), CURRENT, a_claim()], id="a claim beside a snapshot: kinds count apart"),
        pytest.param(
            [
                pvc_cron(status=an_importing_cron()["status"]),
                a_claim(metadata={"creationTimestamp": ago(days=2)}),
                a_claim("fedora-9"),
            ],
            id="the newest is not finished, so the one before it stays",
        ),
        pytest.param([a_cron(), CURRENT, a_snapshot("b", cron="other")], id="of another cron"),
        pytest.param([keeping(0), CURRENT], id="keeping none is another finding"),
    ],
)
def test_passes(world: list[Manifest]) -> None:
    assert status(CHECK, *world) == "pass"


def test_the_oldest_beyond_the_limit_are_named_in_the_fix() -> None:
    finding = only_finding(CHECK, keeping(2, "Never"), CURRENT, *older(9, 16, 23))
    assert finding.summary == (
        "4 snapshots of DataImportCron fedora-image-cron are kept instead of 2; garbageCollect is Never"
    )
    assert summarize(finding) == (
        "warning",
        "DataImportCron fedora-image-cron",
        "spec.garbageCollect",
        "4 snapshots, the oldest fedora-23",
        "at most 2",
    )
    assert finding.since == NOW - timedelta(days=9)
    assert fix_command(finding) == f"kubectl delete volumesnapshot fedora-16 fedora-23 -n {IMAGES} --ignore-not-found"


def test_a_new_image_every_day_does_not_hide_the_pile() -> None:
    assert only_finding(CHECK, a_cron(), NEWEST, *older(1.5, 9)).since == NOW - timedelta(days=1.5)


def test_claims_go_together_with_their_data_volumes() -> None:
    claims = [a_claim(f"fedora-{d}", metadata={"creationTimestamp": ago(days=d)}) for d in (9, 16)]
    finding = only_finding(CHECK, pvc_cron(), *claims)
    assert (finding.field, finding.observed) == ("spec.importsToKeep", "2 claims, the oldest fedora-16")
    assert fix_command(finding) == (
        f"kubectl delete datavolume,persistentvolumeclaim fedora-16 -n {IMAGES} --ignore-not-found"
    )


def test_the_last_use_decides_which_is_the_oldest() -> None:
    used: dict[str, Any] = {"annotations": {"cdi.kubevirt.io/storage.import.lastUseTime": ago(days=3)}}
    finding = only_finding(CHECK, a_cron(), a_snapshot("a", metadata=used), a_snapshot("b"))
    assert "delete volumesnapshot b -n" in fix_command(finding)


def test_what_a_data_source_uses_is_not_in_the_fix() -> None:
    source = a_data_source(spec={"source": {"snapshot": {"name": "fedora-9"}}})
    assert only_finding(CHECK, a_cron(), CURRENT, *older(9), source).fix is None


def test_a_deletion_that_hangs_for_days_counts_and_needs_no_second_one() -> None:
    finding = only_finding(CHECK, a_cron(), CURRENT, deleted(days=3))
    assert (finding.observed, finding.fix) == ("2 snapshots, the oldest fedora-leaving", None)
    assert VOLUME not in finding.observed
