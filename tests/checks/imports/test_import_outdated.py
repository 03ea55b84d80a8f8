from __future__ import annotations

from datetime import timedelta

import pytest

from exporter.checks.imports import IMPORTS
from exporter.checks.imports.import_outdated import import_outdated
from exporter.checks.storage import STORAGE
from tests.checks.imports.manifests import (
    a_failing_volume,
    a_first_import,
    an_importing_cron,
    outdated_conditions,
    running,
)
from tests.checks.storage.assertions import cause_ids, only_finding, summarize
from tests.worlds import (
    NOW,
    Manifest,
    a_claim,
    a_cron,
    a_data_volume,
    a_snapshot_class,
    a_storage_class,
    a_storage_profile,
    ago,
    condition,
    status,
)

CHECK = import_outdated
DEFAULT = a_storage_class(virt="true")


@pytest.mark.parametrize(
    "cron",
    [
        pytest.param(a_cron(), id="up to date"),
        pytest.param(an_importing_cron(minutes=29), id="importing for less than half an hour"),
        pytest.param(
            a_cron(status=outdated_conditions("NoDigest", "No source digest", days=9)),
            id="no digest is another finding",
        ),
        pytest.param(
            a_cron(status=outdated_conditions("NoDigest", days=9), spec={"schedule": ""}),
            id="no digest and no schedule is by design",
        ),
        pytest.param(
            a_cron(status=outdated_conditions(), metadata={"deletionTimestamp": ago(hours=1)}), id="the cron goes"
        ),
    ],
)
def test_passes(cron: Manifest) -> None:
    assert status(CHECK, cron) == "pass"


@pytest.mark.parametrize(
    "conditions",
    [
        pytest.param([], id="CDI has not said"),
        pytest.param([condition("UpToDate", "Unknown", "")], id="CDI does not know"),
    ],
)
def test_what_cdi_has_not_said_is_unknown(conditions: list[Manifest]) -> None:
    assert status(CHECK, a_cron(status={"conditions": conditions})) == "unknown"


def test_the_age_is_that_of_the_last_success() -> None:
    finding = only_finding(CHECK, an_importing_cron(hours=5))
    assert finding.summary == "DataImportCron fedora-image-cron is out of date: Import is progressing"
    assert summarize(finding) == (
        "warning",
        "DataImportCron fedora-image-cron",
        "status.conditions[type=UpToDate]",
        "False ImportProgressing: Import is progressing",
        "True within 30 minutes of a newer digest",
    )
    assert finding.since == NOW - timedelta(hours=5)
    assert finding.fix is None


def test_a_digest_that_somebody_delivers_is_imported_too() -> None:
    assert status(CHECK, a_cron(status=outdated_conditions("Outdated"), spec={"schedule": ""})) == "fail"


def test_a_first_import_after_days_without_digest_has_begun_with_its_claim() -> None:
    young = a_claim(metadata={"creationTimestamp": ago(minutes=10)})
    old = a_claim(metadata={"creationTimestamp": ago(minutes=40)})
    assert status(CHECK, a_first_import(days=3), young) == "pass"
    assert only_finding(CHECK, a_first_import(days=3), old).since == NOW - timedelta(minutes=40)
    assert only_finding(CHECK, a_first_import(days=3)).since == NOW - timedelta(days=3)


def test_a_later_import_counts_from_the_last_success_whatever_its_claim() -> None:
    young = a_claim(metadata={"creationTimestamp": ago(minutes=10)})
    assert only_finding(CHECK, an_importing_cron(days=3), young).since == NOW - timedelta(days=3)


@pytest.mark.parametrize(
    ("world", "expected"),
    [
        pytest.param(
            [an_importing_cron(), DEFAULT, a_storage_profile(status={"dataImportCronSourceFormat": "pvc"})],
            {"source-format-mismatch"},
            id="a profile of format pvc freezes nobody for want of a snapshot class",
        ),
        pytest.param([an_importing_cron(), DEFAULT], set(), id="a slow import is a root"),
        pytest.param([an_importing_cron()], {"no-default-storage-class"}, id="no default class"),
        pytest.param(
            [
                an_importing_cron(),
                DEFAULT,
                a_failing_volume("", hours=2),
                a_storage_profile(status={"claimPropertySets": []}),
                a_snapshot_class(),
            ],
            {"import-failing", "incomplete-storage-profile"},
            id="no claim",
        ),
        pytest.param(
            [an_importing_cron(), DEFAULT, a_failing_volume("ImportInProgress", running("Error"))],
            {"import-failing"},
            id="the importer fails",
        ),
        pytest.param(
            [an_importing_cron(), DEFAULT, a_data_volume(), a_storage_profile(), a_snapshot_class("other")],
            {"stale-snapshot-class"},
            id="imported, and no snapshot of it",
        ),
        pytest.param(
            [an_importing_cron(), DEFAULT, a_claim(status={"phase": "Lost"})], {"image-volume-lost"}, id="claim lost"
        ),
        pytest.param(
            [an_importing_cron() | {"spec": a_cron(spec={"importsToKeep": 0})["spec"]}, DEFAULT],
            {"imports-to-keep-zero"},
            id="nothing is kept",
        ),
    ],
)
def test_causes(world: list[Manifest], expected: set[str]) -> None:
    above = (*STORAGE, *(check for check in IMPORTS if check is not CHECK))
    assert cause_ids(above, CHECK, *world) == expected
