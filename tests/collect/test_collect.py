"""`collect` writes a file that says all that the cluster says, except for what is secret."""

from __future__ import annotations

import gzip
import io
import json
import stat
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from exporter.cli import main
from exporter.cluster.resources import WATCHED
from exporter.demo.api import DemoApi, ObjectStore
from exporter.demo.sample import sample_objects

SECRET = "hunter2-do-not-tell"


@pytest.fixture
def objects() -> ObjectStore:
    made = ObjectStore(WATCHED)
    for manifest in sample_objects(datetime.now(UTC)):
        made.put(manifest)
    return made


@pytest.fixture
def kubeconfig(objects: ObjectStore, tmp_path: Path) -> Iterator[Path]:
    """A kubeconfig of a cluster that serves these objects."""
    with DemoApi(objects) as api:
        yield write_kubeconfig(tmp_path, api.url)


def write_kubeconfig(where: Path, url: str) -> Path:
    path = where / "kubeconfig"
    named = {"clusters": [{"name": "a", "cluster": {"server": url}}], "users": [{"name": "a", "user": {"token": "x"}}]}
    context = {"contexts": [{"name": "a", "context": {"cluster": "a", "user": "a"}}], "current-context": "a"}
    path.write_text(json.dumps({"apiVersion": "v1", "kind": "Config", **named, **context}))
    return path


def _report(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, dict[str, Any]]:
    code = main([str(word) for word in ("audit", "--output", "json", *words)])
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    return code, report


@pytest.mark.parametrize("name", ["dump.json", "dump.json.gz"])
def test_an_audit_of_the_file_says_what_one_of_the_cluster_says(
    name: str, kubeconfig: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / name
    assert main(["collect", str(file), "--kubeconfig", str(kubeconfig)]) == 0
    assert capsys.readouterr() == ("", "")
    live_code, live = _report(capsys, "--kubeconfig", kubeconfig)
    code, report = _report(capsys, "--from", file)
    assert (code, report["verdict"], report["atSource"]) == (live_code, live["verdict"], "collection record")
    assert report["checks"] == live["checks"]
    assert [(r["resource"], r["state"], r["rows"]) for r in report["resources"]] == [
        (r["resource"], r["state"], r["rows"]) for r in live["resources"]
    ]
    assert [f["fingerprint"] for f in report["findings"]] == [f["fingerprint"] for f in live["findings"]]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.glob("*.partial")) == []


def test_nothing_secret_is_written(objects: ObjectStore, kubeconfig: Path, tmp_path: Path) -> None:
    cloud_init = {"cloudInitNoCloud": {"userData": SECRET, "networkDataBase64": SECRET, "secretRef": {"name": "kept"}}}
    applied = {"kubectl.kubernetes.io/last-applied-configuration": SECRET, "x": json.dumps({"a": {"userData": SECRET}})}
    vm = {
        "apiVersion": "kubevirt.io/v1",
        "kind": "VirtualMachine",
        "metadata": {"name": "vm", "namespace": "lab", "annotations": {**applied, "note": "kept-note"}},
        "spec": {"template": {"spec": {"volumes": [{"name": "init", **cloud_init}]}}},
    }
    template = {
        "apiVersion": "template.openshift.io/v1",
        "kind": "Template",
        "metadata": {"name": "t", "namespace": "lab"},
        "objects": [vm],
        "parameters": [{"name": "ROOT_PASSWORD", "value": SECRET}, {"name": "DATA_SOURCE_NAME", "value": "kept-name"}],
    }
    source = {"http": {"url": f"https://me:{SECRET}@mirror/kept-path", "extraHeaders": [SECRET]}}
    volume = {
        "apiVersion": "cdi.kubevirt.io/v1beta1",
        "kind": "DataVolume",
        "metadata": {"name": "v", "namespace": "lab"},
        "spec": {"source": source},
    }
    job = {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": "j", "namespace": "openshift-cnv", "labels": {"cdi.kubevirt.io/dataImportCron": "x"}},
        "spec": {"containers": [{"env": [{"name": "PROXY", "value": SECRET}]}]},
    }
    for manifest in (vm, template, volume, job):
        objects.put(json.loads(json.dumps(manifest)))
    file = tmp_path / "dump.json"
    assert main(["collect", str(file), "--kubeconfig", str(kubeconfig)]) == 0
    text = file.read_text()
    assert SECRET not in text
    assert all(kept in text for kept in ('{"name":"kept"}', "kept-note", "kept-name", "https://mirror/kept-path"))


def test_what_cannot_be_read_is_said_here_and_in_the_audit(
    kubeconfig: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from exporter.demo import api

    listed = api._Handler._list

    def refuse(handler: Any, resource: Any, namespace: str, version: str) -> None:
        if resource.plural in ("datavolumes", "virtualmachines"):
            handler._status(403, "no access")
        else:
            listed(handler, resource, namespace, version)

    monkeypatch.setattr(api._Handler, "_list", refuse)
    file = tmp_path / "dump.json"
    assert main(["collect", str(file), "--kubeconfig", str(kubeconfig)]) == 3
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(":")[:3] for line in lines] == [
        ["bootsource-exporter", " not read", " datavolumes"],
        ["bootsource-exporter", " not read", " virtualmachines"],
    ]
    _, report = _report(capsys, "--from", file, "--complete")
    states = {r["resource"]: r["state"] for r in report["resources"]}
    assert (states["datavolumes"], states["virtualmachines"], states["cdis"]) == ("forbidden", "forbidden", "live")


def test_a_list_that_breaks_off_is_not_taken_for_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = {
        "apiVersion": "bootsource.kubevirt.io/v1",
        "kind": "BootSourceCollection",
        "collectedAt": "2026-06-01T12:00:00Z",
        "resources": [{"resource": "datasources", "state": "failed", "detail": "503"}],
    }
    one = {"apiVersion": "cdi.kubevirt.io/v1beta1", "kind": "DataSource", "metadata": {"name": "a", "namespace": "b"}}
    listed = {"apiVersion": "cdi.kubevirt.io/v1beta1", "kind": "DataSourceList", "items": [one]}
    (tmp_path / "x.json").write_text(f"{json.dumps(listed)}\n{json.dumps(record)}\n")
    _, report = _report(capsys, "--from", tmp_path)
    (status,) = [r for r in report["resources"] if r["resource"] == "datasources"]
    assert (status["state"], status["detail"], report["at"]) == ("failed", "503", "2026-06-01T12:00:00Z")


def test_a_cluster_that_does_not_answer_is_one_line_and_no_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = write_kubeconfig(tmp_path, "http://127.0.0.1:1")
    assert main(["collect", str(tmp_path / "dump.json"), "--kubeconfig", str(config)]) == 3
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith("bootsource-exporter: nothing was collected: http://127.0.0.1:1/")
    assert [path.name for path in tmp_path.iterdir()] == ["kubeconfig"]


def test_a_file_that_exists_is_not_overwritten(
    kubeconfig: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "dump.json").write_text("mine")
    assert main(["collect", str(tmp_path / "dump.json"), "--kubeconfig", str(kubeconfig)]) == 2
    assert "exists already; remove it, or name another file" in capsys.readouterr().err
    assert (tmp_path / "dump.json").read_text() == "mine"


def test_without_a_name_the_file_says_when(kubeconfig: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["collect", "--kubeconfig", str(kubeconfig)]) == 0
    (file,) = tmp_path.glob("bootsource-*T*Z.json.gz")
    assert b"BootSourceCollection" in gzip.decompress(file.read_bytes())


def test_to_standard_output(kubeconfig: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, write_through=True))
    assert main(["collect", "-", "--kubeconfig", str(kubeconfig)]) == 0
    sys.stdout.flush()
    assert json.loads(raw.getvalue().splitlines()[-1])["kind"] == "BootSourceCollection"


def test_only_get_and_list_are_asked_for(kubeconfig: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from exporter.demo import api

    watched: list[str] = []
    monkeypatch.setattr(api._Handler, "_watch", lambda handler, *_: watched.append(handler.path))
    assert main(["collect", str(tmp_path / "x.json"), "--kubeconfig", str(kubeconfig)]) == 0
    assert watched == []
