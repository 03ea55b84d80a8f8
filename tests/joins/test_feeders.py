from __future__ import annotations

import pytest

from exporter.cluster.resource import Ref
from exporter.joins.entries import Origin, Stage
from exporter.joins.feeders import COMMON_SOURCES, feeders, without_architecture
from exporter.kube.contract import Key
from tests.worlds import IMAGES, Manifest, a_cron, an_entry, an_hco, an_ssp, cluster

ENABLE = "dataimportcrontemplate.kubevirt.io/enable"
OFF: Manifest = {"spec": {"workloadSources": {"enableCommonBootImageImport": False}}}
CORP = an_entry("corp-cron", managed="corp")
FEDORA = Key(IMAGES, "fedora")


def cron(name: str, namespace: str = IMAGES) -> Ref:
    return Ref("DataImportCron", namespace, name)


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("fedora-arm64", "fedora"),
        ("fedora", "fedora"),
        ("centos-stream9", "centos-stream9"),
        ("amd64", "amd64"),
        ("-amd64", "-amd64"),
    ],
)
def test_the_name_without_architecture(name: str, stem: str) -> None:
    assert without_architecture(name) == stem


def test_the_sources_of_common_entries() -> None:
    assert COMMON_SOURCES["fedora"] == "fedora-image-cron"
    assert COMMON_SOURCES["centos7"] == "centos-7-image-cron"


def test_an_entry_with_its_cron_is_one_feeder() -> None:
    (found,) = feeders(cluster(an_hco(entries=[CORP]), an_ssp(entries=[CORP]), a_cron("corp-cron", managed="corp")))[
        Key(IMAGES, "corp")
    ]
    assert (found.name, found.cron, found.stage, found.origin, found.exists, found.wanted) == (
        "corp-cron",
        cron("corp-cron"),
        Stage.ENABLED,
        Origin.CUSTOM,
        True,
        True,
    )


def test_an_entry_without_cron_is_wanted() -> None:
    (found,) = feeders(cluster(an_ssp(), an_hco(entries=[CORP])))[Key(IMAGES, "corp")]
    assert found.wanted
    assert not found.exists


@pytest.mark.parametrize(
    ("hco", "gated", "opted_out"),
    [
        pytest.param(an_hco(**OFF), True, False, id="the gate is closed and nothing is listed"),
        pytest.param(an_hco(entries=[an_entry()], taken=[], **OFF), True, False, id="a modified one behind the gate"),
        pytest.param(
            an_hco(entries=[{"metadata": {"name": "fedora-image-cron", "annotations": {ENABLE: "false"}}}], taken=[]),
            False,
            True,
            id="disabled by its annotation, without a spec",
        ),
    ],
)
def test_a_common_source_that_is_switched_off(hco: Manifest, gated: bool, opted_out: bool) -> None:
    (found,) = feeders(cluster(an_ssp(), hco))[FEDORA]
    assert (found.stage, found.gated, found.opted_out, found.wanted) == (Stage.DISABLED, gated, opted_out, False)


def test_a_closed_gate_is_no_reason_for_a_custom_one() -> None:
    (found,) = feeders(cluster(an_ssp(), an_hco(entries=[CORP], **OFF)))[Key(IMAGES, "corp")]
    assert not found.gated
    assert found.wanted


def test_with_multi_arch_each_architecture_has_a_feeder() -> None:
    ssp = an_ssp(entries=[CORP], spec={"enableMultipleArchitectures": True})
    found = feeders(cluster(an_hco(entries=[CORP]), ssp))
    assert [f.cron for f in found[Key(IMAGES, "corp-arm64")]] == [cron("corp-cron-arm64")]


def test_a_common_one_that_was_moved_feeds_the_old_place_too() -> None:
    moved = an_entry(metadata={"namespace": "golden"})
    away = {**CORP, "metadata": {**CORP["metadata"], "namespace": "team-a"}}
    found = feeders(cluster(an_ssp(), an_hco(commons=[moved], entries=[away])))
    assert [f.cron for f in found[FEDORA]] == [cron("fedora-image-cron", "golden")]
    assert Key("golden", "fedora") in found
    assert Key(IMAGES, "corp") not in found


def test_what_only_ssp_lists_and_crons_made_by_hand_feed_too() -> None:
    found = feeders(cluster(an_ssp(entries=[CORP]), a_cron("mine", managed="own")))
    assert [(f.name, f.origin) for f in found[Key(IMAGES, "corp")]] == [("corp-cron", None)]
    assert [(f.name, f.origin, f.exists) for f in found[Key(IMAGES, "own")]] == [("mine", None, True)]
