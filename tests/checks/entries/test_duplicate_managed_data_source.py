from __future__ import annotations

from typing import Any

import pytest

from exporter.checks.entries.duplicate_managed_data_source import duplicate_managed_data_source
from tests.checks.entries.clusters import ARCHES, CORP, FEDORA, apply_command, off
from tests.checks.storage.assertions import fix_command, only_finding, summarize
from tests.worlds import IMAGES, Manifest, an_entry, an_hco, merge, status

CHECK = duplicate_managed_data_source
MINE = an_entry("my-fedora-image-cron", managed="fedora")
MULTI: dict[str, Any] = {
    "spec": {"featureGates": [{"name": "enableMultiArchBootImageImport"}]},
    "status": {"nodeInfo": {"workloadsArchitectures": ["amd64", "arm64"]}},
}


def of(name: str, arches: str) -> Manifest:
    return an_entry(name, managed="corp", metadata={"annotations": {ARCHES: arches}})


@pytest.mark.parametrize(
    "hco",
    [
        pytest.param(an_hco(entries=[CORP], commons=[FEDORA]), id="distinct"),
        pytest.param(
            an_hco(entries=[merge(MINE, {"metadata": {"namespace": "golden"}})], commons=[FEDORA]), id="two namespaces"
        ),
        pytest.param(
            an_hco(entries=[off("fedora-image-cron"), MINE], commons=[FEDORA], taken=[MINE]), id="the other is disabled"
        ),
        pytest.param(
            an_hco(entries=[of("a-image-cron", "amd64"), of("b-image-cron", "arm64")], **MULTI), id="per arch"
        ),
        pytest.param(an_hco(entries=[FEDORA], commons=[FEDORA], taken=[]), id="an entry that modifies the common one"),
    ],
)
def test_passes(hco: Manifest) -> None:
    assert status(CHECK, hco) == "pass"


def test_a_custom_entry_beats_the_common_one() -> None:
    hco = an_hco(entries=[MINE], commons=[FEDORA])
    found = only_finding(CHECK, hco)
    assert summarize(found) == (
        "warning",
        "HyperConverged kubevirt-hyperconverged",
        "spec.workloadSources.dataImportCronTemplates[name=my-fedora-image-cron].spec.managedDataSource",
        "fedora in fedora-image-cron and my-fedora-image-cron",
        "a DataSource of its own for each entry",
    )
    assert "my-fedora-image-cron wins, fedora-image-cron is dropped" in found.summary
    after = apply_command(fix_command(found), hco)
    assert after["spec"]["workloadSources"]["dataImportCronTemplates"] == [MINE, off("fedora-image-cron")]
    assert status(CHECK, after) == "pass"


def test_of_two_custom_entries_the_last_by_name_wins() -> None:
    hco = an_hco(entries=[an_entry("z-image-cron", managed="corp"), CORP])
    found = only_finding(CHECK, hco)
    assert "z-image-cron wins, corp-image-cron is dropped" in found.summary
    assert found.fix is None, "its own name is the DataSource's already"


def test_a_custom_loser_gets_a_data_source_of_its_own() -> None:
    hco = an_hco(entries=[an_entry("a-image-cron", managed="corp"), CORP])
    after = apply_command(fix_command(only_finding(CHECK, hco)), hco)
    assert after["spec"]["workloadSources"]["dataImportCronTemplates"][0]["spec"]["managedDataSource"] == "a"
    assert status(CHECK, after) == "pass"


def test_the_built_in_namespace_may_be_written_out() -> None:
    named = merge(MINE, {"metadata": {"namespace": IMAGES}})
    assert status(CHECK, an_hco(entries=[named], commons=[FEDORA])) == "fail"


def test_an_entry_that_is_not_taken_up_yet_counts() -> None:
    assert status(CHECK, an_hco(entries=[MINE], commons=[FEDORA], taken=[])) == "fail"


def test_once_per_entry_also_with_several_architectures() -> None:
    hco = an_hco(entries=[of("a-image-cron", "amd64,arm64"), of("b-image-cron", "amd64,arm64")], **MULTI)
    assert "DataSource corp-amd64" in only_finding(CHECK, hco).summary
