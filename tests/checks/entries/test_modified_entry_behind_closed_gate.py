from __future__ import annotations

import pytest

from exporter.checks.entries.modified_entry_behind_closed_gate import modified_entry_behind_closed_gate
from tests.checks.entries.clusters import CORP, ENABLE, FEDORA, apply_command, closed_gate_spec, metadata_edited_at, off
from tests.checks.storage.assertions import fix_command, only_finding, summarize
from tests.worlds import Manifest, ago, an_entry, an_hco, findings, merge, status

CHECK = modified_entry_behind_closed_gate


@pytest.mark.parametrize(
    "hco",
    [
        pytest.param(an_hco(entries=[FEDORA], taken=[]), id="gate open"),
        pytest.param(an_hco(entries=[CORP], **closed_gate_spec()), id="a name of its own"),
        pytest.param(an_hco(entries=[CORP], taken=[], **closed_gate_spec()), id="a name of its own, not taken up"),
        pytest.param(an_hco(entries=[FEDORA], **closed_gate_spec()), id="HCO took it up as custom"),
        pytest.param(an_hco(entries=[off("fedora-image-cron")], taken=[], **closed_gate_spec()), id="disabled"),
        pytest.param(
            an_hco(
                entries=[merge(FEDORA, {"metadata": {"annotations": {ENABLE: "false"}}})],
                taken=[],
                **closed_gate_spec(),
            ),
            id="disabled with a spec",
        ),
        pytest.param(
            an_hco(entries=[FEDORA], taken=[], metadata=metadata_edited_at(ago(minutes=1)), **closed_gate_spec()),
            id="edited a minute ago",
        ),
    ],
)
def test_passes(hco: Manifest) -> None:
    assert findings(CHECK, hco) == ()


def test_fails() -> None:
    stream = an_entry("centos-stream9-image-cron", managed="centos-stream9")
    hco = an_hco(entries=[CORP, stream], taken=[CORP], metadata=metadata_edited_at(ago(hours=2)), **closed_gate_spec())
    found = only_finding(CHECK, hco)
    assert summarize(found) == (
        "warning",
        "HyperConverged kubevirt-hyperconverged",
        "spec.workloadSources.dataImportCronTemplates[name=centos-stream9-image-cron].metadata.name",
        "centos-stream9-image-cron, with the gate closed",
        "a name of its own, such as my-centos-stream9-image-cron",
    )
    assert found.since is not None
    after = apply_command(fix_command(found), hco)
    names = [e["metadata"]["name"] for e in after["spec"]["workloadSources"]["dataImportCronTemplates"]]
    assert names == ["corp-image-cron", "my-centos-stream9-image-cron"]
    assert status(CHECK, after) == "pass"


def test_the_new_name_is_free() -> None:
    taken = an_entry("my-fedora-image-cron", managed="other")
    found = only_finding(CHECK, an_hco(entries=[FEDORA, taken], taken=[taken], **closed_gate_spec()))
    assert '"value":"my-my-fedora-image-cron"' in fix_command(found)
