from __future__ import annotations

import pytest

from exporter.checks.storage.no_default_storage_class import no_default_storage_class
from tests.checks.storage.assertions import fix_command, only_finding, summarize
from tests.worlds import Manifest, a_cdi, a_cron, a_storage_class, status

VIRT = "storageclass.kubevirt.io/is-default-virt-class"
NAMED: Manifest = {"spec": {"template": {"spec": {"storage": {"storageClassName": "fast"}}}}}
NOT_NOTED: Manifest = {"metadata": {"annotations": {"cdi.kubevirt.io/storage.import.storageClass": None}}}


@pytest.mark.parametrize(
    "world",
    [
        pytest.param([a_storage_class(virt="true"), a_cron()], id="a virt default"),
        pytest.param([a_storage_class(default="true"), a_cron()], id="a Kubernetes default"),
        pytest.param([a_storage_class(default="true"), a_cron(), a_cdi("v1.57.1")], id="a Kubernetes default, old CDI"),
    ],
)
def test_passes(world: list[Manifest]) -> None:
    assert status(no_default_storage_class, *world) == "pass"


def test_no_class_at_all_is_critical_for_the_crons_that_rely_on_a_default() -> None:
    finding = only_finding(no_default_storage_class, a_cron(), a_cron("b", managed="b", **NAMED))
    assert finding.summary == (
        "No StorageClass is default for virtual machine images; 1 crons rely on it: fedora-image-cron"
    )
    assert summarize(finding) == (
        "critical",
        "Cluster ",
        f"metadata.annotations[{VIRT}]",
        "none of 0 StorageClasses has a default annotation that CDI honours",
        "one StorageClass with the value true",
    )
    assert finding.since is None
    assert finding.fix is None


@pytest.mark.parametrize(
    ("world", "command"),
    [
        pytest.param(
            [a_storage_class("a"), a_storage_class("b", virt="True"), a_cron()],
            f"kubectl annotate storageclass b {VIRT}=true --overwrite",
            id="the class that somebody tried to make default",
        ),
        pytest.param(
            [a_storage_class("a"), a_storage_class("b", beta="true"), a_cron()],
            f"kubectl annotate storageclass b {VIRT}=true --overwrite",
            id="also by the beta key",
        ),
        pytest.param(
            [a_storage_class("a"), a_storage_class("fast"), a_cron()],
            f"kubectl annotate storageclass fast {VIRT}=true --overwrite",
            id="the class that the images were on",
        ),
        pytest.param(
            [a_storage_class("solo", default="false"), a_cron(**NOT_NOTED)],
            f"kubectl annotate storageclass solo {VIRT}=true --overwrite",
            id="the only class",
        ),
        pytest.param(
            [a_storage_class("fast"), a_cron(), a_cdi("v1.57.1")],
            "kubectl annotate storageclass fast storageclass.kubernetes.io/is-default-class=true --overwrite",
            id="old CDI: the Kubernetes key",
        ),
    ],
)
def test_the_fix_names_the_class_that_is_plainly_meant(world: list[Manifest], command: str) -> None:
    assert fix_command(only_finding(no_default_storage_class, *world)) == command


@pytest.mark.parametrize(
    "world",
    [
        pytest.param(
            [a_storage_class("a", virt="True"), a_storage_class("b", virt="yes"), a_cron()], id="two were tried"
        ),
        pytest.param([a_storage_class("a"), a_storage_class("b"), a_cron(**NOT_NOTED)], id="nothing tells"),
    ],
)
def test_no_fix_is_guessed(world: list[Manifest]) -> None:
    assert only_finding(no_default_storage_class, *world).fix is None


def test_a_virt_default_does_not_count_for_old_cdi() -> None:
    assert status(no_default_storage_class, a_storage_class(virt="true"), a_cron(), a_cdi("v1.57.1")) == "fail"


def test_it_is_a_hint_only_where_no_cron_relies_on_it() -> None:
    finding = only_finding(no_default_storage_class, a_storage_class(), a_cron(**NAMED))
    assert (finding.severity.value, finding.summary) == (
        "info",
        "No StorageClass is default for virtual machine images; no cron relies on it",
    )
