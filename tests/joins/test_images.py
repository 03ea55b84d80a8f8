"""Where images live, and who uses them."""

from __future__ import annotations

from exporter.cluster.resource import Ref
from exporter.joins.images import image_users, images_by_cron, imports
from tests.worlds import IMAGES, Manifest, a_claim, a_cron, a_data_source, a_data_volume, a_snapshot, cluster


def test_images_are_found_by_the_label_of_their_cron_whether_it_exists_or_not() -> None:
    found = cluster(a_snapshot("s", cron="gone"), a_claim("c", cron="gone"), a_claim("mine", cron="")).join(
        images_by_cron
    )
    assert {cron: [image.ref for image in images] for cron, images in found.items()} == {
        Ref("DataImportCron", IMAGES, "gone"): [
            Ref("PersistentVolumeClaim", IMAGES, "c"),
            Ref("VolumeSnapshot", IMAGES, "s"),
        ]
    }


def test_the_claims_that_cdi_works_with_are_no_images() -> None:
    assert cluster(a_claim("prime-1234"), a_claim("fedora-1-scratch")).join(images_by_cron) == {}


def test_the_last_use_is_the_annotation_else_the_creation() -> None:
    used: Manifest = {
        "metadata": {"annotations": {"cdi.kubevirt.io/storage.import.lastUseTime": "2026-08-20T12:00:00.000000001Z"}}
    }
    marked, plain = cluster(a_snapshot("a", **used), a_snapshot("b")).join(images_by_cron)[
        Ref("DataImportCron", IMAGES, "fedora-image-cron")
    ]
    assert marked.last_use is not None
    assert marked.last_use.isoformat() == "2026-08-20T12:00:00+00:00"
    assert plain.last_use == plain.metadata.creation_timestamp


def test_users_are_data_sources_and_an_empty_namespace_is_their_own() -> None:
    source: Manifest = {"spec": {"source": {"snapshot": None, "pvc": {"name": "c"}}}}
    assert cluster(a_data_source("x"), a_data_source("y", **source)).join(image_users) == {
        Ref("VolumeSnapshot", IMAGES, "x-0123456789ab"): (Ref("DataSource", IMAGES, "x"),),
        Ref("PersistentVolumeClaim", IMAGES, "c"): (Ref("DataSource", IMAGES, "y"),),
    }


def test_an_import_is_the_data_volume_of_the_newest_digest_only() -> None:
    older = a_data_volume("fedora-older")
    found = cluster(a_cron(), a_cron("idle", managed="idle"), a_data_volume(phase="Pending"), older).join(imports)
    assert [(ref, each.cron.metadata.name, each.volume.phase) for ref, each in found.items()] == [
        (Ref("DataVolume", IMAGES, "fedora-0123456789ab"), "fedora-image-cron", "Pending")
    ]
