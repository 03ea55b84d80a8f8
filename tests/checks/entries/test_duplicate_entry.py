from __future__ import annotations

from exporter.checks.entries.duplicate_entry import duplicate_entry
from tests.checks.entries.clusters import CORP, FEDORA, patched
from tests.checks.storage.asserted import essence, fix_of, only
from tests.worlds import an_entry, an_hco, status

CHECK = duplicate_entry


def test_passes() -> None:
    assert status(CHECK, an_hco(entries=[CORP, FEDORA])) == "pass"


def test_fails_once_per_name() -> None:
    second = an_entry("corp-image-cron-2", managed="second")
    hco = an_hco(entries=[CORP, second, FEDORA, CORP], taken=[])
    found = only(CHECK, hco)
    assert essence(found) == (
        "critical",
        "HyperConverged kubevirt-hyperconverged",
        "spec.workloadSources.dataImportCronTemplates[name=corp-image-cron]",
        "2 entries of this name",
        "one",
    )
    after = patched(fix_of(found), hco)
    names = [e["metadata"]["name"] for e in after["spec"]["workloadSources"]["dataImportCronTemplates"]]
    assert names == ["corp-image-cron", "corp-image-cron-2", "fedora-image-cron", "corp-image-cron-3"]
    assert status(CHECK, after) == "pass"
