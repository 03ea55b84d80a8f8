from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from exporter.checks.imports.image_being_rebuilt import image_being_rebuilt
from exporter.checks.imports.import_failing import import_failing
from exporter.checks.imports.import_outdated import import_outdated
from exporter.checks.polling import POLLING
from exporter.checks.storage import STORAGE
from tests.checks.imports.manifests import a_failing_volume, a_first_import, outdated_conditions
from tests.checks.storage.assertions import cause_ids, only_finding, summarize
from tests.worlds import NOW, Manifest, a_cron, a_data_source, a_storage_class, ago, merge, status

CHECK = image_being_rebuilt
WAITING = a_data_source(ready=False)


def fresh(**changes: Any) -> Manifest:
    return merge(a_first_import(hours=2), changes)


@pytest.mark.parametrize(
    "world",
    [
        pytest.param([a_cron(), WAITING], id="it has imported before"),
        pytest.param([fresh(), a_data_source()], id="the DataSource is ready all the same"),
        pytest.param([fresh(spec={"retentionPolicy": "All"}), WAITING], id="retention All leaves the old image"),
        pytest.param([fresh(spec={"schedule": ""}), WAITING], id="nobody polls it by design"),
        pytest.param([a_first_import(minutes=4), WAITING], id="made minutes ago"),
    ],
)
def test_passes(world: list[Manifest]) -> None:
    assert status(CHECK, *world) == "pass"


@pytest.mark.parametrize(
    ("minutes", "severity"),
    [(6, "info"), (59, "info"), (61, "warning"), (239, "warning"), (241, "critical")],
)
def test_the_longer_the_worse(minutes: int, severity: str) -> None:
    finding = only_finding(CHECK, a_first_import(minutes=minutes), WAITING)
    assert finding.summary == "Boot source fedora has no image since DataImportCron fedora-image-cron was made"
    assert summarize(finding) == (
        severity,
        "DataImportCron fedora-image-cron",
        "status.lastImportedPVC",
        "absent",
        "a first import, and a DataSource that is ready",
    )
    assert finding.since == NOW - timedelta(minutes=minutes)


def test_a_data_source_that_is_not_there_is_not_ready() -> None:
    assert status(CHECK, fresh()) == "fail"


NO_DIGEST = merge(
    fresh(), {"status": {"currentImports": [], "conditions": outdated_conditions("NoDigest")["conditions"]}}
)


@pytest.mark.parametrize(
    ("world", "expected"),
    [
        pytest.param([a_first_import(minutes=20)], set(), id="a first import that runs is a root, and a hint"),
        pytest.param([fresh()], {"import-outdated"}, id="the import takes too long"),
        pytest.param(
            [fresh(), a_failing_volume("ImportInProgress", restarts=9)],
            {"import-failing", "import-outdated"},
            id="it fails",
        ),
        pytest.param([NO_DIGEST], {"digest-unknown"}, id="never polled"),
        pytest.param([fresh(status={"conditions": []})], {"cron-never-reconciled"}, id="CDI has never written it"),
    ],
)
def test_causes(world: list[Manifest], expected: set[str]) -> None:
    above = (*STORAGE, *POLLING, import_failing, import_outdated)
    assert cause_ids(above, CHECK, *world, WAITING, a_storage_class(virt="true")) == expected


def test_the_age_of_the_cron_counts() -> None:
    old = fresh(metadata={"creationTimestamp": ago(days=9)})
    assert only_finding(CHECK, old, WAITING).since == NOW - timedelta(days=9)
