"""The whole program on dumps: what it prints, and its exit codes."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from exporter.cli import main
from exporter.cluster.resources import WATCHED
from exporter.settings.options import REPORT_OUTPUTS
from tests.dump.samples import a_data_source, a_storage_class

Run = Any
NO_SOURCE = "status: {conditions: [{type: Ready, status: 'False', reason: NoSource}]}\n"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the program in this process; gives exit code, output and errors."""

    def call(*words: object) -> tuple[int, str, str]:
        code = main([str(word) for word in words])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    monkeypatch.delenv("NO_COLOR", raising=False)
    return call


@pytest.fixture
def healthy(tmp_path: Path) -> Path:
    """A cluster without any boot source: one default StorageClass, and nothing to judge."""
    profile = (
        "apiVersion: cdi.kubevirt.io/v1beta1\nkind: StorageProfile\nmetadata: {name: fast}\n"
        "status: {storageClass: fast, claimPropertySets: [{accessModes: [ReadWriteMany], volumeMode: Block}]}\n"
    )
    folder = tmp_path / "dump"
    folder.mkdir()
    (folder / "cluster.yaml").write_text(a_storage_class() + "---\n" + profile)
    return folder


def _checks(out: str) -> dict[str, str]:
    return {c["check"]: c["status"] for c in json.loads(out)["checks"]}


def test_without_complete_what_the_dump_lacks_is_unknown(run: Run, healthy: Path) -> None:
    code, out, err = run("audit", "--from", healthy, "--at", "2026-06-01T00:00:00Z", "--output", "json")
    report = json.loads(out)
    states = {r["resource"]: r["state"] for r in report["resources"]}
    assert (code, err) == (3, "")
    assert (report["schema"], report["at"], report["atSource"]) == (
        "bootsource.report/v1",
        "2026-06-01T00:00:00Z",
        "given",
    )
    assert (states["storageclasses"], states["dataimportcrons"]) == ("live", "not_collected")
    assert "blind" in _checks(out).values()


def test_a_broken_file_forbids_the_all_clear(run: Run, healthy: Path) -> None:
    before, _, _ = run("audit", "--from", healthy, "--complete", "--fail-on", "critical", "--output", "json")
    (healthy / "x.yaml").write_text("kind: [\n")
    code, out, err = run("audit", "--from", healthy, "--complete", "--fail-on", "critical", "--output", "json")
    assert code == (before or 3)
    assert json.loads(out)["verdict"] != "pass"
    assert "x.yaml line" in err
    assert "is not valid YAML" in err
    _, out, err = run("audit", "--from", healthy, "--complete")
    assert "input: x.yaml line" in out
    assert err == ""


def test_a_finding_fails_the_audit_from_its_severity_on(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(a_storage_class("one") + "---\n" + a_storage_class("two"))
    words = ("audit", "--from", tmp_path, "--complete", "--output", "json")
    code, out, _ = run(*words)
    found = [f for f in json.loads(out)["findings"] if "virt-default" in f["check"]]
    assert code == 1
    assert found
    assert run(*words, "--fail-on", "info")[0] == 1


def a_storage_profile(name: str) -> str:
    status = "{claimPropertySets: [{accessModes: [ReadWriteMany], volumeMode: Block}], cloneStrategy: csi-clone}"
    return f"apiVersion: cdi.kubevirt.io/v1beta1\nkind: StorageProfile\nmetadata: {{name: {name}}}\nstatus: {status}\n"


def test_a_configuration_mutes_findings_in_every_output_and_in_the_exit_code(run: Run, tmp_path: Path) -> None:
    dump, config = tmp_path / "dump.yaml", tmp_path / "config.yaml"
    profiles = (a_storage_profile("one"), a_storage_profile("two"))
    classes = (a_storage_class("one"), a_storage_class("two"))
    dump.write_text("---\n".join((*classes, *profiles, a_data_source(extra=NO_SOURCE))))
    words = ("audit", "--from", dump, "--complete", "--at", "2026-06-01T00:00:00Z", "--config", config)
    config.write_text('suppressions: [{check: "*", object: {kind: "*"}, reason: a lab, owner: me}]')
    for output in REPORT_OUTPUTS:
        code, out, _ = run(*words, "--output", output)
        assert code == 0
        assert "a lab" in out
    report = json.loads(run(*words, "--output", "json")[1])
    assert report["verdict"] == "pass"
    assert {f["suppressed"]["owner"] for f in report["findings"]} == {"me"}
    config.write_text("checks: {multiple-virt-default-storage-classes: {severity: critical}}")
    assert run(*words, "--fail-on", "critical")[0] == 1


def test_a_resource_that_is_switched_off_blinds_and_says_so(run: Run, healthy: Path) -> None:
    _, out, _ = run("audit", "--from", healthy, "--complete", "--disable", "virtualmachines", "--output", "json")
    (status,) = [r for r in json.loads(out)["resources"] if r["resource"] == "virtualmachines"]
    assert (status["state"], status["detail"]) == ("disabled", "switched off by --disable")


def test_a_rejected_object_forbids_the_all_clear(run: Run, healthy: Path) -> None:
    (healthy / "ds.yaml").write_text(a_data_source("bad", extra="status: 5\n"))
    code, out, _ = run("audit", "--from", healthy, "--complete", "--fail-on", "critical")
    assert code in (1, 3)
    assert "datasources: object not readable: images/bad: status: " in out.replace("\n    ", " ")


@pytest.mark.parametrize("output", REPORT_OUTPUTS)
def test_every_output_is_complete(output: str, run: Run, healthy: Path) -> None:
    code, out, err = run("audit", "--from", healthy, "--output", output)
    assert (code, err) == (3, "")
    assert out.endswith("\n")
    assert "\x1b" not in out


def test_the_table_names_the_cluster_and_the_verdict(run: Run, healthy: Path) -> None:
    _, out, _ = run("audit", "--from", healthy, "--complete", "--at", "2026-06-01T00:00:00Z")
    assert out.startswith("Boot sources as of 2026-06-01 00:00:00 UTC (given)\nKubernetes\n")
    assert out.splitlines()[-1].split(":")[0] in ("PASS", "FAIL", "UNKNOWN") or out.splitlines()[-1].startswith("  ")


def test_standard_input(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(a_storage_class().encode())))
    code, out, _ = run("audit", "--from", "-", "--output", "json")
    assert code == 3
    assert [r["rows"] for r in json.loads(out)["resources"] if r["resource"] == "storageclasses"] == [1]


def test_a_must_gather_needs_no_instant(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "image" / "cluster-scoped-resources" / "storage.k8s.io" / "storageclasses"
    folder.mkdir(parents=True)
    (folder / "fast.yaml").write_text("---\n" + a_storage_class())
    (tmp_path / "timestamp").write_text("2026-05-20 10:00:00.000000000 +0000 UTC m=+0.2\n")
    _, out, _ = run("audit", "--from", tmp_path, "--output", "json")
    assert (json.loads(out)["at"], json.loads(out)["atSource"]) == ("2026-05-20T10:00:00Z", "must-gather timestamp")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["--from", "/no/where"],
            "--from: '/no/where' does not exist; name a directory, a file, or - for standard input",
        ),
        (["--from", "{empty}"], "--from: '{empty}' holds no object to judge (no .yaml, .yml or .json file"),
        (["--complete"], "--complete is about a dump; name one with --from, or leave it out"),
        (["--from", "x", "--context", "prod"], "--context is about a cluster and --from about a dump; leave one out"),
        (
            ["--from", "x", "--namespaces", "ns"],
            "--namespaces is about a cluster and --from about a dump; leave one out",
        ),
        (["--output", "pdf"], "--output: 'pdf' is not one of table, json"),
    ],
)
def test_wrong_usage(words: list[str], message: str, run: Run, tmp_path: Path) -> None:
    code, out, err = run("audit", *(word.format(empty=tmp_path) for word in words))
    assert (code, out) == (2, "")
    assert err.startswith(f"bootsource-exporter: {message.format(empty=tmp_path)}")
    assert err.count("\n") == 1


def test_variables_do_not_contradict_a_flag(run: Run, healthy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOOTSOURCE_CONTEXT", "prod")
    assert run("audit", "--from", healthy)[0] == 3


def _program(*words: object, **more: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "exporter", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, **more)


def test_as_a_program(healthy: Path) -> None:
    done = _program("audit", "--from", "-", input=a_storage_class())
    assert (done.returncode, done.stderr) == (3, "")
    assert "Not judged" in done.stdout


def test_an_audit_of_a_dump_loads_no_client_and_no_server(healthy: Path) -> None:
    code = (
        "import sys; from exporter.cli import main; main(sys.argv[1:]);"
        "print(sorted({m.split('.')[0] for m in sys.modules} & {'kubernetes', 'urllib3', 'http'}), file=sys.stderr)"
    )
    command = [sys.executable, "-c", code, "audit", "--from", str(healthy)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.stderr == "[]\n"


def test_a_reader_that_leaves_early_is_no_error(healthy: Path) -> None:
    command = f"{sys.executable} -m exporter audit --from {healthy} --output json | head -c 10"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout, done.stderr) == ('{\n  "schem', "")


def test_a_full_disk_is_told(healthy: Path) -> None:
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "exporter", "audit", "--from", str(healthy)]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_complete_dump_without_any_boot_source_is_no_pass(run: Run, tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("apiVersion: v1\nkind: Namespace\nmetadata: {name: x}\n")
    code, out, err = run("audit", "--from", tmp_path, "--complete")
    assert (code, err) == (3, "")
    assert "UNKNOWN: there is nothing to judge: the dump holds no DataImportCron and no DataSource" in " ".join(
        out.split()
    )
    assert json.loads(run("audit", "--from", tmp_path, "--complete", "--output", "json")[1])["verdict"] == "unknown"


def test_an_object_that_cannot_be_read_is_named_once(run: Run, healthy: Path) -> None:
    (healthy / "hco.yaml").write_text(
        "apiVersion: hco.kubevirt.io/v1\nkind: HyperConverged\nmetadata: {name: h, namespace: n}\nspec: 5\n"
    )
    _, out, _ = run("audit", "--from", healthy, "--complete")
    assert out.count("n/h: spec: ") == 1
    assert "cannot be read" not in out
    assert "checks that depend on it: " in " ".join(out.split())


@pytest.mark.parametrize("output", REPORT_OUTPUTS)
def test_a_cluster_that_does_not_answer_is_one_line(output: str, run: Run, tmp_path: Path) -> None:
    named = "clusters: [{name: a, cluster: {server: 'http://127.0.0.1:1'}}]\nusers: [{name: a, user: {token: x}}]\n"
    context = "contexts: [{name: a, context: {cluster: a, user: a}}]\ncurrent-context: a\n"
    (tmp_path / "kubeconfig").write_text(f"apiVersion: v1\nkind: Config\n{named}{context}")
    code, out, err = run("audit", "--kubeconfig", tmp_path / "kubeconfig", "--output", output)
    assert (code, out, err.count("\n")) == (3, "", 1)
    assert err.startswith(
        f"bootsource-exporter: the cluster cannot be read (hyperconvergeds and {len(WATCHED) - 1} more resources)"
    )
    assert "connection refused" in err


def test_what_was_not_collected_and_not_read_is_shown(run: Run, healthy: Path) -> None:
    (healthy / "old.tar.gz").write_text("x")
    _, out, _ = run("audit", "--from", healthy)
    assert "Not collected\n" in out
    assert "Files not read\n  1 archive not read: old.tar.gz; name an archive with --from to read it\n" in out
    report = json.loads(run("audit", "--from", healthy, "--output", "json")[1])
    assert report["skipped"] == ["1 archive not read: old.tar.gz; name an archive with --from to read it"]
