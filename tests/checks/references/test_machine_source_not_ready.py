from __future__ import annotations

from datetime import timedelta

import pytest

from exporter.checks.datasources import DATASOURCES
from exporter.checks.references.machine_source_not_ready import machine_source_not_ready
from tests.checks.datasources.sources import a_placeholder, a_source, claim
from tests.checks.references.consumers import (
    DEFERRED,
    a_clone,
    a_finished_volume,
    a_mounting_machine,
    a_waiting_machine,
    a_waiting_volume,
    machine_status,
    source_ref,
)
from tests.checks.storage.assertions import cause_ids, fix_command, only_finding, summarize
from tests.worlds import IMAGES, NOW, Manifest, a_data_source, a_machine, ago, condition, status

CHECK = machine_source_not_ready
EMPTY = a_source(reason="NoSource", message="No source PVC set")
REFUSED = "Error encountered while creating DataVolumes: DataVolume sourceRef not supported"
OF_KIND: Manifest = {
    "spec": {
        "dataVolumeTemplates": [
            {"metadata": {"name": "web-1-root"}, "spec": {"sourceRef": source_ref("x", IMAGES, "VolumeSnapshot")}}
        ]
    }
}


@pytest.mark.parametrize(
    "world",
    [
        pytest.param([a_data_source(), a_machine(failure="quota")], id="ready: it fails for another reason"),
        pytest.param([EMPTY, a_machine(), a_finished_volume()], id="its volume is done: history"),
        pytest.param([EMPTY, a_machine(**machine_status())], id="no DataVolume and no complaint: a bare claim"),
        pytest.param([EMPTY, a_machine(status=None)], id="KubeVirt has not looked at it"),
        pytest.param([a_machine(failure=REFUSED)], id="a missing DataSource is another finding"),
        pytest.param(
            [a_data_source(), a_machine(**machine_status()), a_waiting_volume(reason="")],
            id="its DataVolume has just been made",
        ),
        pytest.param(
            [
                a_placeholder(),
                a_machine(source="win11", **machine_status()),
                a_waiting_volume(phase="CloneInProgress", reason=""),
            ],
            id="its DataVolume is being filled",
        ),
        pytest.param([a_placeholder(hours=0.4), *a_waiting_machine(source="win11")], id="not ready for minutes"),
        pytest.param(
            [a_machine(**{**OF_KIND, **machine_status()}), a_waiting_volume(reason="")],
            id="the kind was changed after its DataVolume was made",
        ),
        pytest.param([a_machine(source="${X}", failure=REFUSED)], id="not a name"),
    ],
)
def test_passes(world: list[Manifest]) -> None:
    assert status(CHECK, *world) == "pass"


def test_a_machine_on_a_placeholder_is_a_root() -> None:
    world = (a_placeholder(), *a_waiting_machine(source="win11"))
    finding = only_finding(CHECK, *world)
    assert finding.summary == (
        f"VirtualMachine web-1 waits for its disk: DataSource {IMAGES}/win11 is a placeholder without an image"
    )
    assert summarize(finding) == (
        "warning",
        "DataSource win11",
        "VirtualMachine shop/web-1: spec.dataVolumeTemplates[0].spec.sourceRef",
        f"{IMAGES}/win11: NotFound: PVC not found; CloneWithoutSource: The source pvc win11 doesn't exist",
        "a DataSource that is ready",
    )
    assert finding.since == NOW - timedelta(hours=4)
    assert cause_ids(DATASOURCES, CHECK, *world) == set()


@pytest.mark.parametrize(
    ("source", "cause"),
    [
        pytest.param(EMPTY, "data-source-without-source", id="no source"),
        pytest.param(a_source(source=claim("x"), reason="NotFound"), "data-source-target-missing", id="no target"),
        pytest.param(
            a_source(source={"dataSource": {"name": "x"}}, reason="NotFound"),
            "data-source-pointer-broken",
            id="a pointer",
        ),
        pytest.param(
            a_source(source=claim("x"), reason="ImportInProgress"), "data-source-not-ready", id="no image yet"
        ),
    ],
)
def test_the_trouble_of_its_datasource_explains_it(source: Manifest, cause: str) -> None:
    machine = a_machine(failure=REFUSED)
    assert only_finding(CHECK, source, machine).summary == (
        f"VirtualMachine web-1 waits for its disk: DataSource {IMAGES}/fedora is not ready"
    )
    assert cause_ids(DATASOURCES, CHECK, source, machine) == {cause}


def test_a_deferred_machine_will_wait() -> None:
    finding = only_finding(CHECK, a_placeholder(), a_machine(source="win11", **{**DEFERRED, **machine_status()}))
    assert "will wait for its disk when it starts" in finding.summary


def test_a_reference_to_another_kind_is_refused() -> None:
    finding = only_finding(CHECK, a_machine(failure=REFUSED, **OF_KIND))
    assert finding.summary == (
        "VirtualMachine web-1 gets no disk: it refers to a VolumeSnapshot, which KubeVirt does not support"
    )
    assert finding.field == "spec.dataVolumeTemplates[0].spec.sourceRef.kind"
    assert finding.observed == f"VolumeSnapshot: {REFUSED}"
    assert fix_command(finding) == "kubectl edit virtualmachine web-1 -n shop"


def test_a_datavolume_whose_source_was_replaced_is_made_anew() -> None:
    """The DataSource has moved on to a newer image; what the DataVolume was made from is collected."""
    finding = only_finding(CHECK, a_data_source(), *a_waiting_machine())
    assert finding.summary == (
        "VirtualMachine web-1 waits for its disk: the source of DataVolume web-1-root is gone; "
        f"DataSource {IMAGES}/fedora stands for a newer image"
    )
    assert finding.observed == "CloneWithoutSource: The source pvc win11 doesn't exist"
    assert finding.since == NOW - timedelta(hours=4)
    assert fix_command(finding) == "kubectl delete datavolume web-1-root -n shop"


def test_a_datavolume_whose_source_and_datasource_are_gone() -> None:
    finding = only_finding(CHECK, *a_waiting_machine())
    assert finding.summary.endswith(f"DataSource {IMAGES}/fedora does not exist any more")


def test_an_unready_datasource_that_cdi_is_silent_about_is_unknown() -> None:
    silent = a_data_source(status={"conditions": [condition("Ready", "Unknown")]})
    assert status(CHECK, silent, a_machine(failure=REFUSED)) == "unknown"


def test_it_waits_since_both_hold() -> None:
    young = a_machine(failure=REFUSED, metadata={"creationTimestamp": ago(hours=2)})
    told_late = {**condition("Failure", "True", "FailedCreate", REFUSED), "lastTransitionTime": ago(hours=1)}
    young["status"]["conditions"] = [told_late]
    assert only_finding(CHECK, EMPTY, young).since == NOW - timedelta(hours=1)
    assert only_finding(CHECK, a_source(reason="NoSource", hours=0.6), young).since == NOW - timedelta(hours=0.6)


@pytest.mark.parametrize(
    ("mount", "who"),
    [
        pytest.param([], "DataVolume web-3-disk waits for its source", id="no machine"),
        pytest.param(
            [a_mounting_machine(volume={"dataVolume": {"name": "web-3-disk"}})],
            "VirtualMachine web-3 waits for its disk",
            id="a machine that mounts it",
        ),
        pytest.param(
            [a_mounting_machine(volume={"persistentVolumeClaim": {"claimName": "web-3-disk"}})],
            "VirtualMachine web-3 waits for its disk",
            id="a machine that mounts its claim",
        ),
    ],
)
def test_a_datavolume_of_its_own_waits_like_one_of_a_machine(mount: list[Manifest], who: str) -> None:
    own = a_clone("web-3-disk", {"sourceRef": source_ref("win11", IMAGES)}, phase="Pending")
    finding = only_finding(CHECK, a_placeholder(), own, *mount)
    assert finding.summary == f"{who}: DataSource {IMAGES}/win11 is a placeholder without an image"
    assert finding.field == "DataVolume shop/web-3-disk: spec.sourceRef"


def test_machines_that_wait_for_the_same_are_one_finding() -> None:
    many = [thing for name in ("a", "b", "c", "d") for thing in a_waiting_machine(name, source="win11")]
    finding = only_finding(CHECK, a_placeholder(), *many)
    assert finding.summary == (
        f"4 VirtualMachines wait for their disks: DataSource {IMAGES}/win11 is a placeholder without an image: "
        "a, b, c and 1 more"
    )
    assert finding.dependents == {"VirtualMachine": 4}


def test_datavolumes_whose_source_was_replaced_are_made_again_together() -> None:
    finding = only_finding(CHECK, a_data_source(), *a_waiting_machine("web-1"), *a_waiting_machine("web-2"))
    assert "the source of 2 DataVolumes is gone" in finding.summary
    assert fix_command(finding) == "kubectl delete datavolume web-1-root web-2-root -n shop"


def test_a_finished_datavolume_of_its_own_is_history() -> None:
    own = a_clone("disk", {"sourceRef": source_ref("win11", IMAGES)}, phase="Succeeded")
    assert status(CHECK, a_placeholder(), own) == "pass"
