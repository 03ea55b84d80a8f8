from __future__ import annotations

from typing import Any

import pytest

from exporter.checks.entries.unsupported_architecture import unsupported_architecture
from tests.checks.entries.clusters import ARCHES, CORP, ENABLE, apply_command
from tests.checks.storage.assertions import fix_command, only_finding, summarize
from tests.worlds import Manifest, an_entry, an_hco, condition, merge, status

CHECK = unsupported_architecture
MULTI: dict[str, Any] = {
    "spec": {"featureGates": [{"name": "enableMultiArchBootImageImport"}]},
    "status": {"nodeInfo": {"workloadsArchitectures": ["amd64", "arm64"]}},
}
AT = f"spec.workloadSources.dataImportCronTemplates[name=zlinux].metadata.annotations[{ARCHES}]"


def of(arches: str, **more: str) -> Manifest:
    return an_entry("zlinux", managed="zlinux", metadata={"annotations": {ARCHES: arches, **more}})


def kept_back(arches: str) -> Manifest:
    """An entry in HCO's status that is not passed on."""
    told = {
        "originalSupportedArchitectures": arches,
        "conditions": [
            condition("Deployed", "False", "UnsupportedArchitectures", "no supported architectures", days=6)
        ],
    }
    return {**of(""), "status": told}


@pytest.mark.parametrize(
    "hco",
    [
        pytest.param(an_hco(entries=[CORP]), id="single arch"),
        pytest.param(an_hco(entries=[of("amd64,arm64")], **MULTI), id="supported"),
        pytest.param(an_hco(entries=[of("amd64,s390x")], taken=[of("amd64")], **MULTI), id="partly supported"),
        pytest.param(
            an_hco(entries=[of("amd64, s390x")], taken=[of("amd64")], **MULTI), id="a space that hides nothing"
        ),
        pytest.param(an_hco(entries=[of("amd64, arm64")]), id="multi-arch off"),
        pytest.param(an_hco(entries=[of("s390x", **{ENABLE: "false"})], taken=[], **MULTI), id="disabled"),
    ],
)
def test_passes(hco: Manifest) -> None:
    assert status(CHECK, hco) == "pass"


def test_none_is_left() -> None:
    found = only_finding(
        CHECK,
        merge(an_hco(entries=[of("s390x")], **MULTI), {"status": {"dataImportCronTemplates": [kept_back("s390x")]}}),
    )
    ref = "HyperConverged kubevirt-hyperconverged"
    assert summarize(found) == ("warning", ref, AT, "s390x", "at least one of amd64, arm64")
    assert "is not deployed: its architectures are s390x" in found.summary
    assert found.since is not None
    assert found.fix is None


def test_a_common_entry_is_shown_where_it_stands() -> None:
    common = {**kept_back("s390x"), "status": {**kept_back("s390x")["status"], "commonTemplate": True}}
    hco = merge(an_hco(**MULTI), {"status": {"dataImportCronTemplates": [common]}})
    assert (
        only_finding(CHECK, hco).field == f"status.dataImportCronTemplates[name=zlinux].metadata.annotations[{ARCHES}]"
    )


def test_a_space_hides_an_architecture() -> None:
    hco = an_hco(entries=[of("amd64, arm64")], taken=[of("amd64")], **MULTI)
    found = only_finding(CHECK, hco)
    assert "is not deployed for arm64: a space in its annotation" in found.summary
    assert found.observed == "amd64, arm64"
    after = apply_command(fix_command(found), hco)
    assert (
        after["spec"]["workloadSources"]["dataImportCronTemplates"][0]["metadata"]["annotations"][ARCHES]
        == "amd64,arm64"
    )
    assert status(CHECK, after) == "pass"
