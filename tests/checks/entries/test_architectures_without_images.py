from __future__ import annotations

import pytest

from exporter.checks.entries.architectures_without_images import architectures_without_images
from tests.checks.entries.clusters import ARCHES, CORP, FEDORA, apply_command
from tests.checks.entries.test_common_boot_images_off import old
from tests.checks.storage.assertions import fix_command, only_finding
from tests.worlds import Manifest, an_hco, merge, status

CHECK = architectures_without_images
BOTH = {"status": {"nodeInfo": {"workloadsArchitectures": ["arm64", "amd64"]}}}
SWITCH = "enableMultiArchBootImageImport"


def both(hco: Manifest, **spec: object) -> Manifest:
    return merge(merge(hco, BOTH), {"spec": spec})


@pytest.mark.parametrize(
    "hco",
    [
        pytest.param(an_hco(), id="one architecture"),
        pytest.param(merge(an_hco(), {"status": {"nodeInfo": None}}), id="HCO does not tell"),
        pytest.param(both(an_hco(commons=[FEDORA]), featureGates=[{"name": SWITCH}]), id="multi-arch on"),
        pytest.param(
            both(
                an_hco(entries=[merge(CORP, {"metadata": {"annotations": {ARCHES: "amd64"}}})]),
                featureGates=[{"name": SWITCH}],
            ),
            id="multi-arch on, the entry says which",
        ),
    ],
)
def test_passes(hco: Manifest) -> None:
    assert status(CHECK, hco) == "pass"


@pytest.mark.parametrize(
    ("hco", "field"),
    [
        pytest.param(both(an_hco(version="1.19.0")), f"spec.workloadSources.{SWITCH}", id="1.19"),
        pytest.param(both(an_hco()), f"spec.featureGates[name={SWITCH}]", id="1.18, no list yet"),
        pytest.param(
            both(an_hco(), featureGates=[{"name": "downwardMetrics"}]), f"spec.featureGates[name={SWITCH}]", id="1.18"
        ),
        pytest.param(both(old("1.16.0")), f"spec.featureGates.{SWITCH}", id="1.16"),
    ],
)
def test_multi_arch_off(hco: Manifest, field: str) -> None:
    found = only_finding(CHECK, hco)
    assert (found.severity, found.field) == ("info", field)
    assert "Workers are amd64, arm64" in found.summary
    assert status(CHECK, apply_command(fix_command(found), hco)) == "pass"


@pytest.mark.parametrize(
    "hco",
    [
        pytest.param(both(an_hco(), featureGates=[{"name": SWITCH, "state": "Disabled"}]), id="an item that is off"),
        pytest.param(both(an_hco(version="")), id="unknown version"),
        pytest.param(both(old("1.15.0")), id="before the switch"),
    ],
)
def test_no_command_where_none_is_safe(hco: Manifest) -> None:
    assert only_finding(CHECK, hco).fix is None


def test_multi_arch_on_but_the_entry_does_not_say() -> None:
    found = only_finding(CHECK, both(an_hco(entries=[CORP]), featureGates=[{"name": SWITCH}]))
    assert found.severity == "info"
    assert (
        found.field
        == f"spec.workloadSources.dataImportCronTemplates[name=corp-image-cron].metadata.annotations[{ARCHES}]"
    )
