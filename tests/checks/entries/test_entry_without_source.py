from __future__ import annotations

import pytest

from exporter.checks.entries.entry_without_source import entry_without_source
from tests.checks.entries.clusters import CORP, ENABLE, FEDORA, apply_command, closed_gate_spec, metadata_edited_at
from tests.checks.storage.assertions import costs_of, fix_command, only_finding, summarize
from tests.worlds import Manifest, a_cdi, a_cron, ago, an_hco, merge, status

CHECK = entry_without_source
RHEL = merge(
    FEDORA,
    {
        "metadata": {"name": "rhel9-image-cron"},
        "spec": {"template": {"spec": {"source": {"registry": {"url": None, "imageStream": "rhel9-guest"}}}}},
    },
)
SOURCE = {"registry": {"imageStream": "rhel9-guest", "pullMethod": "node"}}


def without(entry: Manifest, source: object = None) -> Manifest:
    return merge(entry, {"spec": {"template": {"spec": {"source": source}}}})


@pytest.mark.parametrize(
    "hco",
    [
        pytest.param(an_hco(entries=[CORP]), id="registry"),
        pytest.param(an_hco(entries=[without(CORP, {"registry": None, "pvc": {"name": "x"}})]), id="claim"),
        pytest.param(an_hco(entries=[without(CORP, {"registry": None, "http": {}})]), id="of another kind"),
        pytest.param(
            an_hco(entries=[merge(without(CORP), {"metadata": {"annotations": {ENABLE: "false"}}})]), id="disabled"
        ),
        pytest.param(an_hco(entries=[without(RHEL)], taken=[], **closed_gate_spec()), id="behind the closed gate"),
    ],
)
def test_passes(hco: Manifest) -> None:
    assert status(CHECK, hco) == "pass"


def test_stuck_hco_still_shows_the_source() -> None:
    hco = an_hco(entries=[CORP, without(RHEL)], commons=[RHEL], taken=[CORP], metadata=metadata_edited_at(ago(hours=6)))
    found = only_finding(CHECK, hco)
    assert summarize(found) == (
        "critical",
        "HyperConverged kubevirt-hyperconverged",
        "spec.workloadSources.dataImportCronTemplates[name=rhel9-image-cron].spec.template.spec.source",
        "not set",
        "registry or pvc",
    )
    assert found.since is not None
    after = apply_command(fix_command(found), hco)
    assert (
        after["spec"]["workloadSources"]["dataImportCronTemplates"][1]["spec"]["template"]["spec"]["source"] == SOURCE
    )
    assert status(CHECK, after) == "pass"


@pytest.mark.parametrize("empty", [pytest.param(None, id="no source"), pytest.param({"registry": None}, id="null")])
def test_a_common_one_falls_back_to_what_it_was(empty: object) -> None:
    broken = without(RHEL, empty)
    hco = an_hco(entries=[broken], taken=[{**broken, "status": {"commonTemplate": True, "modified": True}}])
    found = only_finding(CHECK, hco)
    after = apply_command(fix_command(found), hco)
    assert after["spec"]["workloadSources"]["dataImportCronTemplates"] == []


def test_a_custom_one_cannot_be_guessed_and_is_switched_off_so_that_it_blocks_nothing() -> None:
    hco = an_hco(entries=[without(CORP)], taken=[])
    found = only_finding(CHECK, hco)
    assert [fix.kind for fix in found.fixes] == ["safe"]
    assert status(CHECK, apply_command(fix_command(found), hco)) == "pass"


def test_the_source_of_a_custom_one_is_taken_from_its_data_import_cron() -> None:
    """Switching it off would delete the image that works."""
    hco = an_hco(entries=[without(CORP)], taken=[])
    found = only_finding(
        CHECK, hco, a_cron("corp-image-cron", managed="corp", spec={"retentionPolicy": "None"}), a_cdi()
    )
    after = apply_command(fix_command(found), hco)
    spec = after["spec"]["workloadSources"]["dataImportCronTemplates"][0]["spec"]["template"]["spec"]
    assert spec["source"]["registry"]["url"].startswith("docker://")
    ((_, cost),) = costs_of(found)
    assert "imports again (30 GiB)" in cost


def test_an_enabled_entry_without_spec() -> None:
    found = only_finding(CHECK, an_hco(entries=[{"metadata": {"name": "corp-image-cron"}}], taken=[]))
    assert found.observed == "not set, nor anything else of the spec"
    assert [fix.kind for fix in found.fixes] == ["safe"]


def test_a_claim_is_written_back_as_it_was() -> None:
    gold = without(CORP, {"registry": None, "pvc": {"namespace": "team-a", "name": "golden"}})
    hco = an_hco(entries=[without(CORP)], taken=[gold])
    after = apply_command(fix_command(only_finding(CHECK, hco)), hco)
    source = after["spec"]["workloadSources"]["dataImportCronTemplates"][0]["spec"]["template"]["spec"]["source"]
    assert source == {"pvc": {"namespace": "team-a", "name": "golden"}}


def test_credentials_and_platform_are_written_back() -> None:
    full = {
        "url": "docker://r/x:1",
        "pullMethod": None,
        "secretRef": "s",
        "certConfigMap": "c",
        "platform": {"architecture": "arm64"},
    }
    hco = an_hco(
        entries=[without(CORP)], taken=[merge(CORP, {"spec": {"template": {"spec": {"source": {"registry": full}}}}})]
    )
    after = apply_command(fix_command(only_finding(CHECK, hco)), hco)
    source = after["spec"]["workloadSources"]["dataImportCronTemplates"][0]["spec"]["template"]["spec"]["source"]
    assert source == {"registry": {k: v for k, v in full.items() if v}}
