"""`audit` with filters, in short, in silence; and what it logs on a terminal."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from exporter.base import logs
from exporter.cli import main
from exporter.output.selection import select_findings
from exporter.report import ObjectRef, Severity
from tests.output.test_renderings import a_finding, a_report
from tests.worlds import IMAGES, a_cron, a_data_source

Run = Callable[..., tuple[int, str, str]]
ELSEWHERE = a_cron("odd", managed="odd", metadata={"namespace": "lab"}, spec={"schedule": "nonsense"})


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Audits two boot sources with invalid schedules, in two namespaces; gives exit code, output and errors."""
    dump = tmp_path / "dump.yaml"
    dump.write_text(yaml.safe_dump_all([a_cron(spec={"schedule": "nonsense"}), a_data_source(), ELSEWHERE]))

    def call(*words: str) -> tuple[int, str, str]:
        code = main(["audit", "-f", str(dump), "--complete", "--at", "2026-08-21T12:00:00Z", *words])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


def _objects(out: str) -> set[tuple[str, str]]:
    return {(f["check"], f["object"]["namespace"]) for f in json.loads(out)["findings"]}


def test_by_namespace(run: Run) -> None:
    every, lab = (_objects(run("-o", "json", *words)[1]) for words in ((), ("-n", "lab")))
    assert {("invalid-schedule", IMAGES), ("invalid-schedule", "lab")} <= every
    assert ("invalid-schedule", "lab") in lab
    assert ("invalid-schedule", IMAGES) not in lab
    assert _objects(run("-o", "json", "-A")[1]) == every


def test_by_check_and_the_exit_code_follows(run: Run) -> None:
    code, out, _ = run("-o", "json", "--check", "invalid-schedule")
    report = json.loads(out)
    assert code == 1
    assert {check["check"] for check in report["checks"]} == {"invalid-schedule"}
    assert {f["check"] for f in report["findings"]} == {"invalid-schedule"}
    code, out, _ = run("--check", "schedule-never-fires")
    assert code == 0
    assert out.endswith("PASS: no problems found; all 1 check ran\n")


def test_by_severity(run: Run) -> None:
    findings = json.loads(run("-o", "json", "--severity", "critical")[1])["findings"]
    assert {f["severity"] for f in findings} <= {"critical"}


def test_a_cause_elsewhere_stays() -> None:
    cause = a_finding("cause", object=ObjectRef(kind="StorageClass", namespace="", name="fast"))
    effect = a_finding("effect", caused_by=("cause",))
    report = select_findings(a_report(cause, effect, a_finding("other", severity=Severity.INFO)), ["images"])
    assert [f.fingerprint for f in report.findings] == ["cause", "effect", "other"]
    assert select_findings(a_report(cause, effect), ["nowhere"]).findings == ()
    assert [f.fingerprint for f in select_findings(a_report(cause, effect), checks=["no-default"]).findings] == [
        "cause",
        "effect",
    ]


def test_a_summary(run: Run) -> None:
    code, out, _ = run("--summary")
    assert code == 1
    assert any(line.startswith("WARNING   invalid-schedule") and "  2  " in line for line in out.splitlines())
    assert "oc patch" not in out
    assert "seen: " not in out


def test_in_silence_the_exit_code_tells(run: Run) -> None:
    assert run("-q") == (1, "", "")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("-A", "-n", "x"), "--all-namespaces and --namespace contradict each other; leave one out"),
        (("--summary", "-o", "json"), "--summary prints a table; leave out --output"),
        (("--check", "invalid-shedule"), "--check: 'invalid-shedule' names no check (invalid-shedule); did you mean"),
        (("--severity", "bad"), "--severity: 'bad' is not one of info, warning, critical"),
    ],
)
def test_mistakes(run: Run, words: tuple[str, ...], message: str) -> None:
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert err.startswith(f"bootsource-exporter: {message}")


@pytest.mark.parametrize(
    ("words", "terminal", "level"),
    [
        ((), True, "critical"),
        ((), False, "error"),
        (("-v",), True, "info"),
        (("--log-level", "debug"), True, "debug"),
    ],
)
def test_log_lines_stay_off_a_terminal_unless_asked_for(
    run: Run, words: tuple[str, ...], terminal: bool, level: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    levels: list[str] = []
    original = logs.log_to_stderr

    def note(form: str, level: str) -> object:
        levels.append(level)
        return original(form, level)

    monkeypatch.setattr(logs, "log_to_stderr", note)
    monkeypatch.setattr("sys.stderr.isatty", lambda: terminal, raising=False)
    run(*words)
    assert levels == [level]
    assert logging.getLogger("exporter").level == logging.NOTSET
