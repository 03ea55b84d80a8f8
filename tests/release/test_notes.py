"""The changelog, and what a release tells out of it."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Final

import pytest

from tools.release_notes import main

ROOT: Final = Path(__file__).parent.parent.parent
CHANGELOG: Final = """# Changelog

## Unreleased

## 1.2.0 - 2026-03-04

### Added

- Something new.

## 1.1.0 - 2026-01-02

- Something old.
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\nversion = "1.2.0"\n')
    (tmp_path / "CHANGELOG.md").write_text(CHANGELOG)
    return tmp_path


def test_the_notes_are_the_section_of_the_version(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["v1.2.0"], checkout) == 0
    assert capsys.readouterr() == ("### Added\n\n- Something new.\n", "")


@pytest.mark.parametrize(
    ("tag", "changelog", "said"),
    [
        ("1.2.0", CHANGELOG, "the tag is 1.2.0, but the version in pyproject.toml is 1.2.0; tag it v1.2.0"),
        ("v1.3.0", CHANGELOG, "the tag is v1.3.0, but the version in pyproject.toml is 1.2.0; tag it v1.2.0"),
        (
            "v1.2.0",
            CHANGELOG.replace(" - 2026-03-04", ""),
            'CHANGELOG.md has no section "## 1.2.0 - YYYY-MM-DD"; rename Unreleased',
        ),
        ("v1.2.0", "## 1.2.0 - 2026-03-04\n\n## 1.1.0", "the section of 1.2.0 in CHANGELOG.md is empty"),
    ],
)
def test_half_a_release_is_refused(
    checkout: Path, capsys: pytest.CaptureFixture[str], tag: str, changelog: str, said: str
) -> None:
    (checkout / "CHANGELOG.md").write_text(changelog)
    assert main([tag], checkout) == 1
    assert capsys.readouterr() == ("", f"{said}\n")


def test_the_workflow_calls_it_like_this() -> None:
    script = ROOT / "tools" / "release_notes.py"
    run = subprocess.run([sys.executable, script, "v0.0.0"], capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert run.stderr.startswith("the tag is v0.0.0, but the version in pyproject.toml is ")
    assert subprocess.run([sys.executable, script], capture_output=True, check=False).returncode == 2


def test_the_changelog_tells_of_this_version_and_is_in_order() -> None:
    text = (ROOT / "CHANGELOG.md").read_text()
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert headings[0] == "Unreleased"
    assert re.search(r"^## Unreleased\n\n(?!## )\S", text, re.MULTILINE) or headings[1].startswith(f"{version} - ")
    assert all(re.fullmatch(r"\d+\.\d+\.\d+ - \d{4}-\d\d-\d\d", heading) for heading in headings[1:])
    released = [tuple(map(int, heading.split(" ")[0].split("."))) for heading in headings[1:]]
    assert released == sorted(released, reverse=True)
    kinds = ("Breaking", "Changed", "Deprecated", "Removed", "Fixed", "Security", "Added")
    assert set(re.findall(r"^### (.+)$", text, re.MULTILINE)) <= set(kinds)


def test_the_upgrade_notes_tell_of_every_release() -> None:
    headings = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    told = re.findall(r"^## To (\S+)", (ROOT / "docs" / "upgrading.md").read_text(), re.MULTILINE)
    assert told[1:] == headings[1:], "a heading of docs/upgrading.md for each release, newest first"
