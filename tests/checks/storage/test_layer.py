"""What holds for every check of the layer."""

from __future__ import annotations

from typing import Any

from exporter.checks.check import Check
from exporter.checks.storage import STORAGE
from exporter.cluster.resource import Resource
from tests.checks.storage.assertions import blind_rows, goes_blind
from tests.worlds import (
    a_cdi,
    a_cron,
    a_data_source,
    a_snapshot,
    a_snapshot_class,
    a_storage_class,
    a_storage_profile,
    evaluate_manifests,
)


@blind_rows(*STORAGE)
def test_a_check_is_blind_without_what_it_reads(check: Check, resource: Resource[Any]) -> None:
    assert goes_blind(check, resource)


def test_a_healthy_cluster_has_no_finding_and_nothing_unknown() -> None:
    healthy = (
        a_cdi(),
        a_cron(),
        a_snapshot(),
        a_data_source(),
        a_snapshot_class(),
        a_storage_class(virt="true"),
        a_storage_profile(),
        a_storage_class("gp3", default="true"),
        a_storage_profile("gp3", status={"dataImportCronSourceFormat": "pvc", "snapshotClass": None}),
    )
    report = evaluate_manifests(STORAGE, *healthy).report
    assert report.findings == ()
    assert {status.status for status in report.checks} == {"pass"}
