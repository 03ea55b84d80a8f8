from __future__ import annotations

import pytest

from exporter.checks.storage.default_storage_class_degraded import default_storage_class_degraded
from exporter.cluster.resources import CSI_DRIVERS, NODES
from exporter.kube.contract import State
from tests.checks.storage.assertions import fix_command, only_finding, summarize
from tests.worlds import (
    Manifest,
    a_cdi,
    a_snapshot_class,
    a_storage_class,
    a_storage_profile,
    an_hco,
    manifest,
    merge,
    status,
)

CHECK = default_storage_class_degraded
DEFAULT = a_storage_class(virt="true")
BOTH = [{"accessModes": ["ReadWriteMany"], "volumeMode": "Block"}]
ONE = [{"accessModes": ["ReadWriteOnce"], "volumeMode": "Block"}]


def can(sets: list[Manifest], strategy: str, name: str = "fast") -> Manifest:
    return a_storage_profile(name, status={"claimPropertySets": sets, "cloneStrategy": strategy})


def nodes(count: int) -> list[Manifest]:
    return [manifest("v1", "Node", f"n{i}") for i in range(count)]


def a_driver(name: str) -> Manifest:
    return manifest("storage.k8s.io/v1", "CSIDriver", name)


@pytest.mark.parametrize(
    "world",
    [
        pytest.param([], id="no class at all"),
        pytest.param([DEFAULT, can(BOTH, "csi-clone"), *nodes(3)], id="both, by the driver"),
        pytest.param(
            [DEFAULT, can(BOTH, "csi-clone"), a_driver("csi.example"), *nodes(3)], id="its driver is installed"
        ),
        pytest.param([DEFAULT, can(BOTH, "snapshot"), a_snapshot_class(), *nodes(3)], id="both, by snapshots"),
        pytest.param([DEFAULT, can(BOTH, ""), a_snapshot_class(), *nodes(3)], id="strategy not set"),
        pytest.param([DEFAULT, can(ONE, "csi-clone"), *nodes(1)], id="a single node has nowhere to migrate to"),
        pytest.param([DEFAULT, can(ONE, "csi-clone")], id="nodes were not told"),
        pytest.param([DEFAULT, can([], "csi-clone"), *nodes(3)], id="incomplete is another finding"),
        pytest.param([a_storage_class(), can(ONE, "copy"), *nodes(3)], id="not the default"),
    ],
)
def test_passes(world: list[Manifest]) -> None:
    assert status(CHECK, a_cdi(), *world) == "pass"


@pytest.mark.parametrize(
    ("world", "lacks"),
    [
        pytest.param([can(ONE, "csi-clone"), *nodes(2)], "no live migration, as there is no ReadWriteMany", id="rwx"),
        pytest.param([can(BOTH, "copy"), *nodes(2)], "no smart clone, so every disk is copied", id="copy"),
        pytest.param([can(ONE, "copy"), *nodes(1)], "no smart clone, so every disk is copied", id="single node"),
        pytest.param([can(BOTH, "snapshot"), *nodes(2)], "no smart clone", id="snapshots without a class"),
        pytest.param([can(BOTH, "csi-clone"), a_driver("other.example")], "no smart clone", id="driver not installed"),
    ],
)
def test_says_what_it_lacks(world: list[Manifest], lacks: str) -> None:
    found = only_finding(CHECK, a_cdi(), DEFAULT, *world)
    assert summarize(found)[:2] == ("info", "StorageClass fast")
    assert lacks in found.summary


def test_a_class_that_can_do_better_is_named() -> None:
    better = merge(a_storage_class("ceph"), {"provisioner": "csi.example"})
    found = only_finding(CHECK, a_cdi(), DEFAULT, can(ONE, "copy"), better, can(BOTH, "csi-clone", "ceph"), *nodes(2))
    assert found.summary.endswith("and no smart clone, so every disk is copied; ceph can do better")


@pytest.mark.parametrize("profile", [[], [a_storage_profile(status=None)]], ids=["none", "not filled in"])
def test_a_profile_that_has_not_said_is_unknown(profile: list[Manifest]) -> None:
    assert status(CHECK, a_cdi(), DEFAULT, *profile) == "unknown"


def test_nodes_and_drivers_that_may_not_be_read_are_no_reason_for_a_finding() -> None:
    states = {NODES: State.FORBIDDEN, CSI_DRIVERS: State.FORBIDDEN}
    assert status(CHECK, a_cdi(), DEFAULT, can(ONE, "csi-clone"), states=states) == "pass"


COPY = a_cdi(spec={"cloneStrategyOverride": "copy"})
GOOD = [DEFAULT, can(BOTH, "csi-clone"), a_driver("csi.example"), *nodes(2)]


def test_an_override_that_copies_is_named_and_can_be_removed() -> None:
    found = only_finding(CHECK, COPY, *GOOD)
    assert found.summary.endswith("no smart clone, so every disk is copied (cloneStrategyOverride of CDI is copy)")
    name = COPY["metadata"]["name"]
    patch = '{"spec":{"cloneStrategyOverride":null}}'
    assert fix_command(found) == f"kubectl patch cdi {name} --type merge -p '{patch}'"


def test_hyperconverged_would_set_it_again() -> None:
    found = only_finding(CHECK, COPY, *GOOD, an_hco())
    assert found.fixes[0].kind.value == "none"
    assert "containerizeddataimporter.kubevirt.io/jsonpatch" in found.fixes[0].note


def test_an_override_makes_no_difference_to_a_class_that_cannot_clone() -> None:
    found = only_finding(CHECK, COPY, DEFAULT, can(BOTH, "copy"), *nodes(2))
    assert not any(fix.command for fix in found.fixes)
    assert status(CHECK, a_cdi(spec={"cloneStrategyOverride": "csi-clone"}), *GOOD) == "pass"
