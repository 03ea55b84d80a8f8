from __future__ import annotations

from typing import Any

import pytest

from exporter.checks.storage.incomplete_storage_profile import incomplete_storage_profile
from tests.checks.storage.assertions import fix_command, only_finding, summarize
from tests.worlds import NOW, Manifest, a_cron, a_storage_class, a_storage_profile, ago, status

CHECK = incomplete_storage_profile
DEFAULT = a_storage_class(virt="true")
EMPTY: dict[str, Any] = {"claimPropertySets": []}


def half(**left: Any) -> Manifest:
    return a_storage_profile(status={"claimPropertySets": [left]})


def volume(**spec: Any) -> Manifest:
    return a_cron(spec={"template": {"spec": spec}})


@pytest.mark.parametrize(
    "world",
    [
        pytest.param([DEFAULT, a_storage_profile(), a_cron()], id="complete"),
        pytest.param([a_storage_profile(status=EMPTY)], id="left of a class that is gone"),
        *(
            pytest.param(
                [DEFAULT, a_storage_profile(status=EMPTY | {"provisioner": p}), a_cron()],
                id=f"unsupported by design: {p}",
            )
            for p in (
                "kubernetes.io/no-provisioner",
                "stork-snapshot",
                "openshift-storage.noobaa.io/obc",
                "openshift-storage.ceph.rook.io/bucket",
            )
        ),
        pytest.param(
            [DEFAULT, a_storage_profile(status=EMPTY, metadata={"creationTimestamp": ago(minutes=2)}), a_cron()],
            id="just made",
        ),
    ],
)
def test_passes(world: list[Manifest]) -> None:
    assert status(CHECK, *world) == "pass"


@pytest.mark.parametrize(
    ("profile", "observed"),
    [
        pytest.param(a_storage_profile(status=EMPTY), "no property set", id="no set"),
        pytest.param(
            half(accessModes=["ReadWriteOnce"]), "a property set lacks accessModes or volumeMode", id="no volumeMode"
        ),
        pytest.param(half(volumeMode="Block"), "a property set lacks accessModes or volumeMode", id="no accessModes"),
    ],
)
def test_it_is_a_warning_where_a_cron_imports(profile: Manifest, observed: str) -> None:
    finding = only_finding(CHECK, DEFAULT, profile, a_cron())
    assert finding.summary == "StorageProfile fast is incomplete; 1 crons import there: fedora-image-cron"
    assert summarize(finding) == (
        "warning",
        "StorageProfile fast",
        "status.claimPropertySets",
        observed,
        "at least one set with accessModes and volumeMode",
    )
    assert finding.since is None
    assert fix_command(finding) == (
        "kubectl patch storageprofile fast --type merge -p "
        '\'{"spec":{"claimPropertySets":[{"accessModes":["ReadWriteOnce"],"volumeMode":"Filesystem"}]}}\''
    )


@pytest.mark.parametrize(
    "cron",
    [
        pytest.param([], id="no cron"),
        pytest.param(
            [volume(storage={"storageClassName": "other"}), a_storage_class("other")], id="the cron goes elsewhere"
        ),
        pytest.param([volume(storage={"accessModes": ["ReadWriteMany"]})], id="the cron names its modes"),
        pytest.param(
            [volume(storage=None, pvc={"accessModes": ["ReadWriteOnce"]})], id="a cron with spec.pvc needs no profile"
        ),
    ],
)
def test_it_is_a_hint_elsewhere(cron: list[Manifest]) -> None:
    finding = only_finding(CHECK, DEFAULT, a_storage_profile(status=EMPTY), *cron)
    assert (finding.severity.value, finding.summary) == ("info", "StorageProfile fast is incomplete")


def test_a_profile_without_status_is_unknown() -> None:
    assert status(CHECK, DEFAULT, a_storage_profile(status=None)) == "unknown"


def test_a_profile_that_stays_incomplete_is_told_from_its_first_sight() -> None:
    young = a_storage_profile(status=EMPTY, metadata={"creationTimestamp": ago(minutes=11)})
    assert only_finding(CHECK, DEFAULT, young, now=NOW).since is None
