"""However objects are written down, the same rows come out."""

from __future__ import annotations

import gzip
import io
import json
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from exporter.cluster.resources import DATA_SOURCES, STORAGE_CLASSES, WATCHED
from exporter.cluster.store import Store
from exporter.dump import load
from exporter.kube.contract import State
from tests.dump.samples import FixedClock, a_data_source, a_list, a_storage_class, load_dump, names

ONE, TWO = a_data_source("one"), a_data_source("two")


def _json(text: str) -> Any:
    return yaml.load(text, Loader=yaml.BaseLoader)


def _typed(*texts: str) -> dict[str, Any]:
    items = [{k: v for k, v in _json(t).items() if k not in ("apiVersion", "kind")} for t in texts]
    head = {"kind": "DataSourceList", "apiVersion": "cdi.kubevirt.io/v1beta1", "metadata": {"resourceVersion": "9"}}
    return {**head, "items": items}


@pytest.mark.parametrize(
    "text",
    [
        f"{ONE}---\n{TWO}",
        f"---\n{ONE}\n---\n---\n{TWO}...\n",
        f"{ONE}---\nnot: kubernetes\n---\n{TWO}",
        a_list(ONE, TWO),
        a_list(ONE, TWO, indent="  "),
        a_list(ONE, TWO).replace("\n", "\r\n"),
        a_list(a_list(ONE), TWO),
        a_list(ONE.replace("  name:", "  x: &a y\n  z: *a\n  name:"), TWO),
        yaml.safe_dump({"kind": "List", "apiVersion": "v1", "items": [_json(ONE), _json(TWO)]}, sort_keys=False),
        json.dumps({"apiVersion": "v1", "items": [_json(ONE), _json(TWO)], "kind": "List"}, indent=4),
        json.dumps(_typed(ONE, TWO)),
        yaml.safe_dump(_typed(ONE, TWO)),
        yaml.safe_dump(_typed(ONE, TWO), sort_keys=False),
        json.dumps([_json(ONE), _json(TWO)]),
        json.dumps(_json(ONE)) + "\n" + json.dumps(_json(TWO)),
        yaml.safe_dump(_json(ONE), default_flow_style=True) + "---\n" + TWO,
        "\ufeff" + ONE + "---\n" + TWO,
    ],
    ids=[
        "documents",
        "empty-documents",
        "foreign-document",
        "list",
        "indented-list",
        "windows-line-ends",
        "list-in-list",
        "list-with-anchors",
        "list-kind-first",
        "json-list",
        "typed-json-list",
        "typed-yaml-list",
        "typed-yaml-list-kind-first",
        "json-array",
        "json-stream",
        "flow-style",
        "byte-order-mark",
    ],
)
def test_every_way_of_writing_two_objects(text: str, tmp_path: Path) -> None:
    file = tmp_path / "dump.yaml"
    file.write_text(text, newline="")
    cluster, facts = load_dump(file)
    assert names(cluster[DATA_SOURCES]) == ["images/one", "images/two"]
    assert (facts.objects, facts.problems) == (2, ())


def test_utf_16_as_windows_shells_write_it(tmp_path: Path) -> None:
    (tmp_path / "dump.yaml").write_bytes(ONE.encode("utf-16"))
    assert names(load_dump(tmp_path)[0][DATA_SOURCES]) == ["images/one"]


def test_several_paths_are_one_dump(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(ONE)
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "c.json").write_text(json.dumps(_json(a_storage_class())))
    cluster, facts = load_dump(tmp_path / "a.txt", tmp_path / "b")
    assert names(cluster[DATA_SOURCES]) == ["images/one"]
    assert names(cluster[STORAGE_CLASSES]) == ["fast"]
    assert facts.files == 2


def _tar(mode: str, **members: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:  # type: ignore[call-overload]
        for name, text in members.items():
            info = tarfile.TarInfo(f"gather/{name}.yaml")
            info.size = len(text.encode())
            archive.addfile(info, io.BytesIO(text.encode()))
    return buffer.getvalue()


@pytest.mark.parametrize(
    "data",
    [gzip.compress(a_list(ONE, TWO).encode()), _tar("w", one=ONE, two=TWO), _tar("w:gz", one=ONE, two=TWO)],
    ids=["gz", "tar", "tar-gz"],
)
def test_packed_files_and_streams(data: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "dump").write_bytes(data)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    for path in (tmp_path / "dump", "-"):
        assert names(load_dump(path)[0][DATA_SOURCES]) == ["images/one", "images/two"]


def test_a_gzipped_file_in_a_folder(tmp_path: Path) -> None:
    (tmp_path / "x.yaml.gz").write_bytes(gzip.compress(ONE.encode()))
    assert names(load_dump(tmp_path)[0][DATA_SOURCES]) == ["images/one"]


def test_folders_that_link_to_themselves_end(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(ONE)
    (tmp_path / "loop").symlink_to(tmp_path)
    cluster, facts = load_dump(tmp_path)
    assert (names(cluster[DATA_SOURCES]), facts.files) == (["images/one"], 1)


def test_files_of_other_sorts_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "pod.log").write_bytes(b"\xff\x00")
    (tmp_path / "values.yaml").write_text("a: {b: [\n")
    (tmp_path / "pods.yaml").write_text("apiVersion: v1\nkind: Secret\nmetadata: [broken\n")
    (tmp_path / "a.yaml").write_text(ONE)
    cluster, facts = load_dump(tmp_path)
    assert (names(cluster[DATA_SOURCES]), facts.problems, facts.skipped) == (["images/one"], (), 2)


def test_a_list_of_many_objects(tmp_path: Path) -> None:
    (tmp_path / "many.yaml").write_text(a_list(*(a_data_source(f"ds-{n:05}") for n in range(3000))))
    cluster, facts = load_dump(tmp_path)
    assert (len(cluster[DATA_SOURCES]), facts.objects) == (3000, 3000)


def test_a_typed_list_that_is_empty_counts_as_collected(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(a_list(kind="StorageClassList", api_version="storage.k8s.io/v1"))
    (tmp_path / "datasources.yaml").write_text(a_list())
    (tmp_path / "other.yaml").write_text(a_list())
    cluster, facts = load_dump(tmp_path)
    assert [t.resource for t in cluster if t.state is State.LIVE] == [DATA_SOURCES, STORAGE_CLASSES]
    assert facts.skipped == 1


def test_progress_is_told_within_a_long_file(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(a_list(ONE, TWO))
    told: list[str] = []
    load([str(tmp_path)], Store(WATCHED, FixedClock()), WATCHED, progress=told.append)
    assert told[0] == "file 1, 0 objects, reading x.yaml"
    assert "file 1, 1 objects, reading x.yaml" in told
