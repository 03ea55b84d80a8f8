from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from exporter.checks.imports.source_on_wrong_storage_class import source_on_wrong_storage_class
from exporter.checks.storage import STORAGE
from tests.checks.imports.manifests import VOLUME
from tests.checks.storage.assertions import advice_of, cause_ids, costs_of, only_finding, summarize
from tests.worlds import (
    IMAGES,
    NOW,
    Manifest,
    a_cdi,
    a_claim,
    a_cron,
    a_snapshot,
    a_storage_class,
    ago,
    evaluate_manifests,
    status,
)

CHECK = source_on_wrong_storage_class
NOTE = "cdi.kubevirt.io/storage.import.storageClass"
FAST = a_storage_class(virt="true")
NEW = a_storage_class("new", virt="true")


def aged(name: str, **span: float) -> Manifest:
    return a_storage_class(name, virt="true", metadata={"creationTimestamp": ago(**span)})


def noting(name: str | None, **changes: Any) -> Manifest:
    return a_cron(metadata={"annotations": {NOTE: name}}, **changes)


@pytest.mark.parametrize(
    "world",
    [
        pytest.param([a_cron(), FAST], id="on the default"),
        pytest.param([noting(None), FAST], id="not noted yet"),
        pytest.param([a_cron()], id="no default at all is another finding"),
        pytest.param([a_cron(), aged("new", minutes=14)], id="the new default is minutes old"),
        pytest.param([a_cron(), FAST, a_claim()], id="the claim is there too"),
        pytest.param(
            [a_cron(), a_storage_class(default="true"), NEW, a_cdi("v1.57.1")],
            id="old CDI does not see the virt default",
        ),
    ],
)
def test_passes(world: list[Manifest]) -> None:
    assert status(CHECK, *world) == "pass"


def test_an_image_on_the_old_class_stays_where_cdi_does_not_move_it() -> None:
    finding = only_finding(CHECK, a_cron(), NEW, a_cdi("v1.57.1"), a_storage_class("new", default="true"))
    assert finding.summary == "The image of DataImportCron fedora-image-cron is on StorageClass fast instead of new"
    assert summarize(finding) == (
        "warning",
        "DataImportCron fedora-image-cron",
        f"metadata.annotations[{NOTE}]",
        "fast",
        "new",
    )
    assert finding.since is None
    assert finding.fix is None
    assert "The next newer image goes to new by itself" in advice_of(finding)


def test_cdi_that_moves_images_is_made_to_and_nothing_is_deleted_by_hand() -> None:
    ((command, cost),) = costs_of(only_finding(CHECK, a_cron(), NEW, a_cdi("v1.66.0"), a_snapshot()))
    assert command.startswith("kubectl rollout restart deployment/cdi-deployment")
    assert "imports it again to new (30 GiB)" in cost


def test_a_deletion_that_hangs_is_named_with_its_finalizer_and_age() -> None:
    held = a_snapshot(metadata={"deletionTimestamp": ago(days=3), "finalizers": ["example.com/protect"]})
    finding = only_finding(CHECK, a_cron(), NEW, held)
    assert finding.summary.endswith(
        f"VolumeSnapshot {IMAGES}/{VOLUME} is being deleted, held by finalizer example.com/protect"
    )
    assert finding.since == NOW - timedelta(days=3)
    assert finding.fix is None


def test_a_deletion_that_has_just_begun_waits() -> None:
    leaving = a_snapshot(metadata={"deletionTimestamp": ago(minutes=3)})
    assert status(CHECK, a_cron(), NEW, leaving) == "pass"


def test_the_claim_may_lie_elsewhere_than_the_note_says() -> None:
    finding = only_finding(CHECK, a_cron(), FAST, a_claim(spec={"storageClassName": "gp3"}))
    assert (finding.field, finding.observed, finding.expected) == ("spec.storageClassName of the claim", "gp3", "fast")


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        pytest.param(
            "v1.60.3", {"multiple-virt-default-storage-classes"}, id="old CDI does not follow a newer default"
        ),
        pytest.param("v1.61.1", set(), id="new CDI follows, so two defaults explain nothing"),
    ],
)
def test_two_defaults_explain_it_where_cdi_does_not_move_images(version: str, expected: set[str]) -> None:
    world = (a_cron(), FAST, aged("new", days=2), a_cdi(version))
    assert cause_ids(STORAGE, CHECK, *world) == expected


def test_each_cron_is_judged() -> None:
    report = evaluate_manifests(CHECK, a_cron(), a_cron("b", managed="b"), NEW).report
    assert [f.object.name for f in report.findings] == ["new", "b", "fedora-image-cron"]
    of_all, *own = report.findings
    assert of_all.root
    assert of_all.summary == (
        "The default StorageClass is new, and the images of all 2 boot sources without a class of their own are "
        "elsewhere (b, fedora-image-cron)"
    )
    assert all(f.caused_by == (of_all.fingerprint,) for f in own)
