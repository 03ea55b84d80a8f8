from __future__ import annotations

from typing import Any

import pytest

from exporter.checks.entries.cron_drifted import cron_drifted
from exporter.checks.operators import OPERATORS
from tests.checks.entries.clusters import CORP, FEDORA, cron_of, metadata_edited_at, platform
from tests.checks.storage.assertions import cause_ids, costs_of, only_finding, summarize
from tests.worlds import Manifest, a_cron, ago, an_entry, findings, merge

CHECK = cron_drifted
PAUSED = {"metadata": {"annotations": {"kubevirt.io/operator.paused": "true"}}}


def drifted(**spec: Any) -> dict[str, Any]:
    return {"crons": [cron_of(merge(CORP, {"spec": spec})), cron_of(FEDORA)]}


@pytest.mark.parametrize(
    "world",
    [
        pytest.param(platform(), id="the same"),
        pytest.param([a_cron()], id="no SSP"),
        pytest.param(
            platform(**drifted(schedule="0 1 * * *"), ssp={"metadata": metadata_edited_at(ago(minutes=1))}), id="new"
        ),
        pytest.param(
            platform(**drifted(template={"spec": {"storage": {"resources": {"requests": {"storage": "30720Mi"}}}}})),
            id="the same size in another unit",
        ),
        pytest.param(
            platform(
                entries=[an_entry("a-image-cron", managed="corp"), CORP],
                crons=[cron_of(an_entry("a-image-cron", managed="x")), cron_of(CORP), cron_of(FEDORA)],
            ),
            id="a beaten entry is not to be deployed at all",
        ),
    ],
)
def test_passes(world: list[Manifest]) -> None:
    assert findings(CHECK, *world) == ()


@pytest.mark.parametrize(
    ("spec", "path", "observed", "expected"),
    [
        pytest.param({"schedule": "0 1 * * *"}, "schedule", "0 1 * * *", "41 11/12 * * *", id="schedule"),
        pytest.param({"importsToKeep": 3}, "importsToKeep", "3", "1", id="imports to keep"),
        pytest.param({"retentionPolicy": None}, "retentionPolicy", "not set", "None", id="unset"),
        pytest.param(
            {"template": {"spec": {"storage": {"resources": {"requests": {"storage": "20Gi"}}}}}},
            "template.spec.storage.resources.requests.storage",
            "20Gi",
            "30Gi",
            id="size",
        ),
    ],
)
def test_fails(spec: dict[str, Any], path: str, observed: str, expected: str) -> None:
    found = only_finding(CHECK, *platform(**drifted(**spec)))
    assert summarize(found) == ("warning", "DataImportCron corp-image-cron", f"spec.{path}", observed, expected)
    assert "the place to edit is HyperConverged" in found.summary


def test_says_how_many_fields_differ() -> None:
    found = only_finding(CHECK, *platform(**drifted(schedule="0 1 * * *", importsToKeep=3, garbageCollect="Never")))
    assert "in schedule and 2 more fields" in found.summary


def test_no_command_while_nobody_would_recreate_it() -> None:
    world = drifted(schedule="0 1 * * *")
    ((command, cost),) = costs_of(only_finding(CHECK, *platform(**world)))
    assert command == "oc rollout restart deploy/ssp-operator -n openshift-cnv"
    assert "Restarts ssp-operator" in cost
    assert only_finding(CHECK, *platform(**world, ssp=PAUSED)).fix is None


def test_causes() -> None:
    assert cause_ids(OPERATORS, CHECK, *platform(**drifted(importsToKeep=3), ssp=PAUSED)) == {"ssp-paused"}
