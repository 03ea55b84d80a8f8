"""From a state that real operators left, and a change, the model foretells the state that they left after it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

from exporter.cluster.resource import Resource
from exporter.cluster.resources import (
    DATA_IMPORT_CRONS,
    DATA_SOURCES,
    IMAGE_STREAMS,
    PERSISTENT_VOLUME_CLAIMS,
    STORAGE_PROFILES,
    VOLUME_SNAPSHOTS,
)
from exporter.cluster.snapshot import ClusterSnapshot
from exporter.whatif import foresee
from exporter.whatif.changes import Change, DeleteObject, MakeDefault, SetFormat, SwitchGate
from exporter.whatif.document import Action
from exporter.whatif.foresee import run_changes
from exporter.whatif.manifests import ApplyManifest
from tests.whatif.recorded import IMAGES, cluster, hyperconverged_of, object_of, wrong_claims

CRON_LABEL = "cdi.kubevirt.io/dataImportCron"
CONTENT = (DATA_IMPORT_CRONS, DATA_SOURCES, PERSISTENT_VOLUME_CLAIMS, VOLUME_SNAPSHOTS, STORAGE_PROFILES, IMAGE_STREAMS)


@dataclass(frozen=True, eq=False)
class Pair:
    before: str
    after: str
    changes: tuple[Change, ...]

    def __str__(self) -> str:
        return f"{self.before} to {self.after}"


UNLABEL = ApplyManifest(
    {"kind": "DataSource", "metadata": {"name": "fedora", "namespace": IMAGES, "labels": {CRON_LABEL: None}}}, "a file"
)
SNAPSHOTS = ApplyManifest(
    {
        "kind": "VolumeSnapshotClass",
        "driver": "openshift-storage.rbd.csi.ceph.com",
        "metadata": {"name": "rbd-snap"},
    },
    "a file",
)
PAIRS = (
    Pair("c07", "c08", (MakeDefault("ceph-rbd", virt=True),)),
    Pair("c08", "c09", (MakeDefault("gp3"),)),
    Pair("c11", "c12", (object_of("c12", "StorageClass", "newest"),)),
    Pair("c08", "c13", (SNAPSHOTS,)),
    Pair("h01", "h02", (SwitchGate(on=False),)),
    Pair("h02", "h03", (SwitchGate(on=True),)),
    Pair("h03", "h05", (hyperconverged_of("h05"),)),
    Pair("h05", "h06", (hyperconverged_of("h06"),)),
    Pair("h07a", "h07b", (UNLABEL,)),
    Pair("h14b", "h15", (hyperconverged_of("h15"),)),
    Pair("h10", "h11b", (object_of("h11b", "Namespace", "golden-nowhere"), hyperconverged_of("h11b"))),
    Pair("4.18-c07", "4.18-c10", (MakeDefault("gp3"),)),
    Pair("4.18-c10", "4.18-c12", (object_of("4.18-c12", "StorageClass", "newest"),)),
    Pair("4.18-h01", "4.18-h02", (SwitchGate(on=False),)),
    Pair("4.18-h02", "4.18-h03", (SwitchGate(on=True),)),
    Pair("4.18-h03", "4.18-h06", (hyperconverged_of("4.18-h06"),)),
)


def names(found: ClusterSnapshot, resource: Resource[Any]) -> list[str]:
    """The objects of a kind. The digest in the name of an image is the registry's matter."""
    images = resource in (PERSISTENT_VOLUME_CLAIMS, VOLUME_SNAPSHOTS)
    return sorted(f"{k.namespace}/{k.name.rpartition('-')[0] if images else k.name}" for k in found[resource].rows)


@cache
def foreseen_after(pair: Pair) -> ClusterSnapshot:
    before, at = cluster(pair.before)
    return run_changes(before, pair.changes, at)


@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_every_field_that_is_claimed_is_so(pair: Pair) -> None:
    before, at = cluster(pair.before)
    foresight = foresee(before, pair.changes, at)
    assert foresight.steps
    assert list(wrong_claims(foresight, pair.after)) == []


@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_the_same_objects_are_left(pair: Pair) -> None:
    foreseen, after = foreseen_after(pair), cluster(pair.after)[0]
    assert {str(r): names(foreseen, r) for r in CONTENT} == {str(r): names(after, r) for r in CONTENT}


@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_data_sources_stand_as_they_do(pair: Pair) -> None:
    foreseen, after = foreseen_after(pair), cluster(pair.after)[0]
    for key, row in foreseen[DATA_SOURCES].rows.items():
        found = after[DATA_SOURCES].rows[key]
        assert (row.cron, row.ready.status, row.ready.reason) == (  # type: ignore[union-attr]
            found.cron,
            found.ready.status,  # type: ignore[union-attr]
            found.ready.reason,  # type: ignore[union-attr]
        ), key
        kinds = [bool(s.spec.source.pvc) for s in (row, found)]
        assert kinds[0] == kinds[1], key


@pytest.mark.parametrize("state", sorted({pair.after for pair in PAIRS}))
def test_without_a_change_nothing_is_left_to_do(state: str) -> None:
    found, at = cluster(state)
    foresight = foresee(found, (), at)
    assert (foresight.steps, foresight.anyway, foresight.appear, foresight.disappear) == ((), (), (), ())


def test_a_snapshot_class_that_goes_costs_the_newest_snapshot_and_a_download() -> None:
    """c15: a newer digest had come meanwhile, so that the names of the images differ."""
    before, at = cluster("c13")
    foresight = foresee(before, (DeleteObject("volumesnapshotclass", "", "rbd-snap"),), at)
    told = [(s.action, s.object.kind) for s in foresight.steps]
    assert told == [
        (Action.DELETE, "VolumeSnapshotClass"),
        (Action.CHANGE, "StorageProfile"),
        (Action.DELETE, "VolumeSnapshot"),
        (Action.PAUSE, "DataSource"),
        (Action.IMPORT, "DataImportCron"),
        (Action.CREATE, "PersistentVolumeClaim"),
        (Action.CHANGE, "DataSource"),
    ]
    claims = [c for c in wrong_claims(foresight, "c15") if "1a1a1a1a1a1a" not in c]
    assert claims == []
    assert [f.check for f in foresight.appear] == ["stale-snapshot-class"]


def test_a_forced_format_without_a_snapshot_class_freezes() -> None:
    """c17."""
    before, at = cluster("c15")
    foresight = foresee(before, (SetFormat("ceph-rbd", "snapshot"),), at)
    assert [s.action for s in foresight.steps] == [Action.EDIT, Action.CHANGE, Action.FREEZE]
    assert "snapshot-class-missing" in {f.check for f in foresight.appear}
    assert foresight.summary.images_deleted == 0


def test_without_snapshot_crds_a_class_change_freezes_and_deletes_nothing() -> None:
    """v7: the dump says so by holding no object of that group."""
    before, at = cluster("v7")
    foresight = foresee(before, (), at)
    assert foresight.summary.images_deleted == 0
    assert all(s.action in (Action.FREEZE, Action.KEEP) for s in foresight.anyway)
