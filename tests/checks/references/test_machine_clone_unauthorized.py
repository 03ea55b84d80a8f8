from __future__ import annotations

from datetime import timedelta

import pytest

from exporter.checks.references.machine_clone_unauthorized import machine_clone_unauthorized
from tests.checks.references.consumers import a_finished_volume, not_found
from tests.checks.storage.assertions import fix_command, only_finding, summarize
from tests.worlds import NOW, Manifest, a_machine, status

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
        "VirtualMachine web-1",
        "spec.dataVolumeTemplates[0].spec.sourceRef",
        WORDS,
        "create on datavolumes/source in team-a for the service accounts of shop",
    )
    assert finding.since == NOW - timedelta(hours=4)
    assert fix_command(finding) == (
        "kubectl create rolebinding clone-to-shop -n team-a --clusterrole=cdi.kubevirt.io:clone-sourcer "
        "--group=system:serviceaccounts:shop"
    )
    assert finding.fix is not None
    assert finding.fix.verify == (
        "kubectl auth can-i create datavolumes.cdi.kubevirt.io --subresource=source -n team-a "
        "--as=system:serviceaccount:shop:default"
    )


@pytest.mark.parametrize(
    "words",
    [
        "User system:serviceaccount:shop:default has insufficient permissions in clone source namespace team-a",
        "Authorization failed, message is: no",
    ],
)
def test_the_words_of_cdi_count_too(words: str) -> None:
    assert status(CHECK, a_machine(namespace="team-a", failure=words)) == "fail"
