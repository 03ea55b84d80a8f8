from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from exporter.checks.datasources import DATASOURCES
from exporter.checks.datasources.data_source_beside_cron import data_source_beside_cron
from exporter.checks.datasources.data_source_without_source import data_source_without_source
from tests.checks.datasources.sources import PREFERENCE, a_source, claim
from tests.checks.storage.assertions import cause_ids, costs_of, fix_command, only_finding, summarize
from tests.worlds import IMAGES, NOW, Manifest, a_cron, a_data_source, condition, status

CHECK = data_source_beside_cron
HAND_MADE = a_cron("corp-cron", managed="corp", metadata={"annotations": None})
FILLED = a_data_source("corp", cron="corp-cron")


def a_stray(name: str = "corp-arm64", **changes: Any) -> Manifest:
    told: Manifest = {"reason": "NoSource", "message": "No source PVC set"}
    return a_source(name, **{**told, "metadata": {"labels": PREFERENCE}, **changes})


@pytest.mark.parametrize(
    "world",
    [
        pytest.param([HAND_MADE, FILLED], id="only the one that the cron fills"),
        pytest.param([HAND_MADE, a_stray("corp-riscv64")], id="no architecture"),
        pytest.param([HAND_MADE, a_stray("arm64")], id="nothing but an architecture"),
        pytest.param([HAND_MADE, a_stray(metadata={})], id="nobody labelled it as bootable"),
        pytest.param([HAND_MADE, a_stray(cron="other")], id="another cron fills it"),
        pytest.param([HAND_MADE, a_stray(ssp=True)], id="SSP made it"),
        pytest.param([a_stray()], id="no cron manages the shorter name"),
        pytest.param([a_cron("corp-cron", managed="corp"), a_stray()], id="a cron of SSP's manages the shorter name"),
        pytest.param(
            [HAND_MADE, a_cron("corp-arm64-cron", managed="corp-arm64"), a_stray()], id="a cron of its own fills it"
        ),
        pytest.param([HAND_MADE, a_stray(reason="", message="", source=claim("x"))], id="it is ready"),
        pytest.param([HAND_MADE, a_stray(reason="ImportInProgress", source=claim("x"))], id="it is being filled"),
        pytest.param([HAND_MADE, a_stray(hours=0.4)], id="made minutes ago"),
    ],
)
def test_passes(world: list[Manifest]) -> None:
    assert status(CHECK, *world) == "pass"


@pytest.mark.parametrize("changes", [{}, {"reason": "NotFound", "message": "PVC not found", "source": claim("x")}])
def test_a_stray_beside_the_one_that_the_cron_fills(changes: Manifest) -> None:
    finding = only_finding(CHECK, HAND_MADE, FILLED, a_stray(**changes))
    assert (
        finding.summary == "DataSource corp-arm64 stays empty: DataImportCron corp-cron fills DataSource corp instead"
    )
    assert finding.since == NOW - timedelta(hours=5)
    assert fix_command(finding) == (
        f"kubectl label --overwrite datasource corp -n {IMAGES} instancetype.kubevirt.io/default-preference=fedora"
    )
    assert [command for command, _ in costs_of(finding)] == [f"kubectl delete datasource corp-arm64 -n {IMAGES}"]


def test_what_it_shows() -> None:
    assert summarize(only_finding(CHECK, HAND_MADE, a_stray())) == (
        "warning",
        "DataSource corp-arm64",
        "status.conditions[type=Ready]",
        "False NoSource: No source PVC set; corp-cron manages corp",
        "a cron that manages corp-arm64",
    )


def test_it_explains_why_the_stray_has_no_source() -> None:
    assert cause_ids(DATASOURCES, data_source_without_source, HAND_MADE, FILLED, a_stray()) == {CHECK.id}


def test_silence_is_unknown() -> None:
    silent: Manifest = {"status": {"conditions": [condition("Ready", "Unknown")]}}
    assert status(CHECK, HAND_MADE, a_stray(**silent)) == "unknown"
