"""What `make check` and `make test` run: markers decide, and nothing is run by no target."""

from __future__ import annotations

import re
import tomllib
from typing import Final

from tools.generate.coverage import REPOSITORY

MAKEFILE: Final = (REPOSITORY / "Makefile").read_text()
MARKERS: Final = {
    line.partition(":")[0]
    for line in tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["tool"]["pytest"]["ini_options"]["markers"]
}


def recipe(target: str) -> str:
    """The commands of a target."""
    found = re.search(rf"^{target}:.*\n((?:\t.*\n)+)", MAKEFILE, re.MULTILINE)
    assert found, target
    return found[1]


def test_make_test_leaves_nothing_out() -> None:
    (line,) = (line.strip() for line in recipe("test").splitlines() if "pytest" in line)
    assert line == "$(BIN)/python -m pytest"
    assert "make test" in (REPOSITORY / ".ci" / "run").read_text()


def test_make_check_leaves_out_what_is_marked_and_nothing_else() -> None:
    assert '-m "$(LOCAL)"' in recipe("check")
    assert "--ignore" not in recipe("check")
    (marks,) = re.findall(r"^LOCAL := not \((.*)\)$", MAKEFILE, re.MULTILINE)
    assert set(marks.split(" or ")) == MARKERS - {"load"}


def test_the_manual_knows_every_marker() -> None:
    manual = (REPOSITORY / "CONTRIBUTING.md").read_text()
    assert set(re.findall(r"^\| `(\w+)` \| .* \| (?:yes)? ?\| yes \|$", manual, re.MULTILINE)) == MARKERS
