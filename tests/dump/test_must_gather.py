"""What a dump does not hold: known to be absent, not collected, or needed to judge what is there."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from exporter.checks.evaluate import evaluate_cluster
from exporter.cluster.resources import (
    DATA_IMPORT_CRONS,
    IMAGE_STREAMS,
    NAMESPACES,
    STORAGE_CLASSES,
    TEMPLATES,
    VIRTUAL_MACHINE_TEMPLATES,
    VOLUME_SNAPSHOTS,
    WATCHED,
)
from exporter.cluster.snapshot import ClusterSnapshot
from exporter.dump import DumpFacts
from exporter.kube.contract import State
from tests.clusters.healthy import healthy
from tests.clusters.shapes import SHAPES
from tests.dump.samples import load_dump
from tests.worlds import NOW, Manifest

_PLURALS = {r.kind: r.plural for r in WATCHED}
_DEFINED = (
    *("hyperconvergeds.hco.kubevirt.io", "ssps.ssp.kubevirt.io", "cdis.cdi.kubevirt.io", "datavolumes.cdi.kubevirt.io"),
    *("dataimportcrons.cdi.kubevirt.io", "datasources.cdi.kubevirt.io", "storageprofiles.cdi.kubevirt.io"),
    "virtualmachines.kubevirt.io",
)
MODERN = tuple(name for name in SHAPES if not name.startswith("4.12"))


def _write(where: Path, objects: list[Manifest], *, definitions: bool = False) -> None:
    """A tree as `oc adm must-gather` leaves it."""
    root = where / "quay-io-kubevirt-must-gather-sha256-1"
    root.mkdir(parents=True)
    (where / "timestamp").write_text(f"{NOW:%Y-%m-%d %H:%M:%S}.000000000 +0000 UTC m=+0.2\n")
    (root / "gather.log").write_text("gathering\n")
    for manifest in objects:
        meta, (group, _, _) = manifest["metadata"], manifest["apiVersion"].rpartition("/")
        above = root / "namespaces" / meta["namespace"] if "namespace" in meta else root / "cluster-scoped-resources"
        _put(above / (group or "core") / _PLURALS.get(manifest["kind"], "others"), manifest)
    for name in _DEFINED if definitions else ():
        crd = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": name}}
        above = root / "cluster-scoped-resources" / "apiextensions.k8s.io" / "customresourcedefinitions"
        _put(above, {**crd, "spec": {"versions": [{"schema": {"metadata": {"name": "x"}, "kind": "y"}}]}})


def _put(folder: Path, manifest: Manifest) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    text = yaml.safe_dump(manifest, sort_keys=False)
    (folder / f"{manifest['metadata']['name']}.yaml").write_text(f"---\n{text}")


def _gathered(
    where: Path, shape: str, *without: str, definitions: bool = False, complete: bool = False
) -> tuple[ClusterSnapshot, DumpFacts]:
    _write(where, [o for o in healthy(shape).objects if o["kind"] not in without], definitions=definitions)
    return load_dump(where, complete=complete)


def _verdict(cluster: ClusterSnapshot) -> str:
    return evaluate_cluster(cluster, NOW).report.verdict


@pytest.mark.parametrize("definitions", [False, True], ids=["", "with-crds"])
@pytest.mark.parametrize("shape", MODERN)
def test_a_healthy_must_gather_passes(shape: str, definitions: bool, tmp_path: Path) -> None:
    cluster, facts = _gathered(tmp_path, shape, definitions=definitions)
    assert (_verdict(cluster), facts.problems) == ("pass", ())
    assert {t.state for t in cluster} <= {State.LIVE, State.NOT_SERVED, State.NOT_COLLECTED}


def test_one_of_before_storage_classes_were_gathered_passes_too(tmp_path: Path) -> None:
    cluster, _ = _gathered(tmp_path, "4.18", "StorageClass", "Namespace", "Node", "ResourceQuota")
    assert cluster[STORAGE_CLASSES].state is State.NOT_COLLECTED
    assert _verdict(cluster) == "pass"


def test_definitions_tell_what_the_version_does_not_serve(tmp_path: Path) -> None:
    cluster, _ = _gathered(tmp_path / "a", "4.18", definitions=True)
    assert cluster[VIRTUAL_MACHINE_TEMPLATES].state is State.NOT_SERVED
    # A must-gather lists the definitions of KubeVirt only: nothing is said of others.
    cluster, _ = _gathered(tmp_path / "b", "4.18", "VolumeSnapshot", definitions=True)
    assert cluster[VOLUME_SNAPSHOTS].state is State.FAILED


@pytest.mark.parametrize(
    ("shape", "kind", "why"),
    [
        ("4.22", "DataImportCron", "SSP lists entries for them"),
        ("4.22", "DataSource", "DataImportCrons depend on them"),
        ("4.22", "StorageProfile", "DataImportCrons depend on them"),
        ("4.22", "VolumeSnapshot", "DataSources point at them"),
        ("4.22", "VolumeSnapshotClass", "StorageProfiles ask for snapshots"),
        ("4.22", "ImageStream", "DataImportCrons follow them"),
        ("4.22", "SSP", "DataImportCrons are made from it"),
        ("4.22", "HyperConverged", "SSP is made from it"),
    ],
)
def test_what_is_needed_and_missing_leaves_the_verdict_open(shape: str, kind: str, why: str, tmp_path: Path) -> None:
    cluster, _ = _gathered(tmp_path, shape, kind)
    (table,) = [t for t in cluster if t.resource.kind == kind]
    assert table.state is State.FAILED
    assert table.detail.startswith(f"the dump holds no {kind}, and {why}; collect this kind too")
    assert _verdict(cluster) == "unknown"


def test_aggregated_kinds_are_unknown_even_in_a_complete_dump_of_openshift(tmp_path: Path) -> None:
    cluster, _ = _gathered(tmp_path / "a", "4.22", "ImageStream", "Template", complete=True)
    assert (cluster[IMAGE_STREAMS].state, cluster[TEMPLATES].state) == (State.FAILED, State.NOT_COLLECTED)
    assert _verdict(cluster) == "unknown"
    plain = next(name for name, shape in SHAPES.items() if not shape.openshift)
    cluster, _ = _gathered(tmp_path / "b", plain, complete=True)
    assert (cluster[IMAGE_STREAMS].state, cluster[TEMPLATES].state) == (State.LIVE, State.LIVE)


def test_a_must_gather_holds_only_some_namespaces(tmp_path: Path) -> None:
    sample = healthy("4.22")
    sample.objects[:] = [o for o in sample.objects if (o["kind"], o["metadata"]["name"]) != ("Namespace", "lab")]
    (hco,) = [o for o in sample.objects if o["kind"] == "HyperConverged"]
    hco["spec"]["workloadSources"]["commonBootImageNamespace"] = "lab"
    _write(tmp_path / "a", sample.objects)
    assert load_dump(tmp_path / "a")[0][NAMESPACES].state is State.NOT_COLLECTED
    assert load_dump(tmp_path / "a", complete=True)[0][NAMESPACES].state is State.LIVE


def test_an_empty_list_of_image_streams_is_knowledge_and_none_at_all_is_not(tmp_path: Path) -> None:
    (followed,) = {o["metadata"]["namespace"] for o in healthy("4.22").objects if o["kind"] == "ImageStream"}
    _gathered(tmp_path, "4.22", "ImageStream")
    folder = tmp_path / "image" / "namespaces" / followed / "image.openshift.io"
    folder.mkdir(parents=True)
    (folder / "imagestreams.yaml").write_text("apiVersion: image.openshift.io/v1\nitems: []\nkind: ImageStreamList\n")
    assert load_dump(tmp_path)[0][IMAGE_STREAMS].state is State.LIVE
    folder.rename(folder.parent.parent / "elsewhere")
    assert load_dump(tmp_path)[0][IMAGE_STREAMS].state is State.FAILED


def test_crs_as_the_must_gather_of_kubevirt_places_them(tmp_path: Path) -> None:
    where = tmp_path / "namespaces" / "images" / "crs" / "dataimportcrons.cdi.kubevirt.io"
    where.mkdir(parents=True)
    (where / "fedora.yaml").write_bytes(b"\xff\xfa")
    table = load_dump(tmp_path)[0][DATA_IMPORT_CRONS]
    assert [str(key) for key in table.rejected] == ["images/fedora"]


def test_what_could_not_be_read_makes_no_kind_absent(tmp_path: Path) -> None:
    _gathered(tmp_path, "4.22", "DataImportCron")
    (tmp_path / "broken.yaml").write_text("kind: [\n")
    assert load_dump(tmp_path, complete=True)[0][DATA_IMPORT_CRONS].state is State.FAILED


def test_files_that_are_not_read_are_named(tmp_path: Path) -> None:
    _gathered(tmp_path, "4.22")
    for name in ("old.tar.gz", "a.zip"):
        (tmp_path / name).write_text("x")
    for number in range(12):
        (tmp_path / f"pod-{number:02}.log").write_text("kind: DataSource\n")
    archives, others = load_dump(tmp_path)[1].skipped_files
    assert archives == "2 archives not read: a.zip, old.tar.gz; name an archive with --from to read it"
    assert others.startswith("13 files not read: pod-00.log, pod-01.log, ")
    assert others.endswith(" and 3 more; only .yaml, .yml and .json are read from folders")
