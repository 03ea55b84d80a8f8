from __future__ import annotations

import pytest

from exporter.checks.storage.clone_strategy_without_effect import clone_strategy_without_effect
from exporter.cluster.resources import CSI_DRIVERS
from exporter.kube.contract import State
from tests.checks.storage.assertions import fix_command, only_finding, summarize
from tests.worlds import Manifest, a_snapshot_class, a_storage_class, a_storage_profile, manifest, merge, status

CHECK = clone_strategy_without_effect
KEY = "cdi.kubevirt.io/clone-strategy"
DRIVER = manifest("storage.k8s.io/v1", "CSIDriver", "csi.example")
OTHER = manifest("storage.k8s.io/v1", "CSIDriver", "other.example")


def annotated(strategy: str, virt: str = "true") -> Manifest:
    return merge(a_storage_class(virt=virt), {"metadata": {"annotations": {KEY: strategy}}})


def profiled(strategy: str) -> Manifest:
    return a_storage_profile(spec={"cloneStrategy": strategy})


@pytest.mark.parametrize(
    "world",
    [
        pytest.param([a_storage_class()], id="nothing is chosen"),
        pytest.param([annotated("copy")], id="copy"),
        pytest.param([annotated("snapshot"), a_snapshot_class()], id="snapshot, with a class"),
        pytest.param([annotated("csi-clone"), DRIVER], id="csi-clone, with the driver"),
        pytest.param([annotated("csi-clone")], id="no driver is told of"),
        pytest.param([annotated("wrong"), profiled("copy")], id="the profile goes before the annotation"),
        pytest.param(
            [a_storage_class(), a_storage_profile(status={"cloneStrategy": "snapshot"})], id="CDI's own choice"
        ),
    ],
)
def test_passes(world: list[Manifest]) -> None:
    assert status(CHECK, *world) == "pass"


@pytest.mark.parametrize(
    ("world", "words"),
    [
        pytest.param([annotated("Snapshot"), a_snapshot_class()], "'Snapshot', which is no strategy", id="mistyped"),
        pytest.param([annotated("snapshot")], "but no VolumeSnapshotClass has its driver csi.example", id="no class"),
        pytest.param([annotated("csi-clone"), OTHER], "but there is no CSI driver csi.example", id="no driver"),
    ],
)
def test_a_choice_of_the_class(world: list[Manifest], words: str) -> None:
    found = only_finding(CHECK, *world)
    assert summarize(found)[:3] == ("warning", "StorageClass fast", f"metadata.annotations[{KEY}]")
    assert words in found.summary
    assert fix_command(found) == f"kubectl annotate storageclass fast {KEY}-"


def test_a_choice_of_the_profile() -> None:
    found = only_finding(CHECK, a_storage_class(virt="true"), profiled("snapshot"))
    assert summarize(found)[:3] == ("warning", "StorageProfile fast", "spec.cloneStrategy")
    assert found.fix is None


def test_it_is_a_hint_where_no_image_goes() -> None:
    assert only_finding(CHECK, annotated("smart", virt="")).severity == "info"


def test_drivers_that_may_not_be_read_are_believed_to_be_there() -> None:
    assert status(CHECK, annotated("csi-clone"), states={CSI_DRIVERS: State.FORBIDDEN}) == "pass"
