from __future__ import annotations

from datetime import timedelta

import pytest

from exporter.checks.datasources.data_source_without_source import data_source_without_source
from exporter.checks.polling import POLLING
from tests.checks.datasources.sources import a_source, nothing_imported
from tests.checks.storage.assertions import cause_ids, fix_command, only_finding, summarize
from tests.worlds import IMAGES, NOW, Manifest, a_data_source, condition, status

CHECK = data_source_without_source
EMPTY: Manifest = {"reason": "NoSource", "message": "No source PVC set"}


@pytest.mark.parametrize(
    "world",
    [
        pytest.param([a_data_source()], id="ready"),
        pytest.param([a_source(hours=0.4, **EMPTY)], id="made minutes ago"),
        pytest.param(
            [nothing_imported(spec={"schedule": ""}), a_source(cron="fedora-image-cron", **EMPTY)],
            id="nobody polls its cron, by design",
        ),
    ],
)
def test_passes(world: list[Manifest]) -> None:
    assert status(CHECK, *world) == "pass"


def test_one_of_somebodys_own_is_a_root_with_an_editor() -> None:
    finding = only_finding(CHECK, a_source("golden-base", **EMPTY))
    assert finding.summary == "DataSource golden-base has no source"
    assert summarize(finding) == (
        "critical",
        "DataSource golden-base",
        "spec.source",
        "{}, NoSource: No source PVC set",
        "a claim, a snapshot or another DataSource",
    )
    assert finding.since == NOW - timedelta(hours=5)
    assert fix_command(finding) == f"kubectl edit datasource golden-base -n {IMAGES}"


def test_that_of_a_cron_is_explained_by_it_and_not_to_be_edited() -> None:
    world = (nothing_imported(), a_source(cron="fedora-image-cron", **EMPTY))
    finding = only_finding(CHECK, *world)
    assert finding.summary == "DataSource fedora has no source; DataImportCron fedora-image-cron has not filled it"
    assert finding.fix is None
    assert cause_ids(POLLING, CHECK, *world) == {"digest-unknown"}


def test_a_cron_explains_it_also_where_the_label_is_gone() -> None:
    assert cause_ids(POLLING, CHECK, nothing_imported(), a_source(**EMPTY)) == {"digest-unknown"}


def test_a_label_of_a_cron_that_is_gone_is_told() -> None:
    finding = only_finding(CHECK, a_source(cron="gone", **EMPTY))
    assert (
        finding.summary == "DataSource fedora has no source; DataImportCron gone, which its label names, does not exist"
    )


def test_silence_is_unknown() -> None:
    assert status(CHECK, a_data_source(status={"conditions": [condition("Ready", "")]})) == "unknown"
