from __future__ import annotations

import json

import pytest

from exporter.checks.operators.hyperconverged_tainted import hyperconverged_tainted
from tests.checks.operators.operators import status_with
from tests.checks.storage.assertions import fix_command, only_finding, summarize
from tests.worlds import Manifest, an_hco, condition, findings, status

CHECK = hyperconverged_tainted
SSP = "ssp.kubevirt.io/jsonpatch"
LIST = "/spec/commonTemplates/dataImportCronTemplates"


def tainted(patch: str, key: str = SSP) -> Manifest:
    return an_hco(
        metadata={"annotations": {key: patch}}, **status_with(condition("TaintedConfiguration", "True", days=4))
    )


def ops(path: str) -> str:
    return json.dumps([{"op": "replace", "path": path, "value": "x"}])


def test_passes() -> None:
    assert status(CHECK, an_hco()) == "pass"


@pytest.mark.parametrize(
    ("hco", "severity"),
    [
        pytest.param(tainted(ops(f"{LIST}/0/spec/schedule")), "warning", id="an entry"),
        pytest.param(tainted(ops(LIST)), "warning", id="the list"),
        pytest.param(tainted(ops("/spec/commonTemplates")), "warning", id="above the list"),
        pytest.param(tainted("not json"), "warning", id="unreadable"),
        pytest.param(tainted("{}"), "warning", id="no list of operations"),
        pytest.param(tainted(json.dumps(["x"])), "warning", id="no operation"),
        pytest.param(tainted(ops("/spec/templateValidator/replicas")), "info", id="something else in SSP"),
        pytest.param(tainted(ops(f"{LIST}Extra")), "info", id="a field of a similar name"),
        pytest.param(tainted(ops("/spec/x"), "kubevirt.kubevirt.io/jsonpatch"), "info", id="KubeVirt"),
    ],
)
def test_severity(hco: Manifest, severity: str) -> None:
    assert only_finding(CHECK, hco).severity == severity


def test_fails() -> None:
    found = only_finding(CHECK, tainted(ops(LIST)))
    ref = "HyperConverged kubevirt-hyperconverged"
    observed = f"{ops(LIST)}; condition TaintedConfiguration True"
    assert summarize(found) == ("warning", ref, f"metadata.annotations[{SSP}]", observed, "no JSON patch")
    assert found.since is not None
    assert fix_command(found) == f"oc annotate hyperconverged kubevirt-hyperconverged -n openshift-cnv {SSP}-"


def test_one_finding_per_annotation() -> None:
    keys = {SSP: ops(LIST), "containerizeddataimporter.kubevirt.io/jsonpatch": ops("/spec/x")}
    found = findings(CHECK, an_hco(metadata={"annotations": keys}))
    assert {(f.field, f.severity.value) for f in found} == {
        (f"metadata.annotations[{SSP}]", "warning"),
        ("metadata.annotations[containerizeddataimporter.kubevirt.io/jsonpatch]", "info"),
    }
    assert len({f.fingerprint for f in found}) == 2


def test_the_condition_outlives_the_annotation() -> None:
    found = only_finding(CHECK, an_hco(**status_with(condition("TaintedConfiguration", "True"))))
    assert (found.severity, found.fix) == ("info", None)
