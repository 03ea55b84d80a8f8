from __future__ import annotations

import pytest

from exporter.checks.entries.boot_image_namespace_missing import boot_image_namespace_missing
from tests.checks.entries.clusters import CORP, ENABLE, a_namespace
from tests.checks.storage.assertions import only_finding, summarize
from tests.worlds import Manifest, an_hco, merge, status

CHECK = boot_image_namespace_missing
HERE = a_namespace("openshift-cnv")
SET = an_hco(spec={"workloadSources": {"commonBootImageNamespace": "golden"}})
ELSEWHERE = merge(CORP, {"metadata": {"namespace": "golden"}})


@pytest.mark.parametrize(
    "world",
    [
        pytest.param([an_hco(entries=[CORP]), HERE], id="not set"),
        pytest.param([SET, HERE, a_namespace("golden")], id="it exists"),
        pytest.param(
            [an_hco(entries=[merge(ELSEWHERE, {"metadata": {"annotations": {ENABLE: "false"}}})]), HERE], id="disabled"
        ),
    ],
)
def test_passes(world: list[Manifest]) -> None:
    assert status(CHECK, *world) == "pass"


@pytest.mark.parametrize(
    ("hco", "field"),
    [
        pytest.param(SET, "spec.workloadSources.commonBootImageNamespace", id="of common boot sources"),
        pytest.param(
            an_hco(entries=[ELSEWHERE]),
            "spec.workloadSources.dataImportCronTemplates[name=corp-image-cron].metadata.namespace",
            id="of an entry",
        ),
    ],
)
def test_fails(hco: Manifest, field: str) -> None:
    found = only_finding(CHECK, hco, HERE)
    assert summarize(found) == (
        "warning",
        "HyperConverged kubevirt-hyperconverged",
        field,
        "golden, which does not exist",
        "a namespace that exists",
    )
    assert found.fixes[-1].command == "oc create namespace golden"
    assert status(CHECK, hco, HERE, a_namespace("golden")) == "pass"


def test_one_finding_per_namespace() -> None:
    hco = an_hco(entries=[ELSEWHERE], spec={"workloadSources": {"commonBootImageNamespace": "golden"}})
    assert only_finding(CHECK, hco, HERE).field == "spec.workloadSources.commonBootImageNamespace"


def test_a_namespace_on_its_way_out() -> None:
    found = only_finding(CHECK, SET, HERE, a_namespace("golden", "Terminating"))
    assert found.observed == "golden, which is being deleted"
    assert found.fix is None


def test_a_cluster_without_any_namespace_has_not_been_read() -> None:
    assert status(CHECK, SET) == "unknown"


def test_a_hostile_name_stays_one_word() -> None:
    hco = an_hco(spec={"workloadSources": {"commonBootImageNamespace": "x; rm -rf /"}})
    assert only_finding(CHECK, hco, HERE).fixes[-1].command == "oc create namespace 'x; rm -rf /'"
