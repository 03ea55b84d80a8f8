"""What the document says of images: facts, and where each is known from."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from exporter.boot_sources.builder import build_boot_sources
from exporter.boot_sources.document import BootSource, to_json
from exporter.cluster.resources import DATA_VOLUMES
from exporter.kube.contract import State
from exporter.schedule.timetable import Timetable
from tests.checks.references.consumers import a_clone, image
from tests.worlds import NOW, Manifest, a_cron, a_data_source, a_snapshot, ago, cluster

PREFERENCE = {"metadata": {"labels": {"instancetype.kubevirt.io/default-preference": "fedora.40"}}}
WORLD: list[Manifest] = [
    a_cron(),
    a_data_source(**PREFERENCE),  # type: ignore[arg-type]
    a_snapshot(status={"restoreSize": "30Gi"}, metadata={"creationTimestamp": ago(days=2)}),
    a_snapshot("fedora-000000000000", status={"restoreSize": "10Gi"}, metadata={"creationTimestamp": ago(days=40)}),
    a_clone("web-1-root", image("fedora-000000000000"), phase="Succeeded"),
]


def built(*manifests: Manifest, **options: Any) -> BootSource:
    (one,) = build_boot_sources(cluster(*manifests, **options), None, NOW, Timetable()).boot_sources
    return one


def test_facts_say_where_they_are_known_from() -> None:
    facts = json.loads(to_json(build_boot_sources(cluster(*WORLD), None, NOW, Timetable())))["bootSources"][0][
        "imageFacts"
    ]
    imported = (NOW - timedelta(days=9)).strftime("%Y-%m-%dT%H:%M:%SZ")
    older = (NOW - timedelta(days=40)).strftime("%Y-%m-%dT%H:%M:%SZ")
    polled = (NOW - timedelta(minutes=19)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert facts == {
        "digest": {"value": "sha256:0123456789ab", "evidence": "cdi", "asOf": None},
        "imported": {"value": imported, "evidence": "cdi", "asOf": None},
        "firstImport": {"value": older, "evidence": "volume", "asOf": None},
        "sizeBytes": {"value": 30 * 2**30, "evidence": "volume", "asOf": None},
        "storageClass": {"value": "fast", "evidence": "cdi", "asOf": None},
        "operatingSystem": {"value": "Fedora 40", "evidence": "label", "asOf": None},
        "maintenance": {"ends": "2025-05-14T00:00:00Z", "compiled": "2025-08-01"},
        "provenNewest": {"value": polled, "evidence": "cdi", "asOf": polled},
        "oldImages": 1,
        "oldImageBytes": 10 * 2**30,
        "generations": [
            {
                "name": "fedora-0123456789ab",
                "made": imported,
                "evidence": "cdi",
                "exists": True,
                "images": 1,
                "volumes": 0,
            },
            {
                "name": "fedora-000000000000",
                "made": older,
                "evidence": "volume",
                "exists": True,
                "images": 1,
                "volumes": 1,
            },
        ],
    }


def test_the_row_is_as_old_as_the_image_and_not_as_its_volume() -> None:
    one = built(*WORLD)
    assert one.row.imported == NOW - timedelta(days=9)
    assert one.row.os == "Fedora 40"


def test_generations_are_not_known_without_data_volumes() -> None:
    facts = built(*WORLD[:3], states={DATA_VOLUMES: State.FORBIDDEN}).image_facts
    assert facts is not None
    assert facts.generations is None
    assert facts.size_bytes is not None


def test_nothing_is_known_of_an_image_that_is_not_there() -> None:
    assert built(a_cron(), a_data_source()).image_facts is None
