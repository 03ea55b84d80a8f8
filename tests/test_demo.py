"""The sample cluster: what is broken in it, and that it lives."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from exporter.checks.engine import Evaluation
from exporter.checks.evaluate import evaluate_cluster
from exporter.cluster.resource import Ref
from exporter.cluster.resources import DATA_IMPORT_CRONS, WATCHED
from exporter.demo.api import ObjectStore
from exporter.demo.life import Life
from exporter.demo.objects import IMAGES
from exporter.demo.sample import sample_objects
from exporter.demo.sources import HEALTHY
from exporter.joins.boot_images import image_generations
from tests.worlds import cluster

START = datetime(2026, 8, 21, 12, 2, tzinfo=UTC)


@pytest.fixture
def objects() -> ObjectStore:
    made = ObjectStore(WATCHED)
    for manifest in sample_objects(START):
        made.put(manifest)
    return made


def judged(objects: ObjectStore, now: datetime) -> Evaluation:
    everything = [o for r in objects.resources for o in objects.list_objects(r, "")[0]]
    return evaluate_cluster(cluster(*everything), now)


def roots(objects: ObjectStore, now: datetime) -> set[tuple[str, str]]:
    report = judged(objects, now).report
    return {(f.check, f.object.name) for f in report.findings if f.root and f.severity != "info"}


AT_FIRST = {
    ("digest-unknown", "corp-oracle9-image-cron"),
    ("source-claim-missing", "corp-gold-image-cron"),
    ("image-stream-import-failing", "rhel10-image-cron"),
    ("import-failing", "corp-alma9-a29d4cac3a4b"),
    ("machine-source-missing", "corp-ubuntu22"),
    ("multiple-virt-default-storage-classes", "ceph-rbd-fast"),
    ("polling-frozen", "fedora-image-cron"),
}


def test_at_first_just_the_planted_faults_are_found(objects: ObjectStore) -> None:
    assert roots(objects, START) == AT_FIRST


OLD = {
    ("boot-image-old", "corp-centos7"),
    ("boot-image-old", "win2k19"),
    ("boot-source-end-of-life", "corp-centos7"),
    ("storage-wasted-by-old-images", ""),
}


def test_old_images_are_found_at_first_and_later(objects: ObjectStore) -> None:
    for at in (START, live(objects, 19)):
        found = {(f.check, f.object.name) for f in judged(objects, at).report.findings}
        assert {pair for pair in found if pair[0] in {check for check, _ in OLD}} == OLD


def test_virtual_machines_run_from_images_that_are_gone(objects: ObjectStore) -> None:
    everything = [o for r in objects.resources for o in objects.list_objects(r, "")[0]]
    generations = cluster(*everything).join(image_generations)[Ref("DataSource", IMAGES, "fedora")]
    assert [(one.exists, one.volumes) for one in generations] == [(True, 1), (False, 1), (False, 2), (False, 1)]


def live(objects: ObjectStore, minutes: int) -> datetime:
    life, now = Life(objects, START), START
    for _ in range(minutes * 12):
        now += timedelta(seconds=5)
        life.tick(now)
    return now


def test_healthy_sources_are_polled_and_imported(objects: ObjectStore) -> None:
    now = live(objects, 19)
    crons = {o["metadata"]["name"]: o for o in objects.list_objects(DATA_IMPORT_CRONS, IMAGES)[0]}
    polled = {crons[f"{n}-image-cron"]["status"]["lastExecutionTimestamp"] for n in HEALTHY}
    assert polled == {"2026-08-21T12:20:00Z"}
    imported = [crons[f"{n}-image-cron"]["status"]["lastImportTimestamp"] for n in HEALTHY]
    assert all(at > "2026-08-21T12:02:00Z" for at in imported)
    assert judged(objects, now).crashed == {}


def test_an_incident_has_one_root_and_goes_away(objects: ObjectStore) -> None:
    broken = roots(objects, live(objects, 10))
    assert ("no-default-storage-class", "") in broken
    healed = ObjectStore(WATCHED)
    for manifest in sample_objects(START):
        healed.put(manifest)
    assert roots(healed, live(healed, 20)) == AT_FIRST
