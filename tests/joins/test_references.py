from __future__ import annotations

import pytest

from exporter.joins.references import (
    Relevance,
    live_machines,
    machine_consumers,
    machine_links,
    past_references,
    template_consumers,
    template_links,
    templates_by_source,
)
from exporter.kube.contract import Key
from tests.checks.references.consumers import (
    DEFERRED,
    a_finished_volume,
    a_machine_template,
    a_template_on,
    a_users_template,
    a_waiting_volume,
    machine_status,
    source_ref,
)
from tests.worlds import IMAGES, Manifest, a_machine, a_template, cluster

FAILED = "Error encountered while creating DataVolumes: no"


@pytest.mark.parametrize(
    ("machine", "volume", "matter"),
    [
        pytest.param(a_machine(failure=FAILED), None, Relevance.NOW, id="KubeVirt fails to make the volume"),
        pytest.param(
            a_machine(failure=FAILED), a_finished_volume(), Relevance.HISTORY, id="it fails, this volume is done"
        ),
        pytest.param(a_machine(), a_finished_volume(), Relevance.HISTORY, id="the volume is done"),
        pytest.param(a_machine(**DEFERRED), None, Relevance.LATER, id="volumes at the first start"),
        pytest.param(a_machine(**DEFERRED), a_finished_volume(), Relevance.HISTORY, id="it was started once"),
        pytest.param(a_machine(**DEFERRED, failure=FAILED), None, Relevance.NOW, id="it was started and fails"),
        pytest.param(
            a_machine(**machine_status()), None, Relevance.HISTORY, id="a bare claim: KubeVirt does not complain"
        ),
        pytest.param(a_machine(status=None), None, Relevance.UNCLEAR, id="KubeVirt has not looked at it"),
        pytest.param(a_machine(**machine_status()), a_waiting_volume(reason=""), Relevance.WAITING, id="not begun"),
        pytest.param(
            a_machine(**machine_status()), a_waiting_volume(phase="Pending", reason=""), Relevance.WAITING, id="pending"
        ),
        pytest.param(
            a_machine(**machine_status()),
            a_waiting_volume(phase="CloneScheduled", reason=""),
            Relevance.WAITING,
            id="scheduled",
        ),
        pytest.param(
            a_machine(**machine_status()),
            a_waiting_volume(phase="CloneInProgress", reason=""),
            Relevance.HISTORY,
            id="copying",
        ),
        pytest.param(
            a_machine(**machine_status()),
            a_waiting_volume(phase="PVCBound"),
            Relevance.WAITING,
            id="CDI misses the source",
        ),
        pytest.param(
            a_machine(failure=FAILED, status={"created": True}), a_waiting_volume(), Relevance.HISTORY, id="it runs"
        ),
        pytest.param(
            a_machine(**machine_status()),
            {
                **a_waiting_volume(),
                "metadata": {**a_waiting_volume()["metadata"], "deletionTimestamp": "2026-08-21T11:00:00Z"},
            },
            Relevance.HISTORY,
            id="the volume is being deleted",
        ),
    ],
)
def test_whether_a_reference_still_matters(machine: Manifest, volume: Manifest | None, matter: Relevance) -> None:
    (link,) = machine_links(cluster(machine, *([volume] if volume else [])))
    assert link.matter is matter


@pytest.mark.parametrize("volume", [None, a_waiting_volume()], ids=["bare", "its volume waits"])
def test_references_of_machines_that_run_are_history_and_only_counted(volume: Manifest | None) -> None:
    running: Manifest = {"status": {"created": True}}
    others = [a_machine("web-2", **running), a_machine("web-3", source="rhel9", namespace="", **running)]
    frozen = cluster(a_machine(**running), *others, *([volume] if volume else []))
    assert machine_links(frozen) == ()
    counted = {(r.namespace, r.name): machines for r, machines in past_references(frozen).items()}
    assert counted == {(IMAGES, "fedora"): 2, ("shop", "rhel9"): 1}


def test_a_volume_of_the_same_name_elsewhere_is_another_one() -> None:
    volume = a_finished_volume()
    volume["metadata"]["namespace"] = "team-a"
    (link,) = machine_links(cluster(a_machine(failure=FAILED), volume))
    assert link.matter is Relevance.NOW


def test_a_waiting_volume_tells_why_and_since_when() -> None:
    (link,) = machine_links(cluster(a_machine(**machine_status()), a_waiting_volume()))
    assert link.source_gone
    assert link.said == "CloneWithoutSource: The source pvc win11 doesn't exist"
    assert link.since is not None
    (other,) = machine_links(cluster(a_machine(**machine_status()), a_waiting_volume(reason="ErrClaimNotValid")))
    assert not other.source_gone
    assert other.said.startswith("ErrClaimNotValid: ")
    (silent,) = machine_links(cluster(a_machine(**machine_status()), a_waiting_volume(reason="")))
    assert silent.said == "phase not set"


def test_a_machine_without_a_namespace_means_its_own() -> None:
    found = machine_consumers(cluster(a_machine(namespace=""), a_machine("web-2")))
    assert set(found) == {Key("shop", "fedora"), Key(IMAGES, "fedora")}


def test_only_what_is_not_history_is_live() -> None:
    frozen = cluster(
        a_machine(failure=FAILED), a_machine("web-2"), a_finished_volume("web-2"), a_machine("web-3", status=None)
    )
    assert {by.name for by in live_machines(frozen)} == {"web-1", "web-3"}


def test_templates_of_both_kinds_use_a_datasource_by_its_parameters() -> None:
    frozen = cluster(a_template(), a_machine_template(source_ref("${DS}", IMAGES)))
    assert {link.by.kind for link in template_consumers(frozen)[Key(IMAGES, "fedora")]} == {
        "Template",
        "VirtualMachineTemplate",
    }


def test_what_names_nothing_is_no_consumer() -> None:
    refs = [source_ref("${UNKNOWN}", IMAGES), source_ref("x", IMAGES, "VolumeSnapshot"), source_ref("kept", IMAGES)]
    frozen = cluster(a_template_on(*refs))
    assert len(template_links(frozen)) == 3
    assert [str(key) for key in template_consumers(frozen)] == [f"{IMAGES}/kept"]


def test_without_a_namespace_no_datasource_is_named_for_people() -> None:
    frozen = cluster(a_users_template("a", namespace=""), a_users_template("b"))
    assert [str(ref) for ref in templates_by_source(frozen)] == [f"DataSource {IMAGES}/fedora"]
