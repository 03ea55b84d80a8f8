from __future__ import annotations

from datetime import timedelta

import pytest

from exporter.checks.datasources.data_source_target_missing import data_source_target_missing
from exporter.checks.imports import IMPORTS
from exporter.checks.polling import POLLING
from tests.checks.datasources.sources import a_placeholder, a_source, claim, nothing_imported
from tests.checks.storage.assertions import cause_ids, fix_command, only_finding, summarize
from tests.worlds import IMAGES, NOW, SSP_OWNED, Manifest, a_data_source, condition, status

CHECK = data_source_target_missing
GONE: Manifest = {"reason": "NotFound", "message": "PVC not found"}


@pytest.mark.parametrize(
    "world",
    [
        pytest.param([a_data_source()], id="ready"),
        pytest.param([a_placeholder()], id="a placeholder"),
        pytest.param([a_source(source=claim("x"), hours=0.4, **GONE)], id="for minutes only"),
        pytest.param([a_source(source={"dataSource": {"name": "x"}}, **GONE)], id="a pointer is another finding"),
        pytest.param(
            [
                nothing_imported(spec={"schedule": ""}),
                a_source(source=claim("fedora"), cron="fedora-image-cron", **GONE),
            ],
            id="nobody polls its cron, by design",
        ),
    ],
)
def test_passes(world: list[Manifest]) -> None:
    assert status(CHECK, *world) == "pass"


def test_one_of_somebodys_own_is_a_root_with_an_editor() -> None:
    finding = only_finding(CHECK, a_source("base", claim("base-disk", "team-a"), **GONE))
    assert finding.summary == "DataSource base points at pvc team-a/base-disk, which does not exist"
    assert summarize(finding) == (
        "critical",
        "DataSource base",
        "spec.source.pvc",
        "team-a/base-disk, NotFound: PVC not found",
        "an existing pvc",
    )
    assert finding.since == NOW - timedelta(hours=5)
    assert fix_command(finding) == f"kubectl edit datasource base -n {IMAGES}"


def test_an_empty_namespace_is_its_own_and_snapshots_count_too() -> None:
    finding = only_finding(CHECK, a_source("base", {"snapshot": {"name": "s"}}, reason="NotFound"))
    assert finding.field == "spec.source.snapshot"
    assert f"snapshot {IMAGES}/s" in finding.summary


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"annotations": None}, id="not made by SSP"),
        pytest.param({"labels": {"cdi.kubevirt.io/dataImportCron": "win-cron"}}, id="labelled with a cron"),
    ],
)
def test_what_only_resembles_a_placeholder_is_reported(changes: Manifest) -> None:
    assert status(CHECK, a_placeholder(metadata=changes)) == "fail"


def test_a_boot_source_of_ssp_that_was_never_imported_is_explained_by_its_cron() -> None:
    source = a_source(source=claim("fedora"), cron="fedora-image-cron", metadata={"annotations": SSP_OWNED}, **GONE)
    assert cause_ids(POLLING, CHECK, nothing_imported(), source) == {"digest-unknown"}
    assert only_finding(CHECK, nothing_imported(), source).fix is None


def test_a_rebuild_explains_it() -> None:
    source = a_source(source=claim("fedora"), cron="fedora-image-cron", **GONE)
    assert cause_ids(IMPORTS, CHECK, nothing_imported(), source) == {"image-being-rebuilt"}


def test_silence_is_unknown() -> None:
    assert status(CHECK, a_data_source(status={"conditions": [condition("Ready", "")]})) == "unknown"
