from __future__ import annotations

from datetime import timedelta

import pytest

from exporter.checks.datasources.data_source_not_following_cron import data_source_not_following_cron
from exporter.checks.operators import OPERATORS
from exporter.checks.polling import POLLING
from tests.checks.datasources.sources import a_source, claim, nothing_imported, pointer
from tests.checks.storage.assertions import cause_ids, fix_command, only_finding, summarize
from tests.worlds import (
    IMAGES,
    NOW,
    SSP_OWNED,
    Manifest,
    a_cdi,
    a_cron,
    a_data_source,
    ago,
    an_ssp,
    condition,
    status,
)

CHECK = data_source_not_following_cron
OLD: Manifest = {"spec": {"source": {"snapshot": {"name": "fedora-before"}}}}
CDI = a_cdi("v1.65.0")


def up_to_date(minutes: float) -> Manifest:
    return {"conditions": [condition("UpToDate", "True", "UpToDate", minutes=minutes)]}


@pytest.mark.parametrize(
    "world",
    [
        pytest.param([CDI, a_cron(), a_data_source()], id="it follows"),
        pytest.param([CDI, a_data_source(cron="gone")], id="no cron names it"),
        pytest.param([CDI, nothing_imported(), a_data_source(cron="", **OLD)], id="the cron is not up to date"),
        pytest.param(
            [CDI, a_cron(status=up_to_date(minutes=9)), a_data_source(cron="", **OLD)], id="the cron has just imported"
        ),
        pytest.param(
            [CDI, a_cron(metadata={"deletionTimestamp": ago(days=1)}), a_data_source(cron="")], id="the cron goes"
        ),
        pytest.param(
            [CDI, a_cron(), a_cron("rival", status=None), a_data_source()], id="a second cron wants it and gets nothing"
        ),
        pytest.param(
            [CDI, nothing_imported("new"), a_cron("old"), a_data_source(cron="new", **OLD)],
            id="the cron that its label names is importing, another one is up to date",
        ),
        pytest.param(
            [CDI, a_cron(), a_data_source(spec={"source": {"snapshot": None, "pvc": {"name": "fedora-0123456789ab"}}})],
            id="claim instead of snapshot is another finding",
        ),
        pytest.param(
            [CDI, a_cron(), a_data_source(spec={"source": {"snapshot": {"namespace": None}}})],
            id="no namespace is its own",
        ),
        pytest.param(
            [CDI, a_cron(), a_source(source=pointer("x"), cron="fedora-image-cron")], id="a pointer follows nothing"
        ),
        pytest.param([a_cdi("v1.59.1"), a_cron(), a_data_source(cron="other")], id="CDI before 1.60 takes any label"),
        pytest.param([a_cron(), a_data_source(cron="other")], id="an unknown CDI gets the benefit of the doubt"),
        pytest.param(
            [CDI, a_cron(status={"lastImportedPVC": None}), a_data_source(**OLD)], id="nothing that it could point at"
        ),
    ],
)
def test_passes(world: list[Manifest]) -> None:
    assert status(CHECK, *world) == "pass"


def test_another_crons_label() -> None:
    finding = only_finding(CHECK, CDI, a_cron(), a_data_source(cron="renamed", **OLD))
    assert finding.summary == (
        "DataSource fedora does not follow its cron fedora-image-cron: "
        "it carries the label of renamed, and points at fedora-before"
    )
    assert summarize(finding) == (
        "warning",
        "DataSource fedora",
        "metadata.labels[cdi.kubevirt.io/dataImportCron]",
        "renamed",
        "fedora-image-cron",
    )
    assert finding.since is None
    assert fix_command(finding) == (
        f"kubectl label --overwrite datasource fedora -n {IMAGES} cdi.kubevirt.io/dataImportCron=fedora-image-cron "
        "cdi.kubevirt.io/dataImportCron.cleanup-"
    )


@pytest.mark.parametrize(
    "cdi", [pytest.param([CDI], id="new"), pytest.param([a_cdi("v1.57.1")], id="old"), pytest.param([], id="unknown")]
)
def test_no_label_is_too_little_for_every_version(cdi: list[Manifest]) -> None:
    finding = only_finding(CHECK, *cdi, a_cron(), a_data_source(cron=""))
    assert finding.summary == (
        "DataSource fedora does not follow its cron fedora-image-cron: it carries no label of a cron"
    )
    assert finding.observed == "absent"


def test_the_label_is_right_and_the_image_is_old() -> None:
    finding = only_finding(CHECK, CDI, a_cron(), a_data_source(**OLD))
    assert finding.summary == (
        "DataSource fedora points at fedora-before, not at the newest image of its cron fedora-image-cron"
    )
    assert summarize(finding)[2:] == ("spec.source", "fedora-before", "fedora-0123456789ab")
    assert finding.since == NOW - timedelta(days=9)
    assert finding.fix is None


def test_an_old_cdi_that_takes_any_label_still_has_to_move_the_source() -> None:
    assert only_finding(CHECK, a_cdi("v1.59.1"), a_cron(), a_data_source(cron="other", **OLD)).field == "spec.source"


def test_no_source_at_all_and_another_namespace_differ_too() -> None:
    nothing = a_source(cron="fedora-image-cron")
    assert only_finding(CHECK, CDI, a_cron(), nothing).observed == "nothing"
    elsewhere = a_source(source=claim("fedora-0123456789ab", "team-a"), cron="fedora-image-cron")
    assert status(CHECK, CDI, a_cron(), elsewhere) == "fail"


def test_a_frozen_cron_explains_why_the_source_does_not_move() -> None:
    stale: Manifest = {"cdi.kubevirt.io/storage.import.lastCronTime": ago(days=12)}
    cron = a_cron(metadata={"annotations": stale}, status={"lastExecutionTimestamp": ago(days=12)})
    assert cause_ids(POLLING, CHECK, CDI, cron, a_data_source(**OLD)) == {"polling-frozen"}


def test_ssp_explains_a_missing_label_on_its_own_datasources_only() -> None:
    paused = an_ssp(metadata={"annotations": {"kubevirt.io/operator.paused": "true"}})
    own = a_data_source(cron="", metadata={"annotations": SSP_OWNED})
    assert cause_ids(OPERATORS, CHECK, CDI, a_cron(), own, paused) == {"ssp-paused"}
    assert cause_ids(OPERATORS, CHECK, CDI, a_cron(), a_data_source(cron=""), paused) == set()
