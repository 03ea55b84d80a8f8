"""`config check`: what counts, and where it comes from."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from exporter.cli import main
from exporter.commands.config_check import format_value, unknown_variables
from exporter.settings.settings import Option

FILE = """\
listen: ':9000'
log-level: debug
checks:
  import-outdated: {severity: critical, thresholds: {grace: 2h}}
  polling-frozen: {enabled: false}
suppressions:
  - {check: digest-unknown, object: {kind: DataImportCron, namespace: lab-*}, reason: a lab, owner: me}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(FILE)
    return path


def test_settings_and_origins(file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOOTSOURCE_DISABLE", "templates")
    assert main(["config", "check", "--config", str(file), "--log-level", "error"]) == 0
    heading, options, checks, suppressions = capsys.readouterr().out.split("\n\n")
    assert heading.startswith(f"{file} is valid (sha256 ")
    assert options.startswith("Options of serve\n")
    shown_ones = {tuple(re.split(" {2,}", line.strip())) for line in options.splitlines()[1:]}
    assert shown_ones >= {
        ("config", str(file), "--config"),
        ("listen", ":9000", "config.yaml line 1"),
        ("disable", "templates", "BOOTSOURCE_DISABLE"),
        ("log-format", "logfmt", "default"),
        ("log-level", "error", "--log-level"),
    }
    assert checks == (
        "Checks\n"
        "  polling-frozen   disabled\n"
        "  import-outdated  severity critical (by default warning), grace 2h (by default 30m)"
    )
    assert suppressions == "Suppressions\n  digest-unknown  DataImportCron lab-*/*  for ever  a lab (me)\n"


def test_of_another_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "check", "audit"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("No configuration file is named")
    assert "\nOptions of audit\n" in out
    assert re.search(r"\n  log-level +error +default\n", out)
    assert main(["config", "check", "explain"]) == 2
    assert "unknown argument 'explain' for 'serve'" in capsys.readouterr().err


def test_it_takes_the_options_of_the_command_that_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "check", "audit", "--fail-on", "info", "--from", "a", "--from", "b"]) == 0
    out = capsys.readouterr().out
    assert re.search(r"\n  fail-on +info +--fail-on\n", out)
    assert re.search(r"\n  from +a, b +--from\n", out)
    assert main(["config", "check", "--fail-on", "info"]) == 2
    assert "unknown flag '--fail-on' for 'serve'" in capsys.readouterr().err


def test_every_mistake_is_told(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text("lisen: x\nlog-level: loud\n")
    assert main(["config", "check", "--config", str(file), "--listen", "x"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert [line.partition(": ")[2].partition(" ")[0] for line in told.err.splitlines()] == [
        f"{file}:",
        f"{file}:",
        "--listen:",
    ]


def test_secrets_are_masked() -> None:
    secret = Option(name="pin", help="", parse=lambda t: t[0], default="", secret=True)
    assert format_value(secret, "1234", set_by="--pin") == "(not shown)"


def test_variables_that_nothing_reads_are_told_except_those_of_kubernetes() -> None:
    environ = {
        "BOOTSOURCE_LISTEN": ":1",
        "BOOTSOURCE_LISEN": ":1",
        "BOOTSOURCE_EXPORTER_SERVICE_HOST": "10.0.0.1",
        "BOOTSOURCE_EXPORTER_PORT": "tcp://10.0.0.1:8080",
        "BOOTSOURCE_EXPORTER_PORT_8080_TCP_ADDR": "10.0.0.1",
        "PATH": "/bin",
    }
    (told,) = unknown_variables(environ)
    assert told.startswith("BOOTSOURCE_LISEN; did you mean 'BOOTSOURCE_LISTEN'")


def test_they_are_shown(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOOTSOURCE_LISEN", ":1")
    assert main(["config", "check"]) == 0
    assert "\nVariables that nothing reads\n  BOOTSOURCE_LISEN; did you mean" in capsys.readouterr().out
