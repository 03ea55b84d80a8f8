from __future__ import annotations

from exporter.checks.entries.duplicate_entry import duplicate_entry
from tests.checks.entries.clusters import CORP, FEDORA, apply_command
from tests.checks.storage.assertions import fix_command, only_finding, summarize
from tests.worlds import an_entry, an_hco, status

CHECK = duplicate_entry


def test_passes() -> None:
    assert status(CHECK, an_hco(entries=[CORP, FEDORA])) == "pass"


def test_fails_once_per_name() -> None:
    second = an_entry("corp-image-cron-2", managed="second")
    hco = an_hco(entries=[CORP, second, FEDORA, CORP], taken=[])
    found = only_finding(CHECK, hco)
    assert summarize(found) == (
        "warning",
        "HyperConverged kubevirt-hyperconverged",
        "spec.workloadSources.dataImportCronTemplates[name=corp-image-cron]",
        "2 entries of this name",
        "one",
    )
    after = apply_command(fix_command(found), hco)
    names = [e["metadata"]["name"] for e in after["spec"]["workloadSources"]["dataImportCronTemplates"]]
    assert names == ["corp-image-cron", "corp-image-cron-2", "fedora-image-cron", "corp-image-cron-3"]
    assert status(CHECK, after) == "pass"
