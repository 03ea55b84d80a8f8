from __future__ import annotations

from datetime import timedelta

import pytest

from exporter.checks.imports.image_volume_lost import image_volume_lost
from exporter.checks.imports.immediate_binding_missing import immediate_binding_missing
from exporter.checks.imports.import_failing import import_failing
from exporter.checks.polling import POLLING
from exporter.checks.storage import STORAGE
from tests.checks.imports.manifests import VOLUME, a_failing_volume, an_importing_cron, bound, running
from tests.checks.storage.assertions import (
    advice_of,
    cause_ids,
    costs_of,
    entry_patch,
    fix_command,
    only_finding,
    summarize,
)
from tests.worlds import (
    IMAGES,
    NOW,
    Manifest,
    a_claim,
    a_cron,
    a_data_volume,
    a_storage_class,
    a_storage_profile,
    ago,
    an_entry,
    an_hco,
    status,
)

CHECK = import_failing
REFUSED = running("Error", "unauthorized: authentication required")
DEFAULT = a_storage_class(virt="true")
INCOMPLETE = a_storage_profile(status={"claimPropertySets": []})


@pytest.mark.parametrize(
    "world",
    [
        pytest.param([a_cron(), a_data_volume()], id="succeeded"),
        pytest.param([a_cron()], id="no DataVolume: format snapshot"),
        pytest.param(
            [an_importing_cron(), a_failing_volume("ImportInProgress", running("", status="True"))], id="downloads"
        ),
        pytest.param([an_importing_cron(), a_failing_volume("ImportScheduled", minutes=20)], id="not half an hour old"),
        pytest.param(
            [an_importing_cron(), a_failing_volume("ImportInProgress", REFUSED, minutes=20)], id="a young error"
        ),
        pytest.param([a_failing_volume("ImportInProgress", REFUSED)], id="no cron: not a boot source"),
        pytest.param([a_cron(), a_data_volume("fedora-old", phase="Failed")], id="not the newest digest"),
    ],
)
def test_passes(world: list[Manifest]) -> None:
    assert status(CHECK, *world) == "pass"


def test_one_that_is_being_deleted_passes() -> None:
    gone = a_data_volume(phase="Failed", metadata={"deletionTimestamp": ago(hours=1)})
    assert status(CHECK, a_cron(), gone) == "pass"


def test_an_error_is_told_in_plain_words_with_the_evidence() -> None:
    finding = only_finding(
        CHECK, an_importing_cron(), a_failing_volume("ImportInProgress", REFUSED, restarts=9, hours=3)
    )
    assert finding.summary == (
        f"DataVolume {VOLUME} of cron fedora-image-cron cannot be imported: "
        "the registry refuses the credentials (unauthorized)"
    )
    assert summarize(finding) == (
        "warning",
        f"DataVolume {VOLUME}",
        "status.conditions[type=Running]",
        "phase ImportInProgress, Running False Error: unauthorized: authentication required, 9 restarts",
        "credentials that the registry accepts",
    )
    assert finding.since == NOW - timedelta(hours=3)
    assert fix_command(finding) == f"kubectl describe pod importer-{VOLUME} -n {IMAGES}"
    assert "Secret" in advice_of(finding)
    assert costs_of(finding) == []
    assert finding.caused_by == ()


@pytest.mark.parametrize(
    ("volume", "command"),
    [
        pytest.param(
            a_failing_volume("ImportInProgress", running("Error", "DataVolume too small to contain image")),
            entry_patch("add", "/spec/template/spec/storage/resources/requests/storage", "60Gi"),
            id="too small: twice as much",
        ),
        pytest.param(
            a_failing_volume("Pending", bound("ErrExceededQuota", "exceeded quota: x")),
            None,
            id="quota: nothing to run",
        ),
        pytest.param(
            a_failing_volume("ImportInProgress", restarts=9),
            f"oc describe pod importer-{VOLUME} -n {IMAGES}",
            id="crash loop",
        ),
    ],
)
def test_the_fix_fits_the_trouble(volume: Manifest, command: str | None) -> None:
    finding = only_finding(CHECK, an_importing_cron(), volume, an_hco(entries=[an_entry()]))
    assert (finding.fix and finding.fix.command) == command


@pytest.mark.parametrize(
    ("world", "expected"),
    [
        pytest.param([a_failing_volume("")], {"no-default-storage-class"}, id="no claim: no default class"),
        pytest.param(
            [a_failing_volume("Pending"), DEFAULT, INCOMPLETE],
            {"incomplete-storage-profile"},
            id="pending: incomplete profile",
        ),
        pytest.param(
            [a_failing_volume("ImportInProgress", REFUSED), DEFAULT, INCOMPLETE],
            set(),
            id="a refused password has no cause in storage",
        ),
        pytest.param(
            [a_failing_volume("Pending", bound("ErrExceededQuota"))], set(), id="a quota has no cause in storage"
        ),
        pytest.param(
            [a_failing_volume("WaitForFirstConsumer"), DEFAULT],
            {"immediate-binding-missing"},
            id="waits for a consumer",
        ),
        pytest.param(
            [a_failing_volume("Failed", bound("ClaimLost")), DEFAULT, a_claim(status={"phase": "Lost"})],
            {"image-volume-lost"},
            id="claim lost",
        ),
    ],
)
def test_causes(world: list[Manifest], expected: set[str]) -> None:
    above = (*STORAGE, image_volume_lost, immediate_binding_missing)
    assert cause_ids(above, CHECK, an_importing_cron(), *world) == expected


def test_a_missing_class_of_its_own_is_the_cause() -> None:
    cron = an_importing_cron()
    cron["spec"]["template"]["spec"]["storage"]["storageClassName"] = "nvme"
    assert cause_ids(STORAGE, CHECK, cron, a_failing_volume(""), DEFAULT) == {"storage-class-missing"}


def test_a_pinned_digest_is_the_cause_of_a_bad_reference() -> None:
    cron = an_importing_cron()
    cron["spec"]["template"]["spec"]["source"]["registry"] = {"url": "docker://quay.io/x/y@sha256:" + "a" * 64}
    volume = a_failing_volume("ImportInProgress", running("Error", "Could not parse image: invalid reference format"))
    assert cause_ids(POLLING, CHECK, cron, volume, DEFAULT) == {"image-pinned-by-digest"}


@pytest.mark.parametrize(
    ("message", "words"),
    [
        pytest.param("unauthorized: authentication required", "secretRef", id="credentials"),
        pytest.param("x509: certificate signed by unknown authority", "ends in .crt", id="certificate"),
        pytest.param("dial tcp: lookup quay.io: no such host", "reachable from pods", id="network"),
        pytest.param(
            "toomanyrequests: You have reached your pull rate limit (429)", "limits requests", id="rate limit"
        ),
        pytest.param("bootc image without a disk", "container disk", id="bootc"),
    ],
)
def test_what_is_wrong_is_said_instead_of_a_deletion(message: str, words: str) -> None:
    """Deleting the DataVolume starts the download over, and it fails in the same way."""
    finding = only_finding(CHECK, an_importing_cron(), a_failing_volume("ImportInProgress", running("Error", message)))
    assert words in advice_of(finding)
    assert costs_of(finding) == []


def test_a_data_volume_that_was_given_up_is_started_over_after_the_cause_is_gone() -> None:
    finding = only_finding(CHECK, an_importing_cron(), a_failing_volume("Failed"))
    assert [fix.kind for fix in finding.fixes] == ["safe", "none", "costs"]
