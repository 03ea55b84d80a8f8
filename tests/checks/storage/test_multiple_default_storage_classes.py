from __future__ import annotations

import pytest

from exporter.checks.storage.multiple_default_storage_classes import multiple_default_storage_classes
from tests.checks.storage.assertions import fix_command, only_finding
from tests.worlds import Manifest, a_storage_class, ago, status

CHECK = multiple_default_storage_classes
OLD = a_storage_class("old", default="true", metadata={"creationTimestamp": ago(days=90)})
NEW = a_storage_class("new", default="true", metadata={"creationTimestamp": ago(days=1)})
ANY = a_storage_class("any", default="true", metadata={"creationTimestamp": ago(days=50)})


@pytest.mark.parametrize(
    "world",
    [
        pytest.param([], id="none"),
        pytest.param([OLD], id="one"),
        pytest.param([OLD, a_storage_class("b", beta="true")], id="the beta key is another finding"),
        pytest.param([OLD, a_storage_class("v", virt="true")], id="a virt default is of another kind"),
    ],
)
def test_passes(world: list[Manifest]) -> None:
    assert status(CHECK, *world) == "pass"


@pytest.mark.parametrize(
    ("world", "effect"),
    [
        pytest.param([OLD, NEW, ANY], "boot sources go to the winner", id="they decide where boot sources go"),
        pytest.param(
            [OLD, NEW, ANY, a_storage_class("v", virt="true")],
            "boot sources follow the virt default instead",
            id="a virt default decides",
        ),
    ],
)
def test_the_winner_and_the_effect_on_boot_sources_are_named(world: list[Manifest], effect: str) -> None:
    finding = only_finding(CHECK, *world)
    assert finding.summary == f"3 StorageClasses are Kubernetes default: new wins, any, old lose; {effect}"
    assert (finding.severity.value, finding.object.name) == ("warning", "new")
    assert fix_command(finding) == "kubectl annotate storageclass any old storageclass.kubernetes.io/is-default-class-"
