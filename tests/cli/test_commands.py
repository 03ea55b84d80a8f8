"""What every command has in common: help, version, wrong words, the end of a run; and `explain`."""

from __future__ import annotations

import subprocess
import sys
from types import ModuleType

import pytest

from exporter import cli
from exporter.base.terminal import Style
from exporter.base.version import installed_version
from exporter.checks import CHECKS
from exporter.cli import main
from exporter.commands.explain import find_check, render_check, render_list, wrap
from exporter.settings.commands import COMMANDS, Command
from exporter.settings.settings import Settings, SettingsError


@pytest.mark.parametrize("command", [c.name for c in COMMANDS])
def test_help_fits_a_screen(command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert main([*command.split(), "--help"]) == 0
    told = capsys.readouterr().out
    lines = told.splitlines()
    assert len(lines) <= 36
    assert max(map(len, lines)) <= 80
    assert main(["help", *command.split()]) == 0
    assert capsys.readouterr().out == told


def test_the_overview(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    overview = capsys.readouterr().out
    assert all(f"  {c.name}" in overview for c in COMMANDS)
    assert main([]) == 2


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"bootsource-exporter {installed_version()}\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["adit"], "unknown command 'adit'; did you mean 'audit'?\n"),
        (["help", "adit"], "unknown command 'adit'; did you mean 'audit'?\n"),
        (["frobnicate"], "unknown command 'frobnicate'; `--help` lists the commands\n"),
        (["config"], "incomplete command 'config'; did you mean 'config check'?\n"),
        (["--verbose"], "unknown flag '--verbose'"),
        (["x\x1b[31m\ny"], "unknown command 'x\\x1b[31m\\ny'"),
    ],
)
def test_wrong_words(words: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    assert capsys.readouterr().err.startswith(f"bootsource-exporter: {message}")


def test_help_is_quick_because_it_loads_little() -> None:
    code = (
        "import sys; from exporter.cli import main; main(['audit', '--help']);"
        "print(sorted({'pydantic', 'yaml', 'kubernetes', 'croniter'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.fixture
def ending(monkeypatch: pytest.MonkeyPatch) -> list[BaseException]:
    """A command whose run ends with the exception that is put into the list."""
    endings: list[BaseException] = []

    def start(_: Settings) -> int:
        raise endings.pop()

    module = ModuleType("tests.cli.fake")
    module.start = start  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "tests.cli.fake", module)
    monkeypatch.setattr(cli, "COMMANDS", (Command(name="serve", summary="", entry="tests.cli.fake:start"),))
    return endings


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (KeyboardInterrupt(), 130, ""),
        (SettingsError("no"), 2, "bootsource-exporter: no\n"),
        (SettingsError("https://me:secret@host"), 2, "bootsource-exporter: https://[redacted]@host\n"),
        (OSError(98, "Address already in use"), 2, "bootsource-exporter: [Errno 98] Address already in use\n"),
    ],
)
def test_how_a_run_can_end(
    error: BaseException, code: int, told: str, ending: list[BaseException], capsys: pytest.CaptureFixture[str]
) -> None:
    ending.append(error)
    assert main(["serve"]) == code
    assert capsys.readouterr().err == told


def test_explain_lists_all_checks(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain"]) == 0
    out = capsys.readouterr().out
    assert all(f"{check.id} " in out for check in CHECKS)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_explain_one_check(check: object, capsys: pytest.CaptureFixture[str]) -> None:
    name = str(getattr(check, "id", ""))
    assert main(["explain", name]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"{name} (")
    for title in ("Meaning", "Impact", "Diagnosis", "Mitigation", "How it is found", "How to mute it"):
        assert f"\n{title}\n  " in out


def test_explain_tells_thresholds_and_how_to_mute(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "polling-frozen"]) == 0
    out = capsys.readouterr().out
    assert "\n  - slack (1h): what is added to these periods\n" in out
    assert "\n    oc annotate dataimportcron NAME -n NAMESPACE 'bootsource.kubevirt.io/suppress=polling-frozen; " in out
    assert "\n    suppressions:\n      - check: polling-frozen\n" in out
    assert main(["explain", "suppression-unused"]) == 0
    assert "\n    checks:\n      suppression-unused:\n        enabled: false\n" in capsys.readouterr().out


def test_explain_an_unknown_check(capsys: pytest.CaptureFixture[str]) -> None:
    name = CHECKS[0].id
    assert main(["explain", name[:-1]]) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"bootsource-exporter: CHECK: '{name[:-1]}' is no check; did you mean ")
    assert name in err
    with pytest.raises(SettingsError, match="`bootsource-exporter explain` lists all"):
        find_check("zzzzzz", CHECKS)


def test_explained_text_is_wrapped_and_lists_are_kept() -> None:
    text = "one two three four five six seven eight nine\nten\n\n- a list\n- stays\n    oc get x"
    assert wrap(text, Style(width=40)) == [
        "  one two three four five six seven",
        "  eight nine ten",
        "",
        "  - a list",
        "  - stays",
        "      oc get x",
    ]


def test_explain_in_colour() -> None:
    style = Style(colour=True)
    assert "\x1b[1m" in render_check(CHECKS[0], style)
    assert "\x1b[" in render_list(CHECKS, style)
