"""What cannot be read costs only itself, is told with its place, and never turns into "there is none"."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from exporter.cluster.resources import CRON_JOBS, DATA_SOURCES, DATA_VOLUMES, HYPERCONVERGEDS, STORAGE_CLASSES
from exporter.dump.limits import DumpLimits
from exporter.kube.contract import State
from exporter.settings.settings import SettingsError
from tests.dump.samples import a_data_source, a_list, a_storage_class, load_dump, names, rejections

BROKEN = a_data_source("broken", extra="status:\n  conditions: [\n")


def test_one_broken_document_among_good_ones(tmp_path: Path) -> None:
    file = tmp_path / "dump.yaml"
    file.write_text(f"{a_data_source('one')}---\n{BROKEN}---\n{a_data_source('two')}")
    cluster, facts = load_dump(file)
    table = cluster[DATA_SOURCES]
    assert (table.state, names(table)) == (State.LIVE, ["images/one", "images/two"])
    (problem,) = facts.problems
    assert problem.startswith(f"{file} line 22 is not valid YAML: ")
    assert problem.endswith("; not known because of it: DataSource images/broken")
    assert list(rejections(table)) == ["images/broken"]


def test_one_broken_item_of_a_list(tmp_path: Path) -> None:
    (tmp_path / "dump.yaml").write_text(a_list(a_data_source("one"), BROKEN, a_data_source("two")))
    cluster, facts = load_dump(tmp_path)
    assert names(cluster[DATA_SOURCES]) == ["images/one", "images/two"]
    assert list(rejections(cluster[DATA_SOURCES])) == ["images/broken"]
    assert len(facts.problems) == 1


def test_a_good_copy_beats_a_broken_one(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(a_data_source("broken"))
    (tmp_path / "b.yaml").write_text(BROKEN)
    cluster, facts = load_dump(tmp_path)
    assert (names(cluster[DATA_SOURCES]), rejections(cluster[DATA_SOURCES])) == (["images/broken"], {})
    assert len(facts.problems) == 1


@pytest.mark.parametrize("cut", [0.3, 0.5, 0.8, 0.94])
def test_a_list_that_breaks_off_leaves_its_table_unknown(cut: float, tmp_path: Path) -> None:
    text = a_list(*(a_data_source(f"ds-{n}") for n in range(5)))
    (tmp_path / "dump.yaml").write_text(text[: int(len(text) * cut)])
    cluster, facts = load_dump(tmp_path, complete=True)
    assert cluster[DATA_SOURCES].state is State.FAILED
    assert facts.problems


@pytest.mark.parametrize("cut", [0.3, 0.5, 0.8, 0.95])
def test_json_that_breaks_off_leaves_its_table_unknown(cut: float, tmp_path: Path) -> None:
    item = {"apiVersion": "cdi.kubevirt.io/v1beta1", "kind": "DataSource", "metadata": {"name": "x", "namespace": "y"}}
    text = json.dumps({"apiVersion": "v1", "items": [item] * 5, "kind": "List"}, indent=2)
    (tmp_path / "dump.json").write_text(text[: int(len(text) * cut)])
    cluster, facts = load_dump(tmp_path, complete=True)
    assert cluster[DATA_SOURCES].state is State.FAILED
    assert "is not valid JSON" in facts.problems[0]


def test_a_broken_file_is_attributed_by_its_place(tmp_path: Path) -> None:
    where = tmp_path / "image" / "namespaces" / "images" / "cdi.kubevirt.io"
    (where / "datasources").mkdir(parents=True)
    (where / "datasources" / "rhel9.yaml").write_bytes(b"kind: \xff\xfe\xfd\n")
    (where / "datavolumes.yaml").write_bytes(b"kind: \xff\xfe\xfd\n")
    (where / "dataimportcrons").mkdir()
    cluster, facts = load_dump(tmp_path, complete=True)
    assert rejections(cluster[DATA_SOURCES]).keys() == {"images/rhel9"}
    assert cluster[DATA_VOLUMES].state is State.FAILED
    assert "datavolumes.yaml is not text" in cluster[DATA_VOLUMES].detail
    assert len(facts.problems) == 2


@pytest.mark.parametrize(
    ("name", "data", "problem"),
    [
        ("x.yaml", b"kind: a\0b", "is not a text file"),
        ("x.yaml", b"\xff\xfa\xfb kind:", "is not text in UTF-8"),
        ("x.yaml.gz", gzip.compress(b"kind: x" * 1000, mtime=0)[:30], "cannot be unpacked"),
        ("x.yaml", b"PK\x03\x04....", "is a zip file; unpack it first"),
        ("x.yaml", b"#" * (1 << 21), "is larger than 1 MiB"),
        ("x.json", b'{"kind": ' + b"[" * 100_000, "nested too deeply"),
        ("x.yaml", b"kind: " + b"[" * 100_000, "nested too deeply"),
    ],
)
def test_files_that_nobody_can_read(name: str, data: bytes, problem: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(data)
    (tmp_path / "good.yaml").write_text(a_data_source())
    cluster, facts = load_dump(tmp_path, limits=DumpLimits(file=1 << 20))
    assert names(cluster[DATA_SOURCES]) == ["images/fedora"]
    (told,) = facts.problems
    assert told.startswith(name)
    assert problem in told


def test_a_dangling_link_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").symlink_to(tmp_path / "nowhere")
    (tmp_path / "good.yaml").write_text(a_data_source())
    assert load_dump(tmp_path)[1].problems == ("x.yaml cannot be read: No such file or directory",)


@pytest.mark.parametrize(
    ("text", "key", "told"),
    [
        (a_data_source("a", extra="status: 5\n"), "images/a", "status"),
        (a_data_source("a").replace("cdi.kubevirt.io/v1beta1", "cdi.kubevirt.io/v7"), "images/a", "version v7"),
        (a_data_source("''"), "images/(unnamed, x.yaml line 1)", "metadata.name: an object must have a name"),
        ("apiVersion: cdi.kubevirt.io/v1beta1\nkind: DataSource\n", "(unnamed, x.yaml line 1)", "metadata"),
    ],
    ids=["wrong-type", "unknown-version", "no-name", "no-metadata"],
)
def test_objects_that_do_not_decode_are_rejected(text: str, key: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(text)
    cluster, facts = load_dump(tmp_path)
    assert cluster[DATA_SOURCES].state is State.LIVE
    assert told in rejections(cluster[DATA_SOURCES])[key]
    assert facts.problems == ()


def test_deep_values_are_rejected_and_not_fatal(tmp_path: Path) -> None:
    deep = "[" * 400 + "]" * 400
    (tmp_path / "x.yaml").write_text(a_data_source("a", extra=f"status: {deep}\n"))
    assert "images/a" in rejections(load_dump(tmp_path)[0][DATA_SOURCES])


def test_lone_surrogates_do_not_travel(tmp_path: Path) -> None:
    text = (
        '{"apiVersion":"cdi.kubevirt.io/v1beta1","kind":"DataSource","metadata":{"name":"a\\ud800b","namespace":"n"}}'
    )
    (tmp_path / "x.json").write_text(text)
    assert names(load_dump(tmp_path)[0][DATA_SOURCES]) == ["n/a?b"]


def test_a_kind_that_the_dump_lacks_is_unknown_unless_it_is_complete(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(a_storage_class())
    table = load_dump(tmp_path)[0][HYPERCONVERGEDS]
    assert (table.state, table.detail) == (State.NOT_COLLECTED, "the dump holds no HyperConverged")
    complete = load_dump(tmp_path, complete=True)[0]
    assert (complete[HYPERCONVERGEDS].state, len(complete[HYPERCONVERGEDS])) == (State.LIVE, 0)


def test_cron_jobs_of_others_are_not_ours_but_count_as_collected(tmp_path: Path) -> None:
    job = "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: %s, namespace: n, labels: {%s: x}}\n"
    ours = job % ("poller", "cdi.kubevirt.io/dataImportCron")
    (tmp_path / "x.yaml").write_text(job % ("backup", "app"))
    assert (load_dump(tmp_path)[0][CRON_JOBS].state, names(load_dump(tmp_path)[0][CRON_JOBS])) == (State.LIVE, [])
    (tmp_path / "y.yaml").write_text(ours)
    assert names(load_dump(tmp_path)[0][CRON_JOBS]) == ["n/poller"]


def test_resources_that_are_not_asked_for_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(a_storage_class() + "---\n" + a_data_source())
    cluster, _ = load_dump(tmp_path, resources=[STORAGE_CLASSES])
    assert (cluster[DATA_SOURCES].state, names(cluster[STORAGE_CLASSES])) == (State.PENDING, ["fast"])


@pytest.mark.parametrize("complete", [False, True])
@pytest.mark.parametrize("text", [None, "", "a: b\n", "apiVersion: v1\nkind: Secret\n", a_list()])
def test_a_dump_with_nothing_to_judge_is_refused(text: str | None, complete: bool, tmp_path: Path) -> None:
    if text is not None:
        (tmp_path / "x.yaml").write_text(text)
    with pytest.raises(SettingsError, match="holds no object to judge"):
        load_dump(tmp_path, complete=complete)


def test_a_path_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"--from: '.*/nowhere' does not exist; name"):
        load_dump(tmp_path, tmp_path / "nowhere")
