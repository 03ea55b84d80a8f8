from __future__ import annotations

from datetime import timedelta

import pytest

from exporter.checks.references.cloning_by_view_role import cloning_by_view_role
from exporter.checks.references.machine_clone_unauthorized import machine_clone_unauthorized
from tests.checks.references.bindings import a_binding, an_account
from tests.checks.references.consumers import SUPPRESSION, a_finished_volume, not_found
from tests.checks.references.test_cloning_by_view_role import cdi
from tests.checks.storage.assertions import fix_command, only_finding, summarize
from tests.worlds import NOW, Manifest, a_machine, evaluate_manifests, findings, status

CHECK = machine_clone_unauthorized
WORDS = (
    "Error encountered while creating DataVolumes: failed to create DataVolume: Not authorized to create DataVolume: no"
)


@pytest.mark.parametrize(
    "world",
    [
        pytest.param([a_machine(namespace="team-a", failure=not_found())], id="it fails for another reason"),
        pytest.param([a_machine(namespace="team-a")], id="it does not fail"),
        pytest.param([a_machine(namespace="", failure=WORDS)], id="its own namespace needs no permission"),
        pytest.param([a_machine(namespace="team-a", failure=WORDS), a_finished_volume()], id="its volume is done"),
    ],
)
def test_passes(world: list[Manifest]) -> None:
    assert status(CHECK, *world) == "pass"


def test_a_machine_that_may_not_clone() -> None:
    finding = only_finding(CHECK, a_machine(namespace="team-a", failure=WORDS))
    assert finding.summary == (
        "VirtualMachine web-1 may not clone DataSource team-a/fedora: namespace team-a does not allow it"
    )
    assert summarize(finding) == (
        "warning",
        "Namespace team-a",
        "VirtualMachine shop/web-1: spec.dataVolumeTemplates[0].spec.sourceRef",
        WORDS,
        "create on datavolumes/source in team-a for service account shop/default",
    )
    assert finding.since == NOW - timedelta(hours=4)
    assert fix_command(finding) == (
        "kubectl create rolebinding clone-to-shop -n team-a --clusterrole=cdi.kubevirt.io:clone-sourcer "
        "--serviceaccount=shop:default"
    )
    assert finding.fix is not None
    assert finding.fix.verify == (
        "kubectl auth can-i create datavolumes.cdi.kubevirt.io --subresource=source -n team-a "
        "--as=system:serviceaccount:shop:default"
    )


def test_before_cdi_1_66_both_roles_are_bound() -> None:
    """The old role works now, the new one after the upgrade."""
    finding = only_finding(CHECK, a_machine(namespace="team-a", failure=WORDS), cdi("v1.64.0"))
    assert fix_command(finding) == (
        "kubectl create rolebinding clone-to-shop -n team-a --clusterrole=cdi.kubevirt.io:view "
        "--serviceaccount=shop:default && "
        "kubectl create rolebinding clone-to-shop-by-sourcer -n team-a --clusterrole=cdi.kubevirt.io:clone-sourcer "
        "--serviceaccount=shop:default"
    )


def test_many_machines_lack_one_permission() -> None:
    machines = [a_machine(f"web-{n}", namespace="team-a", failure=WORDS) for n in range(1, 8)]
    finding = only_finding(CHECK, *machines)
    assert finding.summary == (
        "7 VirtualMachines may not clone DataSource team-a/fedora: namespace team-a does not allow it: "
        "web-1, web-2, web-3 and 4 more"
    )
    assert finding.dependents == {"VirtualMachine": 7}


def test_one_that_suppresses_stands_apart() -> None:
    notes = {"annotations": {"bootsource.kubevirt.io/suppress": SUPPRESSION}}
    alone = a_machine("web-2", namespace="team-a", failure=WORDS, metadata=notes)
    found = findings(CHECK, a_machine(namespace="team-a", failure=WORDS), alone)
    assert sorted((f.object.name, bool(f.suppressed)) for f in found) == [("team-a", False), ("web-2", True)]


ACCOUNTS = [
    ({"serviceAccountName": "robot"}, WORDS, "robot"),
    ({"volumes": [{"name": "t", "serviceAccount": {"serviceAccountName": "token"}}]}, WORDS, "token"),
    ({"serviceAccountName": "robot", "volumes": [{"serviceAccount": {"serviceAccountName": "t"}}]}, WORDS, "robot"),
    ({"serviceAccountName": "robot"}, WORDS + " system:serviceaccount:shop:other", "other"),
]


@pytest.mark.parametrize(("instance", "words", "account"), ACCOUNTS)
def test_the_account_is_that_of_the_machine(instance: Manifest, words: str, account: str) -> None:
    spec = {"template": {"spec": instance}}
    finding = only_finding(CHECK, a_machine(namespace="team-a", failure=words, spec=spec))
    assert f"--serviceaccount=shop:{account}" in fix_command(finding)
    assert f"clone-to-shop-{account}" in fix_command(finding)


def test_a_machine_that_names_a_claim_itself() -> None:
    """It needs the same permission as one that names a DataSource."""
    volume = {"metadata": {"name": "root"}, "spec": {"source": {"pvc": {"name": "golden", "namespace": "team-a"}}}}
    made = a_machine(failure=WORDS, spec={"dataVolumeTemplates": [volume]})
    finding = only_finding(CHECK, made)
    assert finding.summary.startswith("VirtualMachine web-1 may not clone PersistentVolumeClaim team-a/golden")


def test_a_role_that_lost_the_permission_is_the_cause() -> None:
    objects = [cdi("v1.66.0"), a_machine(namespace="golden", failure=WORDS)]
    both = [CHECK, cloning_by_view_role]
    lost = evaluate_manifests(both, *objects, a_binding(an_account())).report.findings
    by_check = {f.check: f for f in lost}
    assert len(by_check["machine-clone-unauthorized"].caused_by) == 1
    other = evaluate_manifests(both, *objects, a_binding(an_account("bank"))).report.findings
    assert not {f.check: f for f in other}["machine-clone-unauthorized"].caused_by


@pytest.mark.parametrize(
    "words",
    [
        "User system:serviceaccount:shop:default has insufficient permissions in clone source namespace team-a",
        "Authorization failed, message is: no",
    ],
)
def test_the_words_of_cdi_count_too(words: str) -> None:
    assert status(CHECK, a_machine(namespace="team-a", failure=words)) == "fail"
