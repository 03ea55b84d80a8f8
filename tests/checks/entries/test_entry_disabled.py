from __future__ import annotations

import pytest

from exporter.checks.entries.entry_disabled import entry_disabled
from tests.checks.entries.clusters import CORP, ENABLE, apply_command, off
from tests.checks.storage.assertions import fix_command, only_finding, summarize
from tests.worlds import Manifest, an_hco, merge, status

CHECK = entry_disabled
LIST = "spec.workloadSources.dataImportCronTemplates"


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param(CORP, id="no annotation"),
        pytest.param(merge(CORP, {"metadata": {"annotations": {ENABLE: "True"}}}), id="True"),
        pytest.param(merge(CORP, {"metadata": {"annotations": {ENABLE: "no"}}}), id="an odd value is another finding"),
    ],
)
def test_passes(entry: Manifest) -> None:
    assert status(CHECK, an_hco(entries=[entry])) == "pass"


def test_a_common_one_is_switched_on_by_taking_the_entry_out() -> None:
    hco = an_hco(entries=[CORP, off("fedora-image-cron", "FALSE")], taken=[CORP])
    found = only_finding(CHECK, hco)
    assert summarize(found) == (
        "info",
        "HyperConverged kubevirt-hyperconverged",
        f"{LIST}[name=fedora-image-cron].metadata.annotations[{ENABLE}]",
        "FALSE",
        "true, unless it is switched off on purpose",
    )
    assert apply_command(fix_command(found), hco)["spec"]["workloadSources"]["dataImportCronTemplates"] == [CORP]


def test_a_custom_one_is_switched_on_by_the_annotation() -> None:
    hco = an_hco(entries=[merge(CORP, {"metadata": {"annotations": {ENABLE: "false"}}})], taken=[])
    after = apply_command(fix_command(only_finding(CHECK, hco)), hco)
    assert after["spec"]["workloadSources"]["dataImportCronTemplates"][0]["metadata"]["annotations"][ENABLE] == "true"
    assert status(CHECK, after) == "pass"
