"""Where CDI runs, and which version it is, on whatever it was installed by."""

from __future__ import annotations

from typing import Any

import pytest

from exporter.joins.platform import Platform, platform_of
from tests.worlds import SSP_OWNED, Manifest, a_cdi, a_cron, an_hco, an_ssp, cluster, manifest, merge

FOREIGN = {"annotations": dict.fromkeys(SSP_OWNED)}


def a_poller(namespace: str, name: str = "fedora-image-cron-uid-fedo", **labels: str) -> Manifest:
    """The CronJob of the cron that `a_cron` gives."""
    keys = {
        "cdi.kubevirt.io/dataImportCron": "fedora-image-cron",
        "cdi.kubevirt.io/dataImportCronNs": a_cron()["metadata"]["namespace"],
    }
    return manifest("batch/v1", "CronJob", name, namespace, metadata={"labels": {**keys, **labels}})


def of(*manifests: Manifest) -> Platform:
    return platform_of(cluster(*manifests))


@pytest.mark.parametrize(
    ("world", "namespace"),
    [
        pytest.param([an_hco()], "openshift-cnv", id="beside HCO"),
        pytest.param([an_ssp()], "openshift-cnv", id="beside SSP"),
        pytest.param([an_hco(), a_cron(), a_poller("cdi")], "openshift-cnv", id="HCO's word counts more than CronJobs"),
        pytest.param([a_cron(metadata=FOREIGN), a_poller("d8-cdi")], "d8-cdi", id="where its pollers are"),
        pytest.param(
            [a_cron(metadata=FOREIGN), a_poller("attacker", name="mine"), a_poller("d8-cdi")],
            "d8-cdi",
            id="a CronJob with the labels and another name proves nothing",
        ),
        pytest.param([a_poller("d8-cdi")], "", id="nor does one without a cron"),
        pytest.param([a_cron()], "openshift-cnv", id="what SSP left behind names SSP"),
        pytest.param([a_cron(), a_poller("cdi")], "cdi", id="SSP is gone, the pollers are not"),
        pytest.param([a_cdi(), a_cron(metadata=FOREIGN)], "", id="nothing tells"),
        pytest.param([], "", id="an empty cluster"),
    ],
)
def test_where_cdi_runs(world: list[Manifest], namespace: str) -> None:
    assert of(*world).cdi_namespace == namespace


@pytest.mark.parametrize(
    ("version", "minor"),
    [
        ("v1.64.0", 64),
        ("1.56.0-2-gabcdef", 56),
        ("4.10.3", 43),
        ("4.11.0", 49),
        ("v4.12.6", 55),
        ("4.14.0", 57),
        ("4.18.3", 61),
        ("4.22.0-rhel9", 65),
        ("4.23.1", 66),
        ("v0.9.9", None),
        ("nightly", None),
        ("", None),
    ],
)
def test_the_version_of_cdi(version: str, minor: int | None) -> None:
    told: dict[str, Any] = {"status": {"observedVersion": version}}
    assert of(merge(a_cdi(), told)).cdi_minor == minor


@pytest.mark.parametrize("version", ["5.0.0", "v5.1.2", "2.0.0", "17.3.0"])
def test_another_numbering_is_newer_than_all_that_we_know(version: str) -> None:
    told = of(merge(a_cdi(), {"status": {"observedVersion": version}}))
    assert told.cdi_since(66) is True
