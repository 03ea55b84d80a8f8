"""`what-if` on dumps: what it prints, and its exit codes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from exporter.cli import main
from exporter.cluster.resources import WATCHED
from exporter.demo import api as demo_api
from exporter.demo.sample import sample_objects
from tests.collect.test_collect import write_kubeconfig
from tests.whatif.recorded import objects

Run = Any
SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "what-if.schema.json").read_text())


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the program in this process; gives exit code, output and errors."""
    monkeypatch.setenv("NO_COLOR", "1")

    def call(*words: object) -> tuple[int, str, str]:
        code = main(["what-if", *(str(word) for word in words)])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


@pytest.fixture
def dump(tmp_path: Path) -> Any:
    """Writes the objects of a recorded state into a file."""

    def write(prefix: str) -> Path:
        path = tmp_path / f"{prefix}.yaml"
        path.write_text(yaml.safe_dump_all(objects(prefix)))
        return path

    return write


def test_it_says_what_happens_and_that_nothing_is_changed(run: Run, dump: Any) -> None:
    code, out, err = run("--from", dump("c11"), "--complete", "--virt-default", "ceph-rbd")
    assert (code, err) == (0, "")
    assert out.startswith("What if StorageClass ceph-rbd is the only virt default?\n")
    assert "Nothing is changed." in out
    assert "CDI deletes PersistentVolumeClaim kubevirt-os-images/fedora-1a1a1a1a1a1a" in out
    assert "(irreversible)" in out
    assert "up to 5 GiB" in out
    assert "1 image deleted; 1 image imported, up to 5 GiB from quay.io" in out


def test_json_is_as_the_schema_says(run: Run, dump: Any) -> None:
    code, out, _ = run("--from", dump("h01"), "--complete", "--common-boot-images", "off", "--output", "json")
    document = json.loads(out)
    jsonschema.validate(document, SCHEMA)
    assert code == 0
    assert document["summary"]["cronsDeleted"] == 3
    assert {step["rule"] for step in document["steps"]} <= {rule["id"] for rule in document["rules"]}
    assert [step["number"] for step in document["steps"]] == list(range(1, len(document["steps"]) + 1))


@pytest.mark.parametrize(
    ("words", "stop", "code"),
    [
        (("--common-boot-images", "off"), "loss", 1),
        (("--common-boot-images", "off"), "reimport", 1),
        (("--common-boot-images", "off"), "finding", 0),
        (("--common-boot-images", "on"), "loss,reimport,finding", 0),
        (("--virt-default", "ceph-rbd"), "loss", 0),
        (("--virt-default", "ceph-rbd"), "reimport", 1),
        (("--no-default",), "finding", 1),
    ],
)
def test_a_pipeline_stops_on_what_it_names(run: Run, dump: Any, words: tuple[str, ...], stop: str, code: int) -> None:
    assert run("--from", dump("h01"), "--complete", *words, "--fail-on", stop)[0] == code


def test_a_change_that_admission_refuses_fails(run: Run, dump: Any, tmp_path: Path) -> None:
    edit = {
        "apiVersion": "hco.kubevirt.io/v1",
        "kind": "HyperConverged",
        "metadata": {"name": "kubevirt-hyperconverged"},
        "spec": {"workloadSources": {"dataImportCronTemplates": [{"metadata": {"name": "empty-cron"}}]}},
    }
    (tmp_path / "edit.json").write_text(json.dumps(edit))
    code, out, _ = run("--from", dump("h01"), "--complete", "-f", tmp_path / "edit.json")
    assert code == 1
    assert "HCO's webhook refuses the edit" in out
    assert "Refused: 1 object would not be admitted." in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "what-if needs a change"),
        (("--virt-default", "nope"), "StorageClass 'nope' does not exist; the cluster has ceph-rbd, gp3"),
        (("--disable", "nope"), "entry 'nope' does not exist"),
        (("--format", "gp3=qcow"), "is not CLASS=FORMAT"),
        (("--upgrade", "1.2"), "an older version cannot be installed"),
        (("--upgrade", "soon"), "is not a version"),
        (("--delete", "gp3"), "is not KIND/NAME"),
        (("--delete", "storageclass/nope"), "StorageClass nope does not exist"),
        (("--no-default", "--virt-default", "gp3"), "contradict each other"),
        (("--enable", "a", "--disable", "a"), "cannot be both"),
        (("-f", "/nowhere"), "/nowhere"),
        (("--fail-on", "fire"), "is not one of loss, reimport, finding"),
    ],
)
def test_a_mistake_is_named_and_nothing_else_is_printed(run: Run, dump: Any, words: tuple[str, ...], said: str) -> None:
    code, out, err = run("--from", dump("h01"), "--complete", *words)
    assert (code, out) == (2, "")
    assert said in err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("kind: StorageClass\nmetadata: {name: [}\n", "line"),
        ("kind: Deployment\nmetadata: {name: a}\n", "holds no manifest"),
        ("kind: DataSource\nmetadata: {name: a}\n", "has no metadata.namespace"),
        ("kind: StorageProfile\nmetadata: {name: gp3}\nspec: {claimPropertySets: 7}\n", "cannot be read"),
    ],
)
def test_a_manifest_that_cannot_be_applied_is_named(run: Run, dump: Any, tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "change.yaml"
    path.write_text(text)
    code, out, err = run("--from", dump("h01"), "--complete", "-f", path)
    assert (code, out) == (2, "")
    assert said in err


def test_what_was_not_read_is_not_taken_for_absent(run: Run, dump: Any) -> None:
    code, out, _ = run("--from", dump("c11"), "--virt-default", "ceph-rbd", "--fail-on", "loss")
    assert code == 3
    assert "which templates and virtual machines use the DataSource" in out


def test_the_page_shows_what_the_command_prints(run: Run, dump: Any) -> None:
    page = (Path(__file__).parents[2] / "docs" / "what-if.md").read_text()
    _, _, shown = page.partition("$ bootsource-exporter what-if --from dump --complete --virt-default ceph-rbd\n")
    _, out, _ = run("--from", dump("c11"), "--complete", "--virt-default", "ceph-rbd", "--at", "2026-11-30T18:56:45Z")
    assert out.replace("(given)", "(newest instant in the dump)") == shown.partition("```")[0]


def test_a_live_cluster_is_read_by_lists_alone_and_says_what_a_dump_of_it_says(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    answer = demo_api._Handler.do_GET

    def noted(handler: Any) -> None:
        asked.append(handler.path)
        answer(handler)

    monkeypatch.setattr(demo_api._Handler, "do_GET", noted)
    made = demo_api.ObjectStore(WATCHED)
    for manifest in sample_objects(datetime.now(UTC)):
        made.put(manifest)
    dump, change = tmp_path / "dump.json", ("--common-boot-images", "off", "--output", "json")
    with demo_api.DemoApi(made) as api:
        kubeconfig = write_kubeconfig(tmp_path, api.url)
        code, out, err = run("--kubeconfig", kubeconfig, *change)
        assert main(["collect", str(dump), "--kubeconfig", str(kubeconfig)]) == 0
    assert (code, err) == (0, "")
    assert asked
    assert not [path for path in asked if "watch" in path]
    live, offline = json.loads(out), json.loads(run("--from", dump, *change)[1])
    assert live["summary"]["cronsDeleted"] > 0
    assert [s["summary"] for s in live["steps"]] == [s["summary"] for s in offline["steps"]]


def test_a_cluster_that_does_not_answer_is_one_line(run: Run, tmp_path: Path) -> None:
    kubeconfig = write_kubeconfig(tmp_path, "http://127.0.0.1:9")
    code, out, err = run("--kubeconfig", kubeconfig, "--no-default", "--timeout", "5s")
    assert (code, out) == (3, "")
    assert len(err.splitlines()) == 1
