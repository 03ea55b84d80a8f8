"""What the page of a boot source says of its image, and of those before it."""

from __future__ import annotations

import re

import pytest

from exporter.base.sizes import format_gib
from exporter.checks.evaluate import evaluate_cluster
from tests.boot_sources.test_image_facts import WORLD
from tests.web.pages import page
from tests.worlds import IMAGES, NOW, Manifest, a_cron, a_data_source, cluster


def words(*manifests: Manifest) -> str:
    frozen = cluster(*manifests)
    shown = page(evaluate_cluster(frozen, NOW).report, f"/boot-sources/{IMAGES}/fedora", frozen=frozen).text
    return re.sub(r"\s+", " ", shown)


def test_each_fact_says_where_it_is_known_from() -> None:
    text = words(*WORLD)
    for part in (
        "Fedora 40 (a label says so)",
        "ended 464 days ago by the exporter's table of 2025-08",
        "9 days ago (the DataImportCron says so)",
        "sha256:0123456789ab (the DataImportCron says so)",
        "30 GiB (its volume says so)",
        "1 image that nothing boots any more, 10 GiB",
        "fedora-000000000000exists40 days ago (its volume says so)1 disk",
    ):
        assert part in text


def test_an_image_that_is_not_there_has_no_facts() -> None:
    text = words(a_cron(), a_data_source())
    assert "GiB" not in text
    assert "Cloned from it" not in text


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 GiB"), (2**30, "1 GiB"), (400 * 2**20, "0.4 GiB"), (120 * 2**30 + 1, "120 GiB")]
)
def test_sizes(size: int, text: str) -> None:
    assert format_gib(size) == text
