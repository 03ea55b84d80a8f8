from __future__ import annotations

from datetime import timedelta

import pytest

from exporter.checks.datasources import DATASOURCES
from exporter.checks.datasources.data_source_not_ready import data_source_not_ready
from exporter.checks.imports import IMPORTS
from exporter.checks.operators import OPERATORS
from exporter.checks.storage import STORAGE
from tests.checks.datasources.sources import a_placeholder, a_source, claim, pointer
from tests.checks.storage.assertions import cause_ids, only_finding, summarize
from tests.worlds import (
    NOW,
    Manifest,
    a_cdi,
    a_claim,
    a_cron,
    a_data_source,
    a_data_volume,
    a_snapshot_class,
    a_storage_class,
    a_storage_profile,
    ago,
    condition,
    evaluate_manifests,
    findings,
    status,
)

CHECK = data_source_not_ready
VOLUME = "fedora-0123456789ab"
IMPORTING: Manifest = {"reason": "ImportInProgress", "message": "Import DataVolume phase ImportInProgress"}


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(a_data_source(), id="ready"),
        pytest.param(
            a_data_source(
                ready=False, status={"conditions": [condition("Ready", "False", "SnapshotNotReady", minutes=9)]}
            ),
            id="a snapshot is taken right now",
        ),
        pytest.param(a_source(source=claim(VOLUME), hours=0.49, **IMPORTING), id="a first import is running"),
        pytest.param(a_placeholder(), id="a placeholder"),
        pytest.param(a_source(reason="NoSource"), id="no source is another finding"),
        pytest.param(a_source(source=claim(VOLUME), reason="NotFound"), id="a missing claim is another finding"),
    ],
)
def test_passes(source: Manifest) -> None:
    assert status(CHECK, source) == "pass"


def test_a_snapshot_that_is_not_ready_for_ten_minutes_fails() -> None:
    told = condition("Ready", "False", "SnapshotNotReady", "Snapshot phase is not ready", minutes=11)
    finding = only_finding(CHECK, a_data_source(cron="", ready=False, status={"conditions": [told]}))
    assert finding.summary == "DataSource fedora is not ready: Snapshot phase is not ready"
    assert summarize(finding) == (
        "critical",
        "DataSource fedora",
        "status.conditions[type=Ready]",
        "False SnapshotNotReady: Snapshot phase is not ready",
        "True",
    )
    assert finding.since == NOW - timedelta(minutes=11)


def test_an_import_that_takes_longer_than_half_an_hour_fails() -> None:
    finding = only_finding(
        CHECK, a_cron(), a_source(source=claim(VOLUME), cron="fedora-image-cron", hours=0.6, **IMPORTING)
    )
    assert finding.summary == (
        "DataSource fedora is not ready: Import DataVolume phase ImportInProgress; "
        "DataImportCron fedora-image-cron has not filled it"
    )


def test_an_upload_that_never_ends_is_no_placeholder() -> None:
    upload = a_source(
        "rhel8", claim("rhel8"), reason="UploadReady", message="Import DataVolume phase UploadReady", ssp=True
    )
    assert only_finding(CHECK, upload).summary == "DataSource rhel8 is not ready: Import DataVolume phase UploadReady"


def test_a_transition_time_that_moves_does_not_start_the_clock_anew() -> None:
    """CDI rewrites the condition on every reconcile; what we have seen for half an hour is that old."""
    early = a_source(source=claim(VOLUME), hours=0.1, **IMPORTING)
    first = evaluate_manifests(CHECK, early, now=NOW)
    assert first.report.findings == ()
    moved: Manifest = {"status": {"conditions": [condition("Ready", "False", "ImportInProgress", minutes=-29)]}}
    later = a_source(source=claim(VOLUME), **IMPORTING, **moved)
    found = findings(CHECK, later, now=NOW + timedelta(minutes=30), memory=first.memory)
    assert [f.since for f in found] == [NOW]


def test_a_silent_cdi_is_unknown_for_half_an_hour_and_then_a_finding() -> None:
    silent: Manifest = {"status": {"conditions": []}}
    young = a_data_source(metadata={"creationTimestamp": ago(minutes=29)}, **silent)
    assert status(CHECK, young) == "unknown"
    old = a_data_source(metadata={"creationTimestamp": ago(minutes=31)}, **silent)
    finding = only_finding(CHECK, old)
    assert finding.summary == "CDI has never said whether DataSource fedora is ready"
    assert finding.since == NOW - timedelta(minutes=31)
    down = a_cdi(status={"conditions": [condition("Available", "False"), condition("Degraded", "True")]})
    assert cause_ids(OPERATORS, CHECK, old, down) == {"cdi-degraded"}


def test_ready_unknown_is_unknown() -> None:
    told: Manifest = {"status": {"conditions": [condition("Ready", "Unknown")]}}
    assert status(CHECK, a_data_source(metadata={"creationTimestamp": ago(minutes=1)}, **told)) == "unknown"


def test_its_cron_and_the_storage_below_explain_it() -> None:
    stuck = a_source(source=claim(VOLUME), cron="fedora-image-cron", message="Import DataVolume phase ")
    cron = a_cron(status={"conditions": [condition("UpToDate", "False", "ImportProgressing", hours=5)]})
    volume = a_data_volume(phase="", metadata={"creationTimestamp": ago(hours=5)})
    world = (stuck, cron, volume, a_storage_class(), a_storage_profile(), a_snapshot_class())
    assert cause_ids((*STORAGE, *IMPORTS), CHECK, *world) == {
        "no-default-storage-class",
        "import-outdated",
        "import-failing",
    }


def test_a_lost_claim_explains_it_whoever_made_it() -> None:
    lost = a_claim("base", cron="", status={"phase": "Lost"})
    source = a_source("base", claim("base"), reason="Failed", message="Import DataVolume phase Failed")
    assert cause_ids(IMPORTS, CHECK, lost, source) == {"image-volume-lost"}


def test_a_pointer_is_explained_by_its_target() -> None:
    target = a_source("fedora-amd64", claim(VOLUME), **IMPORTING)
    source = a_source("fedora", pointer("fedora-amd64"), **IMPORTING)
    report = evaluate_manifests(DATASOURCES, target, source).report
    below, above = (next(f for f in report.findings if f.object.name == n) for n in ("fedora-amd64", "fedora"))
    assert above.caused_by == (below.fingerprint,)
    assert below.caused_by == ()
