from __future__ import annotations

import pytest

from exporter.checks.imports.orphaned_image import orphaned_image
from tests.checks.references.consumers import not_found
from tests.checks.storage.assertions import fix_command, only_finding, summarize
from tests.worlds import IMAGES, Manifest, a_claim, a_cron, a_data_source, a_machine, a_snapshot, ago, findings, status

CHECK = orphaned_image
KINDS = "datavolume,persistentvolumeclaim,volumesnapshot"


@pytest.mark.parametrize(
    "world",
    [
        pytest.param([a_cron(), a_snapshot(), a_claim()], id="the cron exists"),
        pytest.param([a_claim("upload", cron="")], id="not made by a cron"),
        pytest.param([a_snapshot(metadata={"deletionTimestamp": ago(minutes=1)})], id="it is being deleted"),
    ],
)
def test_passes(world: list[Manifest]) -> None:
    assert status(CHECK, *world) == "pass"


def test_all_that_a_gone_cron_left_is_one_hint() -> None:
    finding = only_finding(
        CHECK, a_snapshot("old-1", cron="gone"), a_snapshot("old-2", cron="gone"), a_claim("old-3", cron="gone")
    )
    assert finding.summary == (
        f"3 images of cron gone in {IMAGES} are left though the cron is gone: old-3, old-1, old-2"
    )
    assert summarize(finding) == (
        "info",
        "DataImportCron gone",
        "metadata.labels[cdi.kubevirt.io/dataImportCron]",
        "gone",
        "the name of an existing DataImportCron",
    )
    assert fix_command(finding) == f"kubectl delete {KINDS} -n {IMAGES} -l cdi.kubevirt.io/dataImportCron=gone"


def test_each_gone_cron_is_a_finding_of_its_own() -> None:
    found = findings(CHECK, a_snapshot("a", cron="x"), a_snapshot("b", cron="y"), a_cron(), a_snapshot())
    assert [f.object.name for f in found] == ["x", "y"]


def test_a_cron_of_another_namespace_does_not_look_after_them() -> None:
    assert status(CHECK, a_snapshot(), a_cron(metadata={"namespace": "elsewhere"})) == "fail"


def test_what_a_data_source_still_uses_is_said_and_not_deleted() -> None:
    finding = only_finding(CHECK, a_snapshot(cron="gone"), a_data_source(cron="gone"))
    assert finding.summary.endswith("; DataSource fedora still uses it")
    assert finding.fix is None


def test_a_cron_that_cannot_be_decoded_is_not_gone() -> None:
    broken = a_cron() | {"spec": {"schedule": 7}}
    assert status(CHECK, a_snapshot(), broken) == "unknown"


def test_what_somebody_waits_for_is_not_to_be_deleted() -> None:
    """It is adopted without a download once its entry is back."""
    left = a_snapshot("fedora-0123456789ab", cron="fedora-image-cron")
    machine = a_machine(failure=not_found())
    (only,) = only_finding(CHECK, left, machine).fixes
    assert (only.kind.value, only.command) == ("none", "")
    assert any(fix.command for fix in only_finding(CHECK, left).fixes)
