"""What holds for every check of the layer."""

from __future__ import annotations

from typing import Any

import pytest

from exporter.checks.check import Check
from exporter.checks.datasources import DATASOURCES
from exporter.checks.references import REFERENCES
from exporter.cluster.resource import Resource
from tests.checks.datasources.sources import PREFERENCE, a_placeholder, a_source, claim, nothing_imported, pointer
from tests.checks.storage.assertions import blind_rows, goes_blind
from tests.worlds import IMAGES, Manifest, a_cdi, a_cron, a_data_source, a_machine, a_template, evaluate_manifests

LABELS: Manifest = {"metadata": {"labels": PREFERENCE}}
FEDORA = (a_cron(), a_data_source(**LABELS), a_template(), a_template("fedora-desktop-small"))


@blind_rows(*DATASOURCES, *REFERENCES)
def test_a_check_is_blind_without_what_it_reads(check: Check, resource: Resource[Any]) -> None:
    assert goes_blind(check, resource)


@pytest.mark.parametrize(
    "world",
    [
        pytest.param([], id="nothing there"),
        pytest.param(FEDORA, id="a boot source with templates"),
        pytest.param([*FEDORA, a_placeholder(), a_template("win11-small", source="win11")], id="a placeholder"),
        pytest.param(
            [
                a_placeholder("win11-amd64"),
                a_source("win11", pointer("win11-amd64"), reason="NotFound", ssp=True),
                a_template("win11-small", source="win11-amd64"),
            ],
            id="a pointer of SSP's to a placeholder",
        ),
        pytest.param(
            [
                nothing_imported(spec={"schedule": ""}),
                a_source(cron="fedora-image-cron", reason="NoSource", message="No source PVC set"),
                a_template(),
            ],
            id="a cron whose digest somebody else delivers, and has not yet",
        ),
        pytest.param(
            [a_source("rhel8", claim("rhel8"), ssp=True, **LABELS), a_template("rhel8-small", source="rhel8")],
            id="an opt-out: a claim named like the DataSource",
        ),
        pytest.param(
            [*FEDORA, a_machine(source="corp-alma8", status={"printableStatus": "Running", "created": True})],
            id="a machine that has its disk and names a DataSource of old",
        ),
    ],
)
def test_healthy_clusters_have_no_finding_and_nothing_unknown(world: list[Manifest]) -> None:
    report = evaluate_manifests((*DATASOURCES, *REFERENCES), a_cdi(), *world).report
    assert report.findings == ()
    assert {status.status for status in report.checks} == {"pass"}


@pytest.mark.parametrize(
    ("source", "check"),
    [
        pytest.param(a_source(reason="NoSource"), "data-source-without-source", id="nothing"),
        pytest.param(a_source(source=claim("x"), reason="NotFound"), "data-source-target-missing", id="a claim"),
        pytest.param(a_source(source=pointer("x"), reason="NotFound"), "data-source-pointer-broken", id="a DataSource"),
        pytest.param(
            a_source(source=pointer("fedora"), reason="SelfReference"), "data-source-pointer-broken", id="itself"
        ),
        pytest.param(
            a_source(source=claim("x"), reason="ImportInProgress"), "data-source-not-ready", id="a running import"
        ),
        pytest.param(a_source(source=claim("x"), message="phase "), "data-source-not-ready", id="no reason at all"),
    ],
)
def test_each_trouble_is_told_by_exactly_one_check(source: Manifest, check: str) -> None:
    assert [f.check for f in evaluate_manifests(DATASOURCES, source).report.findings] == [check]


def test_every_check_names_its_scenarios_and_alert() -> None:
    for check in (*DATASOURCES, *REFERENCES):
        assert check.scenarios, check.id
        assert check.alert_for.total_seconds() >= 600, check.id
        assert IMAGES not in check.diagnosis
