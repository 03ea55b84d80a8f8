from __future__ import annotations

from datetime import timedelta

import pytest

from exporter.checks.imports.imports_to_keep_zero import imports_to_keep_zero
from tests.checks.storage.assertions import entry_patch, fix_command, only_finding, summarize
from tests.worlds import NOW, Manifest, a_cron, an_entry, an_hco, status

CHECK = imports_to_keep_zero


@pytest.mark.parametrize(
    "cron",
    [
        pytest.param(a_cron(), id="one"),
        pytest.param(a_cron(spec={"importsToKeep": None}), id="not said: three"),
        pytest.param(a_cron(spec={"importsToKeep": 0, "garbageCollect": "Never"}), id="nothing is collected"),
    ],
)
def test_passes(cron: Manifest) -> None:
    assert status(CHECK, cron) == "pass"


@pytest.mark.parametrize("collect", ["Outdated", ""])
def test_zero_deletes_the_current_image_too(collect: str) -> None:
    finding = only_finding(
        CHECK, a_cron(spec={"importsToKeep": 0, "garbageCollect": collect}), an_hco(entries=[an_entry()])
    )
    assert summarize(finding) == (
        "warning",
        "DataImportCron fedora-image-cron",
        "spec.importsToKeep",
        "0",
        "1 or more",
    )
    assert finding.since == NOW - timedelta(days=60)
    assert fix_command(finding) == entry_patch("add", "/spec/importsToKeep", 1)


def test_a_cron_that_no_entry_of_ours_stands_for_gets_no_command() -> None:
    assert only_finding(CHECK, a_cron(spec={"importsToKeep": 0}), an_hco()).fix is None
