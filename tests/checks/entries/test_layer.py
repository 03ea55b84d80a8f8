from __future__ import annotations

import pytest

from exporter.checks.check import Check
from exporter.checks.entries import ENTRIES
from exporter.checks.entries.cron_drifted import cron_drifted
from exporter.checks.entries.disabled_entry_still_deployed import disabled_entry_still_deployed
from exporter.checks.entries.standalone_cron import standalone_cron
from exporter.checks.operators import OPERATORS
from exporter.cluster.resource import Resource
from tests.checks.entries.clusters import ARCHES, CORP, FEDORA, cron_of, off, platform
from tests.checks.storage.assertions import blind_rows, goes_blind
from tests.worlds import (
    IMAGES,
    SSP_OWNED,
    Manifest,
    a_claim,
    a_data_source,
    an_entry,
    evaluate_manifests,
    merge,
    status,
)


@blind_rows(*OPERATORS, *ENTRIES)
def test_goes_blind(check: Check, resource: Resource[object]) -> None:
    assert goes_blind(check, resource)


@pytest.mark.parametrize("check", [pytest.param(c, id=c.id) for c in (*OPERATORS, *ENTRIES)])
def test_passes_on_a_healthy_platform(check: Check) -> None:
    told = evaluate_manifests(check, *platform()).report
    assert told.checks[0].status == "pass"
    assert told.findings == ()


@pytest.mark.parametrize(
    "world",
    [
        pytest.param([], id="an empty cluster"),
        pytest.param([cron_of(FEDORA, metadata={"annotations": dict.fromkeys(SSP_OWNED)})], id="CDI alone"),
        pytest.param(platform(entries=[off("fedora-image-cron", "FALSE")], commons=[]), id="disabled in capitals"),
        pytest.param(
            platform(
                crons=[cron_of(CORP)],
                more=[
                    a_claim("fedora", cron=""),
                    a_data_source(
                        cron="",
                        metadata={"annotations": SSP_OWNED},
                        spec={"source": {"snapshot": None, "pvc": {"name": "fedora", "namespace": IMAGES}}},
                    ),
                ],
            ),
            id="opted out by a claim of the DataSource's name",
        ),
        pytest.param(
            platform(entries=[], commons=[], hco={"spec": {"workloadSources": {"enableCommonBootImageImport": False}}}),
            id="gate closed",
        ),
        pytest.param(
            platform(
                entries=[
                    merge(
                        CORP,
                        {
                            "spec": {
                                "template": {"spec": {"storage": {"resources": {"requests": {"storage": "1024Mi"}}}}}
                            }
                        },
                    )
                ],
                taken=[
                    merge(
                        CORP,
                        {"spec": {"template": {"spec": {"storage": {"resources": {"requests": {"storage": "1Gi"}}}}}}},
                    )
                ],
            ),
            id="Go writes a quantity in its own way",
        ),
        pytest.param(
            platform(
                entries=[
                    merge(CORP, {"spec": {"importsToKeep": None, "retentionPolicy": None, "garbageCollect": None}})
                ],
                taken=[CORP],
            ),
            id="HCO fills in what an entry leaves out",
        ),
        pytest.param(
            platform(
                entries=[merge(FEDORA, {"spec": {"schedule": ""}})],
                commons=[],
                taken=[{**FEDORA, "status": {"commonTemplate": True, "modified": True}}],
            ),
            id="a modified entry inherits the schedule",
        ),
        pytest.param(
            platform(
                entries=[an_entry("arm-image-cron", managed="arm", metadata={"annotations": {ARCHES: "arm64"}})],
                hco={
                    "spec": {"featureGates": [{"name": "enableMultiArchBootImageImport"}]},
                    "status": {"nodeInfo": {"workloadsArchitectures": ["arm64"]}},
                },
                ssp={"spec": {"enableMultipleArchitectures": True}},
                commons=[],
                crons=[
                    cron_of(
                        an_entry("arm-image-cron-arm64", managed="arm-arm64"),
                        spec={
                            "template": {
                                "spec": {
                                    "source": {
                                        "registry": {
                                            "url": "docker://quay.io/containerdisks/arm:latest",
                                            "platform": {"architecture": "arm64"},
                                        }
                                    }
                                }
                            }
                        },
                    )
                ],
            ),
            id="multi-arch",
        ),
    ],
)
def test_nothing_above_info(world: list[Manifest]) -> None:
    report = evaluate_manifests((*OPERATORS, *ENTRIES), *world).report
    assert [f.summary for f in report.findings if f.severity != "info"] == []


@pytest.mark.parametrize(
    ("check", "broken"),
    [
        pytest.param(disabled_entry_still_deployed, "HyperConverged", id="disabled-entry-still-deployed, HCO"),
        pytest.param(disabled_entry_still_deployed, "SSP", id="disabled-entry-still-deployed, SSP"),
        pytest.param(cron_drifted, "SSP", id="cron-drifted, SSP"),
        pytest.param(standalone_cron, "SSP", id="standalone-cron, SSP"),
    ],
)
def test_a_list_that_cannot_be_read_is_not_empty(check: Check, broken: str) -> None:
    unreadable = {"spec": {"commonTemplates": 7, "workloadSources": 7}}
    world = [merge(o, unreadable) if o["kind"] == broken else o for o in platform()]
    assert status(check, *world) == "unknown"


def test_every_check_has_its_own_name() -> None:
    names = [c.id for c in (*OPERATORS, *ENTRIES)]
    assert len(set(names)) == len(names) == 34
