from __future__ import annotations

from typing import Any

import pytest

from exporter.checks.entries import ENTRIES
from exporter.checks.entries.duplicate_entry import duplicate_entry
from exporter.checks.entries.entry_not_propagated import entry_not_propagated
from exporter.checks.operators.hyperconverged_status_stale import hyperconverged_status_stale
from exporter.checks.operators.hyperconverged_tainted import hyperconverged_tainted
from exporter.cluster.resources import SSPS
from exporter.kube.contract import State
from tests.checks.entries.clusters import ARCHES, CORP, FEDORA, closed_gate_spec, metadata_edited_at, off, platform
from tests.checks.storage.assertions import cause_ids, only_finding, summarize
from tests.worlds import Manifest, ago, an_entry, an_hco, evaluate_manifests, findings, merge, status

CHECK = entry_not_propagated
OTHER_URL = {"spec": {"template": {"spec": {"source": {"registry": {"url": "docker://mirror/x:1"}}}}}}
AT = "dataImportCronTemplates[name=corp-image-cron]"
NEW = metadata_edited_at(ago(hours=3))


@pytest.mark.parametrize(
    "world",
    [
        pytest.param(platform(), id="arrived"),
        pytest.param(platform(entries=[CORP, off("fedora-image-cron")], commons=[]), id="disabled"),
        pytest.param(
            platform(entries=[FEDORA], taken=[], commons=[], hco=closed_gate_spec()), id="behind the closed gate"
        ),
        pytest.param(
            platform(taken=[], hco={"metadata": {"generation": 5, **metadata_edited_at(ago(minutes=1))}}),
            id="a minute old",
        ),
        pytest.param(
            platform(passed=[FEDORA], ssp={"metadata": metadata_edited_at(ago(minutes=1))}),
            id="SSP was written a minute ago",
        ),
        pytest.param(platform(entries=[merge(CORP, {"spec": None})], taken=[CORP]), id="an entry without spec"),
        pytest.param(
            platform(
                entries=[merge(CORP, {"metadata": {"annotations": {ARCHES: "amd64"}}})],
                taken=[merge(CORP, {"metadata": {"annotations": {ARCHES: "amd64"}}})],
                passed=[CORP, FEDORA],
            ),
            id="without multi-arch HCO drops architectures",
        ),
    ],
)
def test_passes(world: list[Manifest]) -> None:
    assert findings(CHECK, *world) == ()


def test_hco_lacks_an_entry() -> None:
    found = only_finding(CHECK, *platform(taken=[], hco={"metadata": NEW}))
    ref = "HyperConverged kubevirt-hyperconverged"
    assert summarize(found) == ("warning", ref, f"status.{AT}", "no such entry", "entry corp-image-cron")
    assert found.since is not None
    assert found.caused_by == ()


@pytest.mark.parametrize(
    ("asked", "path", "expected", "observed"),
    [
        pytest.param(
            {"spec": {"schedule": "0 1 * * *"}}, "spec.schedule", "0 1 * * *", "41 11/12 * * *", id="schedule"
        ),
        pytest.param(
            OTHER_URL,
            "spec.template.spec.source.registry.url",
            "docker://mirror/x:1",
            "docker://quay.io/containerdisks/corp:latest",
            id="url",
        ),
        pytest.param(
            {"spec": {"template": {"spec": {"storage": {"storageClassName": "fast"}}}}},
            "spec.template.spec.storage.storageClassName",
            "fast",
            "not set",
            id="storage class",
        ),
        pytest.param({"metadata": {"namespace": "golden"}}, "metadata.namespace", "golden", "not set", id="namespace"),
    ],
)
def test_hco_still_has_another_one(asked: Manifest, path: str, expected: str, observed: str) -> None:
    found = only_finding(CHECK, *platform(entries=[merge(CORP, asked)], taken=[CORP]))
    assert (found.field, found.expected, found.observed) == (f"status.{AT}.{path}", expected, observed)


@pytest.mark.parametrize(
    ("passed", "path", "observed", "expected"),
    [
        pytest.param([FEDORA], "", "no such entry", "entry corp-image-cron", id="missing"),
        pytest.param(
            [merge(CORP, OTHER_URL), FEDORA],
            ".spec.template.spec.source.registry.url",
            "docker://mirror/x:1",
            "docker://quay.io/containerdisks/corp:latest",
            id="another url",
        ),
        pytest.param(
            [merge(CORP, {"metadata": {"namespace": "golden"}}), FEDORA],
            ".metadata.namespace",
            "golden",
            "not set",
            id="another namespace",
        ),
        pytest.param(
            [merge(CORP, {"spec": {"importsToKeep": None}}), FEDORA], ".spec.importsToKeep", "not set", "1", id="unset"
        ),
    ],
)
def test_ssp_differs(passed: list[Manifest], path: str, observed: str, expected: str) -> None:
    found = only_finding(CHECK, *platform(passed=passed))
    field = f"spec.commonTemplates.{AT}{path}"
    assert summarize(found) == ("warning", "SSP ssp-kubevirt-hyperconverged", field, observed, expected)
    assert "the place to edit is HyperConverged, HCO reverts edits of SSP" in found.summary


def test_ssp_has_an_entry_that_hco_does_not_list() -> None:
    found = only_finding(CHECK, *platform(passed=[CORP, FEDORA, an_entry("more", managed="more")]))
    assert found.observed == "an entry that HCO does not list"


def test_architectures_count_with_multi_arch() -> None:
    arm = merge(CORP, {"metadata": {"annotations": {ARCHES: "arm64"}}})
    multi = {"spec": {"featureGates": [{"name": "enableMultiArchBootImageImport"}]}, "status": {"nodeInfo": None}}
    found = only_finding(CHECK, *platform(entries=[arm], passed=[CORP, FEDORA], hco=multi))
    assert (found.expected, found.observed) == ("arm64", "")


def test_there_is_no_ssp() -> None:
    hco = an_hco(entries=[CORP])
    assert "there is no SSP" in only_finding(CHECK, hco).summary
    assert status(CHECK, an_hco()) == "pass"
    assert status(CHECK, hco, states={SSPS: State.NOT_SERVED}) == "pass"


@pytest.mark.parametrize("silent", ["conditions", "observedGeneration"])
def test_one_sign_of_life_is_enough(silent: str) -> None:
    assert status(CHECK, merge(an_hco(entries=[CORP], taken=[]), {"status": {silent: None}})) == "fail"


def test_a_manifest_that_was_never_reconciled_is_unknown() -> None:
    hco = merge(an_hco(entries=[CORP], taken=[]), {"status": None})
    assert status(CHECK, hco) == "unknown"


PATCH = {"metadata": {"annotations": {"ssp.kubevirt.io/jsonpatch": "[]"}}}


@pytest.mark.parametrize(
    ("world", "expected"),
    [
        pytest.param(
            {"taken": [], "hco": {"metadata": {"generation": 5, **NEW}}},
            {"hyperconverged-status-stale"},
            id="HCO is down",
        ),
        pytest.param({"entries": [CORP, CORP], "taken": []}, {"duplicate-entry"}, id="a duplicate name"),
        pytest.param({"passed": [FEDORA], "hco": PATCH}, {"hyperconverged-tainted"}, id="a JSON patch"),
        pytest.param({"passed": [FEDORA]}, set[str](), id="nothing explains it"),
    ],
)
def test_causes(world: dict[str, Any], expected: set[str]) -> None:
    checks = (hyperconverged_status_stale, hyperconverged_tainted, duplicate_entry)
    assert cause_ids(checks, CHECK, *platform(**world)) == expected


def test_an_entry_without_source_stops_hco_and_is_the_root() -> None:
    broken = merge(CORP, {"spec": {"template": {"spec": {"source": None}}, "schedule": "0 1 * * *"}})
    world = platform(entries=[broken], taken=[CORP], hco={"metadata": {"generation": 5, **NEW}})
    report = evaluate_manifests((hyperconverged_status_stale, *ENTRIES), *world).report
    roots = [(f.check, f.severity.value) for f in report.findings if f.root]
    assert roots == [("entry-without-source", "critical")]
    assert {f.check for f in report.findings if not f.root} == {"hyperconverged-status-stale", "entry-not-propagated"}


def test_hco_still_lists_common_boot_sources_behind_the_closed_gate() -> None:
    common = {**FEDORA, "status": {"commonTemplate": True}}
    found = only_finding(
        CHECK, *platform(entries=[], taken=[common], commons=[], hco=merge(closed_gate_spec(), {"metadata": NEW}))
    )
    assert found.summary == (
        "HCO still lists 1 common boot source (fedora-image-cron) in the status of HyperConverged "
        "kubevirt-hyperconverged, although spec.workloadSources.enableCommonBootImageImport is false"
    )


@pytest.mark.parametrize(
    ("entries", "why"), [([off("corp-image-cron")], "its entry is disabled"), ([], "its entry was removed")]
)
def test_hco_still_lists_what_its_spec_does_not_want(entries: list[Manifest], why: str) -> None:
    found = only_finding(CHECK, *platform(entries=entries, taken=[CORP], passed=[CORP, FEDORA], hco={"metadata": NEW}))
    assert found.summary.endswith(
        f"boot source corp-image-cron in the status of HyperConverged kubevirt-hyperconverged, although {why}"
    )
