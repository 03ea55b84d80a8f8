"""What the families about images say of small worlds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from exporter.cluster.resources import DATA_VOLUMES, VOLUME_SNAPSHOTS
from exporter.kube.contract import State
from tests.checks.references.consumers import a_clone, image
from tests.metrics.scraping import Samples, samples_of
from tests.worlds import IMAGES, NOW, a_cron, a_data_source, a_snapshot, ago

FEDORA = (IMAGES, "fedora")
GIB = 2**30
SNAPSHOT = a_snapshot(status={"restoreSize": "30Gi"}, metadata={"creationTimestamp": ago(days=8)})
OLD = a_snapshot("fedora-000000000000", status={"restoreSize": "10Gi"}, metadata={"creationTimestamp": ago(days=40)})


def disks(*generations: int) -> list[Any]:
    """Finished disks that were cloned from images that are gone: the higher, the older."""
    return [
        a_clone(
            f"disk-{place}",
            image(f"fedora-{n:012x}"),
            phase="Succeeded",
            metadata={"creationTimestamp": ago(days=60 + 30 * n)},
        )
        for place, n in enumerate(generations)
    ]


def at(days: float) -> float:
    return (NOW - timedelta(days=days)).timestamp()


CASES: list[tuple[str, str, list[Any], Samples]] = [
    ("info", "image_info", [a_cron(), a_data_source(), SNAPSHOT], {(*FEDORA, "snapshot", "fast"): 1}),
    ("no info of an image that is not there", "image_info", [a_cron(), a_data_source()], {}),
    ("size", "image_size_bytes", [a_data_source(), SNAPSHOT], {FEDORA: 30 * GIB}),
    ("no size", "image_size_bytes", [a_data_source(), a_snapshot()], {}),
    (
        "age",
        "image_imported_timestamp_seconds",
        [a_cron(), a_data_source(), SNAPSHOT, OLD],
        {(*FEDORA, "0"): at(9), (*FEDORA, "1"): at(40)},
    ),
    (
        "volumes of the fourth image before and of older ones are one",
        "image_volumes",
        [a_cron(), a_data_source(), SNAPSHOT, *disks(1, 2, 2, 3, 4, 5, 6)],
        {(*FEDORA, "0"): 0, (*FEDORA, "1"): 1, (*FEDORA, "2"): 2, (*FEDORA, "3"): 1, (*FEDORA, "4"): 3},
    ),
    ("no volumes of an image that is not there", "image_volumes", [a_data_source()], {}),
    ("old images", "old_image_bytes", [a_cron(), a_data_source(), SNAPSHOT, OLD], {FEDORA: 10 * GIB}),
    ("no old images", "old_image_bytes", [a_cron(), a_data_source(), SNAPSHOT], {FEDORA: 0}),
]


@pytest.mark.parametrize(("family", "world", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_images_of_a_datasource(family: str, world: list[Any], expected: Samples) -> None:
    assert samples_of(f"datasource_{family}", *world) == expected


def test_what_images_take_by_class() -> None:
    world = [a_cron(), a_data_source(), SNAPSHOT, OLD, a_snapshot("rhel6-1", cron="gone")]
    place = ("VolumeSnapshotClass", "snapshots")
    assert samples_of("stored_images", *world) == {
        (*place, "current"): 1,
        (*place, "old"): 1,
        (*place, "orphaned"): 1,
    }
    assert samples_of("stored_image_bytes", *world) == {
        (*place, "current"): 30 * GIB,
        (*place, "old"): 10 * GIB,
        (*place, "orphaned"): 0,
    }


def test_ages_without_volumes_are_known_and_generations_are_not() -> None:
    world, unknown = [a_cron(), a_data_source(), SNAPSHOT], {DATA_VOLUMES: State.FORBIDDEN}
    assert samples_of("datasource_image_size_bytes", *world, states=unknown) == {FEDORA: 30 * GIB}
    assert samples_of("datasource_image_volumes", *world, states=unknown) == {}
    assert samples_of("datasource_image_size_bytes", *world, states={VOLUME_SNAPSHOTS: State.FORBIDDEN}) == {}
