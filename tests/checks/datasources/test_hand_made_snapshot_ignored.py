from __future__ import annotations

import pytest

from exporter.checks.datasources.hand_made_snapshot_ignored import hand_made_snapshot_ignored
from tests.checks.datasources.sources import a_placeholder
from tests.checks.storage.assertions import only_finding, summarize
from tests.worlds import IMAGES, SSP_OWNED, Manifest, a_cron, a_data_source, a_snapshot, an_ssp, merge, status

CHECK = hand_made_snapshot_ignored
HAND = a_snapshot("win11", cron="")
POINTS = merge(
    a_data_source("win11", cron=""),
    {
        "metadata": {"annotations": SSP_OWNED},
        "spec": {"source": {"snapshot": {"name": "golden", "namespace": IMAGES}, "pvc": None}},
    },
)


@pytest.mark.parametrize(
    "world",
    [
        pytest.param([an_ssp(), a_placeholder("win11")], id="nothing beside the placeholder"),
        pytest.param([an_ssp(), a_placeholder("win11"), a_snapshot("win11")], id="a snapshot of a cron"),
        pytest.param([a_placeholder("win11"), HAND], id="no SSP resets it"),
        pytest.param([an_ssp(), a_data_source(), a_cron(), a_snapshot()], id="with a cron"),
        pytest.param([an_ssp(), merge(POINTS, {"metadata": {"annotations": None}})], id="one's own DataSource"),
        pytest.param(
            [an_ssp(), POINTS, a_cron("win11-image-cron", managed="win11")], id="a cron will take it over, label or not"
        ),
    ],
)
def test_passes(world: list[Manifest]) -> None:
    assert status(CHECK, *world) == "pass"


def test_a_snapshot_beside_a_placeholder_is_not_used() -> None:
    found = only_finding(CHECK, an_ssp(), a_placeholder("win11"), HAND)
    assert summarize(found)[:3] == ("warning", "DataSource win11", "spec.source")
    assert "the snapshot win11 beside it is not used" in found.summary


def test_a_snapshot_that_it_points_at_will_not_stay() -> None:
    found = only_finding(CHECK, an_ssp(), POINTS)
    assert found.observed == "golden"
    assert "until SSP puts a claim of its own name there" in found.summary
