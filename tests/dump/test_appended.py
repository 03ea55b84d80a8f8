"""Dumps that were appended to one file: every document counts, and a key that stands twice is never resolved."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from exporter.cluster.resources import DATA_SOURCES, STORAGE_CLASSES
from exporter.dump import json_text
from exporter.dump.yaml_text import YamlSyntaxError, parse_yaml
from exporter.kube.contract import State
from tests.dump.samples import a_data_source, a_list, a_storage_class, load_dump, names


def test_lists_that_were_appended_are_all_read(tmp_path: Path) -> None:
    sources = [a_data_source(name) for name in ("one", "two", "three")]
    lists = (a_list(a_storage_class()), a_list(*sources[:2]), a_list(sources[2]))
    (tmp_path / "x.yaml").write_text("".join(lists))
    cluster, facts = load_dump(tmp_path)
    assert names(cluster[STORAGE_CLASSES]) == ["fast"]
    assert names(cluster[DATA_SOURCES]) == ["images/one", "images/three", "images/two"]
    assert facts.problems == ()


def test_objects_that_were_appended_are_all_read(tmp_path: Path) -> None:
    by_hand = "kind: StorageClass\napiVersion: storage.k8s.io/v1\nmetadata: {name: %s}\nprovisioner: x\n"
    (tmp_path / "x.yaml").write_text(a_data_source("one") + a_storage_class() + a_data_source("two"))
    (tmp_path / "y.yaml").write_text(by_hand % "a" + by_hand % "b")
    cluster, facts = load_dump(tmp_path)
    assert names(cluster[DATA_SOURCES]) == ["images/one", "images/two"]
    assert names(cluster[STORAGE_CLASSES]) == ["a", "b", "fast"]
    assert facts.problems == ()


def test_a_broken_one_of_several_costs_only_itself(tmp_path: Path) -> None:
    broken = a_data_source("broken", extra="status: [\n")
    (tmp_path / "x.yaml").write_text(a_data_source("one") + broken + a_data_source("two"))
    cluster, facts = load_dump(tmp_path)
    assert names(cluster[DATA_SOURCES]) == ["images/one", "images/two"]
    assert facts.problems[0].endswith("not known because of it: DataSource images/broken")


def test_json_that_was_appended_is_all_read(tmp_path: Path) -> None:
    items = [{"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": n}} for n in "abc"]
    lists = ({"apiVersion": "v1", "items": [item], "kind": "List", "metadata": {}} for item in items)
    (tmp_path / "x.json").write_text("\n".join(json.dumps(one, indent=4) for one in lists))
    assert names(load_dump(tmp_path)[0][STORAGE_CLASSES]) == ["a", "b", "c"]


@pytest.mark.parametrize(
    "text",
    [
        a_data_source("one").replace("spec:", "metadata: {name: two}\nspec:"),
        a_list(a_data_source("one")) + "items: []\n",
        "kind: Secret\n" + a_data_source("one"),
        a_list(a_data_source("one")) + '{"apiVersion": "v1", "kind": "List", "items": []}\n',
    ],
    ids=["metadata", "items", "kind", "json-after-yaml"],
)
def test_a_key_that_stands_twice_makes_the_file_a_problem(text: str, tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(text)
    cluster, facts = load_dump(tmp_path, complete=True)
    assert facts.problems
    assert facts.problems[0].startswith("x.yaml line")
    assert cluster[DATA_SOURCES].state is State.FAILED or cluster[DATA_SOURCES].rejected


@pytest.mark.parametrize(
    "text",
    [
        '{"apiVersion":"v1","kind":"List","items":[{"kind":"DataSource","kind":"DataSource"}]}',
        '{"apiVersion":"v1","kind":"List","items":[],"items":[]}',
        '{"apiVersion":"v1","apiVersion":"v1","kind":"List","items":[]}',
        '{"kind":"DataSource","metadata":{"name":"a","name":"b"}}',
    ],
)
def test_json_with_a_key_twice_is_refused(text: str) -> None:
    with pytest.raises(json_text.JsonError, match="stands twice"):
        list(json_text.values(text))


def test_yaml_with_a_key_twice_is_refused_wherever_it_stands() -> None:
    with pytest.raises(YamlSyntaxError, match="key 'b' stands twice"):
        parse_yaml("a:\n- c: {b: 1, b: 2}\n")
    assert parse_yaml("a: &x {b: 1}\nc: {<<: *x, b: 2}") == [{"a": {"b": 1}, "c": {"b": 2}}]
