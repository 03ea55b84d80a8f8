from __future__ import annotations

import pytest

from exporter.checks.entries.entry_disabled import entry_disabled
from tests.checks.entries.clusters import CORP, ENABLE, off, patched
from tests.checks.storage.asserted import essence, fix_of, only
from tests.worlds import Manifest, an_hco, merged, status

CHECK = entry_disabled
LIST = "spec.workloadSources.dataImportCronTemplates"


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param(CORP, id="no annotation"),
        pytest.param(merged(CORP, {"metadata": {"annotations": {ENABLE: "True"}}}), id="True"),
        pytest.param(merged(CORP, {"metadata": {"annotations": {ENABLE: "no"}}}), id="an odd value is another finding"),
    ],
)
def test_passes(entry: Manifest) -> None:
    assert status(CHECK, an_hco(entries=[entry])) == "pass"


def test_a_common_one_is_switched_on_by_taking_the_entry_out() -> None:
    hco = an_hco(entries=[CORP, off("fedora-image-cron", "FALSE")], taken=[CORP])
    found = only(CHECK, hco)
    assert essence(found) == (
        "info",
        "HyperConverged kubevirt-hyperconverged",
        f"{LIST}[name=fedora-image-cron].metadata.annotations[{ENABLE}]",
        "FALSE",
        "true, unless it is switched off on purpose",
    )
    assert patched(fix_of(found), hco)["spec"]["workloadSources"]["dataImportCronTemplates"] == [CORP]


def test_a_custom_one_is_switched_on_by_the_annotation() -> None:
    hco = an_hco(entries=[merged(CORP, {"metadata": {"annotations": {ENABLE: "false"}}})], taken=[])
    after = patched(fix_of(only(CHECK, hco)), hco)
    assert after["spec"]["workloadSources"]["dataImportCronTemplates"][0]["metadata"]["annotations"][ENABLE] == "true"
    assert status(CHECK, after) == "pass"
