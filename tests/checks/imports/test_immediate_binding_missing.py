from __future__ import annotations

from datetime import timedelta

import pytest

from exporter.checks.imports.immediate_binding_missing import immediate_binding_missing
from tests.checks.imports.manifests import VOLUME, a_failing_volume, an_importing_cron
from tests.checks.storage.assertions import fix_command, only_finding, summarize
from tests.worlds import IMAGES, NOW, Manifest, merge, status

CHECK = immediate_binding_missing
BIND = "cdi.kubevirt.io/storage.bind.immediate.requested"


@pytest.mark.parametrize(
    "volume",
    [
        pytest.param(a_failing_volume("ImportInProgress"), id="it does not wait"),
        pytest.param(a_failing_volume("WaitForFirstConsumer", minutes=14), id="for minutes only"),
        pytest.param(
            merge(a_failing_volume("WaitForFirstConsumer"), {"metadata": {"annotations": {BIND: ""}}}),
            id="requested, any value: it waits for another reason",
        ),
    ],
)
def test_passes(volume: Manifest) -> None:
    assert status(CHECK, an_importing_cron(), volume) == "pass"


@pytest.mark.parametrize("phase", ["WaitForFirstConsumer", "PendingPopulation"])
def test_a_volume_that_waits_without_the_annotation(phase: str) -> None:
    finding = only_finding(CHECK, an_importing_cron(), a_failing_volume(phase))
    assert summarize(finding) == (
        "warning",
        "DataImportCron fedora-image-cron",
        f"metadata.annotations[{BIND}]",
        f"absent, phase {phase}",
        "present, with any value",
    )
    assert finding.since == NOW - timedelta(hours=2)
    assert fix_command(finding) == (
        f"kubectl annotate dataimportcron fedora-image-cron -n {IMAGES} {BIND}=true --overwrite"
        f" && kubectl delete datavolume {VOLUME} -n {IMAGES}"
    )
