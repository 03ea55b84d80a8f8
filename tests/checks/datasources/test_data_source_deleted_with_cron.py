from __future__ import annotations

from typing import Any

import pytest

from exporter.checks.datasources.data_source_deleted_with_cron import data_source_deleted_with_cron
from tests.checks.datasources.sources import a_source, claim
from tests.checks.storage.assertions import only_finding, summarize
from tests.worlds import SSP_OWNED, Manifest, a_cron, a_data_source, status

CHECK = data_source_deleted_with_cron
CRON = "cdi.kubevirt.io/dataImportCron"
BOTH: Manifest = {CRON: "fedora-image-cron", f"{CRON}.cleanup": "true"}


def a_users(labels: Manifest, **changes: Any) -> Manifest:
    return a_source("office-base", claim("fedora-0123456789ab"), metadata={"labels": labels, **changes})


@pytest.mark.parametrize(
    "world",
    [
        pytest.param([a_cron(), a_data_source()], id="the cron manages it"),
        pytest.param([a_cron(), a_users({CRON: "fedora-image-cron"})], id="retention All: only the cron's label"),
        pytest.param([a_cron(), a_users({**BOTH, f"{CRON}.cleanup": "false"})], id="clean-up is false"),
        pytest.param([a_cron(), a_users({f"{CRON}.cleanup": "true"})], id="only the clean-up label"),
        pytest.param([a_users(BOTH)], id="the cron is gone already"),
        pytest.param([a_cron(), a_users(BOTH, annotations=SSP_OWNED)], id="SSP makes it anew"),
    ],
)
def test_passes(world: list[Manifest]) -> None:
    assert status(CHECK, *world) == "pass"


def test_a_users_datasource_with_both_labels_fails() -> None:
    finding = only_finding(CHECK, a_cron(), a_users(BOTH))
    assert finding.summary == (
        "DataSource office-base will be deleted together with DataImportCron fedora-image-cron: "
        "it stands for fedora-0123456789ab, an image of that cron"
    )
    assert summarize(finding) == (
        "warning",
        "DataSource office-base",
        f"metadata.labels[{CRON}.cleanup]",
        f"true, with {CRON}=fedora-image-cron, which manages fedora",
        "neither label on a DataSource that no cron manages",
    )
    # Removing the labels does not last, and a clone needs a name of the user's choice.
    assert finding.fix is None
    assert finding.root


def test_one_that_stands_for_nothing_goes_all_the_same() -> None:
    finding = only_finding(CHECK, a_cron(), a_source("office-base", metadata={"labels": BOTH}))
    assert finding.summary.endswith("together with DataImportCron fedora-image-cron")
