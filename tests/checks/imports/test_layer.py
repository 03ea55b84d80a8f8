"""What holds for every check of the layer."""

from __future__ import annotations

from typing import Any

import pytest

from exporter.checks.check import Check
from exporter.checks.imports import IMPORTS
from exporter.cluster.resource import Resource
from tests.checks.imports.manifests import a_content, pvc_cron
from tests.checks.storage.assertions import blind_rows, goes_blind
from tests.worlds import (
    Manifest,
    a_cdi,
    a_claim,
    a_cron,
    a_data_source,
    a_data_volume,
    a_snapshot,
    a_snapshot_class,
    a_storage_class,
    a_storage_profile,
    ago,
    evaluate_manifests,
)

SHARED = (a_cdi(), a_snapshot_class(), a_storage_class(virt="true"), a_storage_class("gp3", default="true"))
AS_SNAPSHOT = (a_cron(), a_snapshot(), a_content(), a_data_source(), a_storage_profile())
AS_VOLUME = (
    pvc_cron(),
    a_claim(),
    a_data_volume(),
    a_data_source(spec={"source": {"snapshot": None, "pvc": {"name": "fedora-0123456789ab"}}}),
    a_storage_profile(status={"dataImportCronSourceFormat": "pvc"}),
)
LEAVING: Manifest = {"deletionTimestamp": ago(minutes=6), "finalizers": ["volumesnapshot-as-source-protection"]}
SUPERSEDED = a_snapshot("fedora-before", metadata=LEAVING)


@blind_rows(*IMPORTS)
def test_a_check_is_blind_without_what_it_reads(check: Check, resource: Resource[Any]) -> None:
    assert goes_blind(check, resource)


@pytest.mark.parametrize(
    "world",
    [
        pytest.param([], id="nothing there"),
        pytest.param(AS_SNAPSHOT, id="an image that is kept as a snapshot"),
        pytest.param(AS_VOLUME, id="an image that is kept as a volume"),
        pytest.param([*AS_SNAPSHOT, SUPERSEDED], id="the old image was deleted minutes ago and a clone holds it"),
    ],
)
def test_a_healthy_cluster_has_no_finding_and_nothing_unknown(world: list[Manifest]) -> None:
    report = evaluate_manifests(IMPORTS, *SHARED, *world).report
    assert report.findings == ()
    assert {status.status for status in report.checks} == {"pass"}
