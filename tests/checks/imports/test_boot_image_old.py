from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from exporter.checks.imports.boot_image_old import boot_image_old
from exporter.checks.policy import Policy
from exporter.checks.polling.polling_frozen import polling_frozen
from exporter.joins.lifecycle import IMAGE_POLICY, ImagePolicy
from exporter.report import Finding
from tests.checks.datasources.sources import a_source, claim
from tests.checks.storage.assertions import only_finding, summarize
from tests.worlds import (
    IMAGES,
    NOW,
    Manifest,
    a_claim,
    a_cron,
    a_data_source,
    a_snapshot,
    ago,
    evaluate_manifests,
    findings,
    status,
)

CHECK = boot_image_old
LABEL: Manifest = {"metadata": {"labels": {"instancetype.kubevirt.io/default-preference": "rhel.9"}}}


def imported(days: float) -> list[Manifest]:
    """A boot source that was last imported so long ago, and is up to date."""
    made: Manifest = {"metadata": {"creationTimestamp": ago(days=days)}}
    return [a_cron(status={"lastImportTimestamp": ago(days=days)}), a_data_source(**LABEL), a_snapshot(**made)]


def uploaded(days: float) -> list[Manifest]:
    made = {"metadata": {"creationTimestamp": ago(days=days)}}
    return [a_source("win11", claim("windows-2024")), a_claim("windows-2024", cron="", **made)]


def found(world: list[Manifest], **options: Any) -> tuple[Finding, ...]:
    return findings(CHECK, *world, **options)


def configured(*limits: tuple[str, int]) -> dict[str, Any]:
    ages = tuple((pattern, timedelta(days=days)) for pattern, days in limits)
    return {"supplied": {IMAGE_POLICY: ImagePolicy(max_age=ages)}}


def test_an_image_that_its_publisher_has_not_rebuilt() -> None:
    finding = only_finding(CHECK, *imported(700))
    assert (
        finding.summary == f"The image of DataSource {IMAGES}/fedora was imported on 2024-09-20, more than 180 days ago"
    )
    assert summarize(finding) == (
        "info",
        "DataSource fedora",
        "status.lastImportTimestamp",
        "2024-09-20T12:00:00Z (by the DataImportCron)",
        "at most 180 days ago",
    )
    assert finding.since == NOW - timedelta(days=520)
    assert [fix.command for fix in finding.fixes] == [
        f"kubectl get dataimportcron fedora-image-cron -n {IMAGES} -o yaml",
        "",
    ]


def test_an_uploaded_image_is_as_old_as_its_volume() -> None:
    (finding,) = found(uploaded(400))
    assert (finding.field, finding.object.name) == ("metadata.creationTimestamp", "win11")
    assert finding.summary.endswith("win11 was made on 2025-07-17, more than 180 days ago")
    assert "Make or upload a volume" in finding.fixes[-1].note


@pytest.mark.parametrize(
    "world",
    [
        pytest.param(imported(179), id="younger than the limit"),
        pytest.param(imported(700)[:2], id="the image is not there"),
    ],
)
def test_passes(world: list[Manifest]) -> None:
    assert status(CHECK, *world) == "pass"


def test_importing_the_same_image_again_does_not_make_it_younger() -> None:
    moved = a_snapshot(metadata={"creationTimestamp": ago(days=3)})
    assert found([a_cron(status={"lastImportTimestamp": ago(days=700)}), a_data_source(), moved])


def test_nothing_tells_the_age() -> None:
    nameless = {"metadata": {"creationTimestamp": None}}
    assert status(CHECK, a_source("win11", claim("w")), a_claim("w", cron="", **nameless)) == "unknown"


@pytest.mark.parametrize(
    ("limits", "count"),
    [
        pytest.param([("Red Hat*", 60)], 1, id="by system"),
        pytest.param([("Windows*", 60)], 0, id="of another system"),
        pytest.param([(f"{IMAGES}/fed*", 60)], 1, id="by DataSource"),
        pytest.param([("other/*", 60)], 0, id="of another namespace"),
        pytest.param([(f"{IMAGES}/fedora", 300), ("Red Hat*", 60)], 0, id="the first that matches"),
    ],
)
def test_limits_by_system_and_source(limits: list[tuple[str, int]], count: int) -> None:
    assert len(found(imported(100), **configured(*limits))) == count


def test_the_limit_of_all_is_a_threshold() -> None:
    policy = Policy(limits={CHECK.id: {"age": timedelta(days=30)}})
    assert found(imported(100), policy=policy)


def test_what_is_not_polled_any_more_explains_it() -> None:
    frozen = a_cron(
        metadata={"annotations": {"cdi.kubevirt.io/storage.import.lastCronTime": ago(days=400)}},
        status={"lastExecutionTimestamp": ago(days=400), "lastImportTimestamp": ago(days=500)},
    )
    report = evaluate_manifests([CHECK, polling_frozen], frozen, *imported(500)[1:]).report
    assert {finding.check: finding.root for finding in report.findings} == {
        "polling-frozen": True,
        "boot-image-old": False,
    }
