from __future__ import annotations

from typing import Any

import pytest

from exporter.checks.entries.disabled_entry_still_deployed import disabled_entry_still_deployed
from exporter.checks.operators import OPERATORS
from tests.checks.entries.clusters import (
    ARCHES,
    CORP,
    FEDORA,
    closed_gate_spec,
    cron_of,
    metadata_edited_at,
    off,
    platform,
)
from tests.checks.storage.assertions import cause_ids, costs_of, only_finding
from tests.worlds import SSP_OWNED, Manifest, ago, an_entry, condition, findings, merge

CHECK = disabled_entry_still_deployed
CRONS = [cron_of(CORP), cron_of(FEDORA)]
DISABLED: dict[str, Any] = {"entries": [CORP, off("fedora-image-cron")], "commons": [], "crons": CRONS}
UNOWNED = {"annotations": dict.fromkeys(SSP_OWNED)}
MULTI = {"spec": {"featureGates": [{"name": "enableMultiArchBootImageImport"}]}}


@pytest.mark.parametrize(
    "world",
    [
        pytest.param(platform(), id="wanted"),
        pytest.param(platform(entries=[], crons=[cron_of(FEDORA), cron_of(CORP, metadata=UNOWNED)]), id="made by hand"),
        pytest.param(
            platform(**DISABLED, hco={"metadata": metadata_edited_at(ago(minutes=1))}), id="disabled a minute ago"
        ),
        pytest.param(
            platform(**DISABLED, ssp={"metadata": metadata_edited_at(ago(minutes=1))}),
            id="SSP heard of it a minute ago",
        ),
        pytest.param(
            platform(entries=[], passed=[CORP, FEDORA]), id="SSP has an entry of its own: that drift is another finding"
        ),
    ],
)
def test_passes(world: list[Manifest]) -> None:
    assert findings(CHECK, *world) == ()


@pytest.mark.parametrize(
    ("world", "name", "why"),
    [
        pytest.param(DISABLED, "fedora-image-cron", "entry fedora-image-cron is disabled", id="disabled"),
        pytest.param(
            {**DISABLED, "passed": [CORP, FEDORA]}, "fedora-image-cron", "is disabled", id="disabled, SSP not told"
        ),
        pytest.param(
            {"commons": [], "crons": CRONS, "hco": closed_gate_spec()},
            "fedora-image-cron",
            "common boot sources are switched off",
            id="gate closed",
        ),
        pytest.param(
            {"hco": closed_gate_spec()},
            "fedora-image-cron",
            "common boot sources are switched off",
            id="gate closed, HCO asleep",
        ),
        pytest.param(
            {"entries": [], "crons": CRONS}, "corp-image-cron", "no entry of HyperConverged stands for it", id="removed"
        ),
        pytest.param(
            {"entries": [], "taken": [CORP]},
            "corp-image-cron",
            "entry corp-image-cron was removed from HyperConverged's spec",
            id="removed, HCO asleep",
        ),
        pytest.param(
            {"commons": [merge(FEDORA, {"metadata": {"namespace": "golden"}})], "crons": CRONS},
            "fedora-image-cron",
            "SSP wants golden/fedora-image-cron instead",
            id="moved",
        ),
        pytest.param(
            {"entries": [CORP, an_entry("z-image-cron", managed="corp")]},
            "corp-image-cron",
            "entry z-image-cron manages its DataSource",
            id="beaten",
        ),
        pytest.param(
            {"crons": [*CRONS, cron_of(merge(CORP, {"metadata": {"name": "corp-image-cron-arm64"}}))]},
            "corp-image-cron-arm64",
            "SSP wants openshift-virtualization-os-images/corp-image-cron instead",
            id="left over from multi-arch",
        ),
        pytest.param(
            {"passed": [FEDORA], "crons": CRONS},
            "corp-image-cron",
            "SSP's list has no entry corp-image-cron",
            id="lost",
        ),
        pytest.param(
            {
                "taken": [
                    {**CORP, "status": {"conditions": [condition("Deployed", "False", "UnsupportedArchitectures")]}}
                ],
                "passed": [FEDORA],
                "crons": CRONS,
            },
            "corp-image-cron",
            "HCO keeps entry corp-image-cron back",
            id="kept back",
        ),
    ],
)
def test_fails(world: dict[str, Any], name: str, why: str) -> None:
    found = only_finding(CHECK, *platform(**world))
    assert (found.severity, found.object.kind, found.object.name) == ("warning", "DataImportCron", name)
    assert why in found.summary
    assert found.expected == "no such DataImportCron"


def test_an_architecture_belongs_to_its_entry() -> None:
    arm = merge(CORP, {"metadata": {"annotations": {ARCHES: "arm64"}}})
    cron = cron_of(merge(CORP, {"metadata": {"name": "corp-image-cron-arm64"}}))
    world = platform(
        entries=[arm], commons=[], crons=[cron], hco=MULTI, ssp={"spec": {"enableMultipleArchitectures": True}}
    )
    assert findings(CHECK, *world) == ()


def test_a_restart_helps_only_if_ssp_works_and_does_not_want_it() -> None:
    found = only_finding(CHECK, *platform(**DISABLED))
    ((command, cost),) = costs_of(found)
    assert command == "oc rollout restart deploy/ssp-operator -n openshift-cnv"
    assert "SSP deletes DataImportCron fedora-image-cron" in cost
    paused = {"metadata": {"annotations": {"kubevirt.io/operator.paused": "true"}}}
    assert only_finding(CHECK, *platform(**DISABLED, ssp=paused)).fix is None
    assert only_finding(CHECK, *platform(**{**DISABLED, "passed": [CORP, FEDORA]})).fix is None


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(
            {"ssp": {"metadata": {"generation": 4, **metadata_edited_at(ago(hours=5))}}},
            {"ssp-status-stale"},
            id="SSP down",
        ),
        pytest.param(
            {"ssp": {"metadata": {"annotations": {"kubevirt.io/operator.paused": "true"}}}}, {"ssp-paused"}, id="paused"
        ),
        pytest.param(
            {"ssp": {"status": {"conditions": [condition("Degraded", "True", "Degraded", "Error: x")]}}},
            {"ssp-degraded"},
            id="degraded",
        ),
        pytest.param(
            {"passed": [CORP, FEDORA], "hco": {"metadata": {"generation": 5, **metadata_edited_at(ago(hours=5))}}},
            {"hyperconverged-status-stale"},
            id="HCO down",
        ),
        pytest.param({}, set[str](), id="nothing explains it"),
    ],
)
def test_causes(changes: dict[str, Any], expected: set[str]) -> None:
    assert cause_ids(OPERATORS, CHECK, *platform(**{**DISABLED, **changes})) == expected
