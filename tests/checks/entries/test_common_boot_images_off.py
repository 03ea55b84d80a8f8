from __future__ import annotations

import pytest

from exporter.checks.entries.common_boot_images_off import common_boot_images_off
from tests.checks.entries.clusters import apply_command
from tests.checks.storage.assertions import fix_command, only_finding, summarize
from tests.worlds import Manifest, an_hco, merge, status

CHECK = common_boot_images_off


def old(version: str, **spec: object) -> Manifest:
    """An HCO read through v1beta1."""
    hco = merge(an_hco(version=version), {"apiVersion": "hco.kubevirt.io/v1beta1", "spec": {"workloadSources": None}})
    return merge(hco, {"spec": spec})


@pytest.mark.parametrize(
    "hco",
    [
        pytest.param(an_hco(), id="on"),
        pytest.param(an_hco(spec={"workloadSources": {"enableCommonBootImageImport": None}}), id="absent means on"),
        pytest.param(an_hco(spec={"workloadSources": None}), id="no workloadSources"),
        pytest.param(old("1.14.0", featureGates={"enableCommonBootImageImport": True}), id="1.14 on"),
        pytest.param(
            old("1.15.0", featureGates={"enableCommonBootImageImport": False}), id="1.15 ignores the old place"
        ),
    ],
)
def test_passes(hco: Manifest) -> None:
    assert status(CHECK, hco) == "pass"


@pytest.mark.parametrize(
    ("hco", "path", "patch"),
    [
        pytest.param(
            an_hco(spec={"workloadSources": {"enableCommonBootImageImport": False}}),
            "spec.workloadSources.enableCommonBootImageImport",
            "oc patch hyperconverged kubevirt-hyperconverged -n openshift-cnv --type merge "
            """-p '{"spec":{"workloadSources":{"enableCommonBootImageImport":true}}}'""",
            id="v1",
        ),
        pytest.param(
            old("4.19.2", enableCommonBootImageImport=False),
            "spec.enableCommonBootImageImport",
            "oc patch hyperconverged kubevirt-hyperconverged -n openshift-cnv --type merge "
            """-p '{"spec":{"enableCommonBootImageImport":true}}'""",
            id="4.19",
        ),
        pytest.param(
            old("1.18.0", enableCommonBootImageImport=False),
            "spec.enableCommonBootImageImport",
            "oc patch hyperconvergeds.v1beta1.hco.kubevirt.io kubevirt-hyperconverged -n openshift-cnv --type merge "
            """-p '{"spec":{"enableCommonBootImageImport":true}}'""",
            id="v1beta1 beside v1",
        ),
        pytest.param(
            old("1.10.7", featureGates={"enableCommonBootImageImport": False}),
            "spec.featureGates.enableCommonBootImageImport",
            "oc patch hyperconverged kubevirt-hyperconverged -n openshift-cnv --type merge "
            """-p '{"spec":{"featureGates":{"enableCommonBootImageImport":true}}}'""",
            id="4.14",
        ),
    ],
)
def test_fails(hco: Manifest, path: str, patch: str) -> None:
    found = only_finding(CHECK, hco)
    expected = "true, unless they are switched off on purpose"
    assert summarize(found) == ("info", "HyperConverged kubevirt-hyperconverged", path, "false", expected)
    assert fix_command(found) == patch
    assert status(CHECK, apply_command(patch, hco)) == "pass"
