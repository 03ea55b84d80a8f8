"""Whether somebody uses a boot source, which decides between critical and warning."""

from __future__ import annotations

from exporter.cluster.resources import DATA_SOURCES, VIRTUAL_MACHINES
from exporter.joins.uses import Uses
from exporter.kube.contract import State
from tests.worlds import IMAGES, NOW, a_data_source, a_machine, cluster

FEDORA, RHEL = DATA_SOURCES.ref(IMAGES, "fedora"), DATA_SOURCES.ref(IMAGES, "rhel9")
SOURCES = [a_data_source("fedora"), a_data_source("rhel9")]


def test_what_a_machine_was_made_from_is_used_and_what_is_not_is_not() -> None:
    uses = Uses(cluster(*SOURCES, a_machine(source="fedora")), NOW)
    assert uses([FEDORA])
    assert not uses([RHEL])


def test_in_a_cluster_in_which_nobody_uses_any_all_count() -> None:
    """It is new, or a dump without virtual machines: what will be used is not known."""
    assert Uses(cluster(*SOURCES), NOW)([RHEL])


def test_what_may_not_be_read_counts() -> None:
    states = {VIRTUAL_MACHINES: State.FORBIDDEN}
    assert Uses(cluster(*SOURCES, states=states), NOW)([RHEL])
