"""What the cluster tells of the image that the next virtual machine boots, and of those before it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from exporter.cluster.resource import Ref
from exporter.joins.boot_images import StoredBytes, boot_images, image_generations, old_images, stored_bytes
from exporter.joins.image_facts import (
    Evidence,
    Fact,
    ImageFacts,
    ImageGeneration,
    count_volumes_older,
)
from exporter.joins.operating_systems import System
from tests.checks.datasources.sources import a_source, claim
from tests.checks.references.consumers import a_clone, image, owned_by
from tests.worlds import (
    IMAGES,
    NOW,
    Manifest,
    a_claim,
    a_cron,
    a_data_source,
    a_snapshot,
    ago,
    cluster,
    condition,
    merge,
)

FEDORA = Ref("DataSource", IMAGES, "fedora")
CRON = Ref("DataImportCron", IMAGES, "fedora-image-cron")
GIB = 2**30


def made(days: float, **changes: Any) -> Manifest:
    """Metadata of an object of this age."""
    return merge({"metadata": {"creationTimestamp": ago(days=days)}}, changes)


def bound(size: str) -> Manifest:
    return {"status": {"phase": "Bound", "capacity": {"storage": size}}}


def a_disk(name: str, of: str, days: float, **source: Any) -> Manifest:
    """A finished disk of a virtual machine that was cloned from this image so long ago."""
    body = source or image(of)
    return a_clone(name, body, phase="Succeeded", **merge(owned_by("web-1"), made(days)))


def facts(*manifests: Manifest, ref: Ref = FEDORA) -> ImageFacts:
    return cluster(*manifests).join(boot_images)[ref]


def generations(*manifests: Manifest) -> tuple[ImageGeneration, ...]:
    return cluster(*manifests).join(image_generations)[FEDORA]


SNAPSHOT = a_snapshot(**made(8, status={"restoreSize": "32212254720"}))


def test_an_image_of_a_cron_has_identity_age_and_size() -> None:
    found = facts(a_cron(), a_data_source(), SNAPSHOT, a_snapshot("fedora-000000000000", **made(40)))
    assert found == ImageFacts(
        data_source=FEDORA,
        cron=CRON,
        image=Ref("VolumeSnapshot", IMAGES, "fedora-0123456789ab"),
        seen=True,
        system=Fact(System("Fedora", ""), Evidence.NAME),
        digest=Fact("sha256:0123456789ab", Evidence.CDI),
        imported=Fact(NOW - timedelta(days=9), Evidence.CDI),
        first_import=Fact(NOW - timedelta(days=40), Evidence.VOLUME),
        size=Fact(30 * GIB, Evidence.VOLUME),
        storage_class=Fact("fast", Evidence.CDI),
        proven_newest=Fact(NOW - timedelta(minutes=19), Evidence.CDI, NOW - timedelta(minutes=19)),
        old=found.old,
    )
    assert [old.ref.name for old in found.old] == ["fedora-000000000000"]
    assert found.format == "snapshot"


def test_an_uploaded_image_is_as_old_as_its_volume() -> None:
    found = facts(
        a_source("win11", claim("windows-2024")),
        a_claim("windows-2024", cron="", **made(700), **bound("64Gi")),
        ref=Ref("DataSource", IMAGES, "win11"),
    )
    assert (found.cron, found.digest, found.format) == (None, None, "pvc")
    assert found.imported == Fact(NOW - timedelta(days=700), Evidence.VOLUME)
    assert found.size == Fact(64 * GIB, Evidence.VOLUME)
    assert found.storage_class == Fact("fast", Evidence.VOLUME)


def test_an_image_that_is_not_seen_has_no_size_and_no_age() -> None:
    found = facts(a_source("fedora", claim("nowhere")))
    assert (found.seen, found.imported, found.size, found.storage_class) == (False, None, None, None)


def test_the_name_tells_the_digest_where_the_cron_has_moved_on() -> None:
    newer = {"currentImports": [{"DataVolumeName": "fedora-ffffffffffff", "Digest": "sha256:ffff"}]}
    assert facts(a_cron(status=newer), a_data_source(), SNAPSHOT).digest == Fact("0123456789ab", Evidence.NAME)


def test_a_pointer_stands_for_what_cdi_has_resolved() -> None:
    there = {"snapshot": {"name": "fedora-0123456789ab", "namespace": IMAGES}}
    pointer = a_data_source("any", cron="", spec={"source": {"snapshot": None, "dataSource": {"name": "fedora"}}})
    found = facts(merge(pointer, {"status": {"source": there}}), SNAPSHOT, ref=Ref("DataSource", IMAGES, "any"))
    assert found.image == Ref("VolumeSnapshot", IMAGES, "fedora-0123456789ab")


@pytest.mark.parametrize("quantity", ["", "-5Gi", "much", "0"])
def test_a_size_that_is_none_is_not_known(quantity: str) -> None:
    assert facts(a_data_source(), a_snapshot(status={"restoreSize": quantity})).size is None


def test_outdated_images_were_proven_newest_until_then() -> None:
    outdated = condition("UpToDate", "False", "Outdated", days=4)
    at = NOW - timedelta(days=4)
    assert facts(a_cron(status={"conditions": [outdated]}), a_data_source()).proven_newest == Fact(at, Evidence.CDI, at)


def test_generations_are_known_by_their_volumes_and_by_their_clones() -> None:
    found = generations(
        a_cron(),
        a_data_source(),
        SNAPSHOT,
        a_snapshot("fedora-bbbbbbbbbbbb", **made(40)),
        a_disk("a", "fedora-0123456789ab", 2),
        a_disk("b", "fedora-cccccccccccc", 100),
        a_disk("c", "fedora-cccccccccccc", 300),
        a_disk("d", "fedora-cccccccccccc", 300),
        a_disk("e", "fedora-bbbbbbbbbbbb", 30),
    )
    assert [(g.name, g.evidence, g.exists, g.volumes) for g in found] == [
        ("fedora-0123456789ab", Evidence.CDI, True, 1),
        ("fedora-bbbbbbbbbbbb", Evidence.VOLUME, True, 1),
        ("fedora-cccccccccccc", Evidence.CLONES, False, 3),
    ]
    first = found[2].made
    assert first is not None
    assert timedelta(days=272) <= NOW - first <= timedelta(days=300)
    assert count_volumes_older(found, NOW - timedelta(days=90)) == 3
    assert count_volumes_older(found, NOW - timedelta(days=35)) == 4


def test_an_image_that_is_being_imported_is_no_generation_yet() -> None:
    importing = {"currentImports": [{"DataVolumeName": "fedora-ffffffffffff", "Digest": "sha256:ffff"}]}
    found = generations(a_cron(status=importing), a_data_source(), SNAPSHOT, a_claim("fedora-ffffffffffff"))
    assert [g.name for g in found] == ["fedora-0123456789ab"]


def test_clones_of_the_claim_and_of_the_snapshot_are_of_one_image() -> None:
    snapshot = {"source": {"snapshot": {"name": "fedora-0123456789ab", "namespace": IMAGES}}}
    found = generations(a_data_source(), a_disk("a", "fedora-0123456789ab", 1), a_disk("b", "", 2, **snapshot))
    assert [g.volumes for g in found] == [2]


def test_the_oldest_of_many_generations_are_one() -> None:
    disks = [a_disk(f"d{n}", f"fedora-{n:012x}", 20 * n + 20) for n in range(30)]
    found = generations(a_cron(), a_data_source(), SNAPSHOT, *disks)
    assert len(found) == 12
    assert (found[-1].name, found[-1].images, found[-1].volumes) == ("", 20, 20)
    assert sum(g.volumes for g in found) == 30


@pytest.mark.parametrize(
    ("world", "old"),
    [
        pytest.param([a_cron(), a_data_source(), SNAPSHOT], [], id="the newest"),
        pytest.param([a_cron(), SNAPSHOT], [], id="the newest, and no DataSource has it"),
        pytest.param([a_cron(), a_snapshot("fedora-1")], ["fedora-1"], id="one before"),
        pytest.param([a_snapshot("s", cron="gone")], ["s"], id="of a cron that is gone"),
        pytest.param([a_data_source(cron=""), a_snapshot(cron="gone")], [], id="in use though its cron is gone"),
        pytest.param([a_cron(), a_snapshot("s", metadata={"deletionTimestamp": ago(hours=1)})], [], id="being deleted"),
        pytest.param([merge(a_cron(), {"spec": 7}), a_snapshot("s")], [], id="its cron cannot be read"),
        pytest.param([a_claim("mine", cron="")], [], id="somebody's volume"),
    ],
)
def test_old_images_are_those_that_nothing_boots(world: list[Manifest], old: list[str]) -> None:
    found = cluster(*world).join(old_images)
    assert [image.ref.name for images in found.values() for image in images] == old


def test_what_images_take_by_class_and_state() -> None:
    found = cluster(
        a_cron(),
        a_data_source(),
        SNAPSHOT,
        a_snapshot("fedora-1", status={"restoreSize": "10Gi"}),
        a_snapshot("fedora-2"),
        a_claim("gone-1", cron="gone", **bound("5Gi")),
        a_source("win11", claim("windows-2024")),
        a_claim("windows-2024", cron="", **bound("64Gi")),
    ).join(stored_bytes)
    snapshots, fast = Ref("VolumeSnapshotClass", "", "snapshots"), Ref("StorageClass", "", "fast")
    assert found == {
        (snapshots, "current"): StoredBytes(1, 30 * GIB, 0),
        (snapshots, "old"): StoredBytes(2, 10 * GIB, 1),
        (fast, "orphaned"): StoredBytes(1, 5 * GIB, 0),
        (fast, "current"): StoredBytes(1, 64 * GIB, 0),
    }
