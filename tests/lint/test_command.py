"""`lint` as people run it: exit codes, formats, corrections, baselines, what is skipped."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from exporter.cli import main
from exporter.lint.report import LINT
from tests.generate.test_outputs import BY_PATH, violations
from tests.lint.test_lint import _CRON
from tests.rig.build import SOURCES

Run = Callable[..., tuple[int, str, str]]
BAD = _CRON.replace("docker://quay.io", "quay.io")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)

    def lint(*words: str) -> tuple[int, str, str]:
        code = main(["lint", *words])
        told = capsys.readouterr()
        return code, told.out, told.err

    return lint


def test_exit_codes(run: Run, tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(_CRON)
    (tmp_path / "bad.yaml").write_text(BAD)
    (tmp_path / "binary.yaml").write_bytes(b"kind: \xff\xfe\xfa")
    assert run("good.yaml")[0] == 0
    assert run("good.yaml", "bad.yaml")[0] == 1
    assert run("good.yaml", "binary.yaml")[0] == 3
    assert run("bad.yaml", "binary.yaml")[0] == 1
    assert run("missing.yaml")[0] == 2
    assert run()[0] == 2
    assert run("good.yaml", "--for", "soon")[0] == 2
    assert run("good.yaml", "--for", "4.22", "bad.yaml", "--output", "json", "good.yaml")[0] == 1
    assert run("good.yaml", "--fixx")[0] == 2


def test_only_what_is_bad_enough_fails(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(_CRON.replace("0 3 *", "*/7 3 *"))
    assert run("a.yaml")[0] == 0
    assert run("a.yaml", "--fail-on", "info")[0] == 1


def test_the_table_reads_like_a_compiler(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(BAD)
    assert run("bad.yaml")[1] == (
        "bad.yaml:9:27: critical [entry-refused-by-cdi, --fix corrects it]\n"
        "  CDI refuses DataImportCron debian because the URL quay.io/containerdisks/debian:12 does not begin\n"
        "  with docker:// or oci-archive://\n"
        "  -> Set spec.template.spec.source.registry.url to docker://quay.io/containerdisks/debian:12\n"
        "\n"
        "1 finding (1 critical) in 1 object and 1 file for OpenShift Virtualization 4.18..4.23; "
        "1 can be corrected by --fix\n"
    )


def test_json_is_as_its_schema_says(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(f"{BAD}---\nkind: StorageClass\nmetadata: {{{{ x }}}}\n")
    schema = json.loads(BY_PATH["docs/lint.schema.json"].text())
    document = json.loads(run("bad.yaml", "--output", "json")[1])
    assert violations(schema, document, schema) == []
    assert [f["rule"] for f in document["findings"]] == ["entry-refused-by-cdi"]
    assert [s["line"] for s in document["skipped"]] == [12]
    assert document["verdict"] == "fail"


def test_sarif_has_rule_place_and_page(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a b.yaml").write_text(BAD)
    (result,) = json.loads(run("a b.yaml", "--output", "sarif")[1])["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": "a%20b.yaml"}, "region": {"startLine": 9, "startColumn": 27}}
    assert (result["ruleId"], result["level"]) == ("entry-refused-by-cdi", "error")


def test_github_annotations_cannot_be_forged(run: Run, tmp_path: Path) -> None:
    (tmp_path / "x,y.yaml").write_text(BAD.replace("name: debian", 'name: "a\\n::error::b"'))
    lines = run("x,y.yaml", "--output", "github")[1].splitlines()
    assert all(re.match(r"::(error|warning|notice) file=x%2Cy\.yaml,line=\d+,col=\d+,title=[\w-]+::", x) for x in lines)


def test_junit_has_a_case_per_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(BAD)
    (case,) = ET.fromstring(run("bad.yaml", "--output", "junit")[1]).iter("testcase")
    assert case.get("name") == "bad.yaml"
    assert case.find("failure") is not None


def test_markdown_is_a_table(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(BAD)
    assert "| bad.yaml:9 | critical | [entry-refused-by-cdi](" in run("bad.yaml", "--output", "markdown")[1]


def test_what_is_in_the_baseline_does_not_count(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(BAD)
    (tmp_path / "former.json").write_text(run("bad.yaml", "--output", "json")[1])
    (tmp_path / "bad.yaml").write_text(f"# a line more\n{BAD}")
    assert run("bad.yaml", "--baseline", "former.json")[0] == 0
    (tmp_path / "bad.yaml").write_text(BAD.replace("30Gi", "x"))
    code, out, _ = run("bad.yaml", "--baseline", "former.json", "--output", "json")
    assert (code, [f.baseline for f in LINT.validate_json(out).findings]) == (1, ["unchanged", "new"])
    assert run("bad.yaml", "--baseline", "bad.yaml")[0] == 2


def test_fix_writes_the_file_and_says_what_is_left(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(BAD.replace("0 3 * * *", "0 3 * * 9").replace("\n", "  # why\n", 1), newline="")
    path.chmod(0o640)
    code, out, _ = run("bad.yaml", "--fix")
    assert (code, path.stat().st_mode & 0o777) == (1, 0o640)
    assert "1 corrected" in out
    assert path.read_text() == _CRON.replace("0 3 * * *", "0 3 * * 9").replace("\n", "  # why\n", 1)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["bad.yaml"]


def test_a_pipe_is_corrected_on_its_way(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(BAD.encode())))
    code, out, err = run("-", "--fix")
    assert (code, out) == (0, _CRON)
    assert "1 corrected" in err


def test_charts_and_patches_are_skipped(run: Run, tmp_path: Path) -> None:
    chart, overlay = tmp_path / "chart" / "templates", tmp_path / "overlay"
    chart.mkdir(parents=True)
    overlay.mkdir()
    (tmp_path / "chart" / "Chart.yaml").write_text("name: x\n")
    (chart / "cron.yaml").write_text(BAD)
    (overlay / "kustomization.yaml").write_text("patches: [{path: patch.yaml}]\n")
    (overlay / "patch.yaml").write_text(BAD)
    report = LINT.validate_json(run(".", "--output", "json")[1])
    assert (report.findings, report.verdict) == ((), "pass")
    assert [(s.file, s.why.partition(";")[0]) for s in report.skipped] == [
        ("chart/templates/cron.yaml", "it is a template of a Helm chart"),
        ("overlay/patch.yaml", "it is a patch of a kustomization"),
    ]


ROOT = SOURCES.parent.parent


def test_the_hook_calls_the_command() -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert (hook["id"], hook["entry"]) == ("bootsource-lint", "bootsource-exporter lint")
    assert "id: bootsource-lint" in BY_PATH["docs/lint.md"].text()


def test_the_action_lints_and_fails_on_findings(tmp_path: Path) -> None:
    action = yaml.safe_load((ROOT / "deploy" / "lint" / "github" / "action.yml").read_text())
    step = action["runs"]["steps"][1]
    program = tmp_path / "bootsource-lint" / "bin"
    program.mkdir(parents=True)
    (program / "bootsource-exporter").symlink_to(Path(sys.executable).with_name("bootsource-exporter"))
    (tmp_path / "bad one.yaml").write_text(BAD)
    given = {"PATHS": "bad one.yaml\n\n", "FOR": action["inputs"]["for"]["default"], "FAIL_ON": "warning"}
    environment = {**os.environ, **given, "SARIF": "out.sarif", "RUNNER_TEMP": str(tmp_path)}
    done = subprocess.run(
        ["bash", "-e", "-c", step["run"]], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("::error file=bad one.yaml,line=9,")
    assert json.loads((tmp_path / "out.sarif").read_text())["version"] == "2.1.0"
    assert set(step["env"]) == {"PATHS", "FOR", "FAIL_ON", "SARIF"}


def test_the_pipeline_of_gitlab_calls_the_command() -> None:
    (job,) = yaml.safe_load((ROOT / "deploy" / "lint" / "gitlab-ci.yml").read_text()).values()
    assert job["script"] == ["bootsource-exporter lint --for 4.22 --output junit . > bootsource-lint.xml"]
