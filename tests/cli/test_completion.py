"""Completion: what may follow, and that real shells and kubectl get it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from exporter.checks import CHECKS
from exporter.cli import main
from exporter.cli.completion import complete
from exporter.settings.commands import COMMANDS
from exporter.settings.options import LIST_OUTPUTS, REPORT_OUTPUTS

BIN = Path(sys.executable).parent


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["au"], ["audit"]),
        (["config", ""], ["check"]),
        (["help", "expl"], ["explain"]),
        (["audit", "--severity", ""], ["info", "warning", "critical"]),
        (["audit", "--severity=w"], ["--severity=warning"]),
        (["list", "-o", "y"], ["yaml"]),
        (["list", "--state", "empty,up-"], ["empty,up-to-date"]),
        (["audit", "--fail"], ["--fail-on"]),
        (["explain", "polling-f"], ["polling-frozen"]),
        (["completion", ""], ["bash", "zsh", "fish"]),
        (["audit", "--from", ""], []),
        (["frobnicate", ""], []),
        (["config", "check", "aud"], ["audit"]),
    ],
)
def test_what_may_follow(words: list[str], expected: list[str]) -> None:
    assert complete(words) == expected


def test_every_command_and_every_format() -> None:
    assert {command.name.split()[0] for command in COMMANDS} <= set(complete([""]))
    assert complete(["audit", "-o", ""]) == list(REPORT_OUTPUTS)
    assert complete(["list", "-o", ""]) == list(LIST_OUTPUTS)
    assert complete(["audit", "--check", ""]) == sorted(check.id for check in CHECKS)


def test_a_script_for_each_shell(capsys: pytest.CaptureFixture[str]) -> None:
    for shell in ("bash", "zsh", "fish"):
        assert main(["completion", shell]) == 0
        assert "__complete" in capsys.readouterr().out
    assert main(["completion"]) == 2
    assert "SHELL is missing; choose from bash, zsh, fish" in capsys.readouterr().err


def _shell(*command: str, **environ: str) -> str:
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    variables = {**os.environ, "PATH": path, "TERM": "dumb", **environ}
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env=variables)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_in_bash() -> None:
    script = (
        "source <(bootsource-exporter completion bash); COMP_WORDS=(bootsource-exporter audit --sev); COMP_CWORD=2; "
        '_bootsource_exporter; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    assert _shell("bash", "-c", script).split() == ["--severity"]


@pytest.mark.shells
def test_in_zsh() -> None:
    # What zsh shows a person needs a terminal; compadd is what it is built from.
    script = (
        "source <(bootsource-exporter completion zsh); compadd() { print -rl -- ${@:#--}; }; "
        "words=(bootsource-exporter explain polling-f); CURRENT=3; _bootsource_exporter"
    )
    assert _shell("zsh", "-fc", script).split() == ["polling-frozen"]


@pytest.mark.shells
def test_in_fish(tmp_path: Path) -> None:
    script = "bootsource-exporter completion fish | source; complete -C 'bootsource-exporter list -o wi'"
    assert _shell("fish", "--no-config", "-c", script, HOME=str(tmp_path)).split() == ["wide"]


@pytest.mark.shells
def test_kubectl_finds_the_plugin_and_asks_it_for_completion() -> None:
    assert str(BIN / "kubectl-bootsource") in _shell("kubectl", "plugin", "list")
    told = _shell("kubectl", "bootsource", "explain", "--help")
    assert told.startswith("usage: kubectl bootsource explain [CHECK]\n")
    assert _shell("kubectl_complete-bootsource", "aud").splitlines() == ["audit", ":0"]


def test_as_a_plugin_of_oc_it_says_so() -> None:
    assert _shell("oc-bootsource", "list", "--help").startswith("usage: oc bootsource list [OPTION]...\n")


def test_the_programs_are_installed() -> None:
    for name in ("bootsource-exporter", "kubectl-bootsource", "oc-bootsource", "kubectl_complete-bootsource"):
        assert shutil.which(name, path=str(BIN))
