"""docs/coverage.md: every scenario with the checks that find it and the tests that show it."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Final

from exporter.checks import CHECKS
from exporter.checks.check import Check
from tools.generate.checks import layer_of, module_of
from tools.generate.markdown import format_code, format_link, format_prose, join_blocks, join_items, markdown_table
from tools.generate.scenarios import AREAS, Scenario

REPOSITORY: Final = Path(__file__).parents[2]
"""Where the tests are."""
_ABOUT: Final = (
    "The ways in which boot sources are known to break, which checks find each of them, and which tests show that they "
    "do: tables of small worlds, and a whole sample cluster where the check has one of its name. A scenario that no "
    "object in the API shows has the reason instead."
)


def coverage_page() -> str:
    """All scenarios, by area."""
    blocks = ["# Coverage", _ABOUT]
    for area in AREAS:
        rows = [_row(scenario) for scenario in area.scenarios]
        blocks += [f"## {area.title}", markdown_table(("No.", "Scenario", "Checks", "Tests"), rows)]
    others = [check for check in CHECKS if not check.scenarios]
    if others:
        beyond = [(_check(check), format_prose(check.summary), _tests(check)) for check in others]
        blocks += ["## Beyond the scenarios", markdown_table(("Check", "Problem", "Tests"), beyond)]
    return join_blocks(*blocks)


def checks_for(scenario: Scenario) -> list[Check]:
    """The checks that find a scenario, causes first."""
    return [check for check in CHECKS if scenario.id in check.scenarios]


def covering_tests(check: Check) -> list[str]:
    """Paths of the tests of a check: the module named like it, else those of its layer that mention it; its sample."""
    folder = REPOSITORY / "tests" / "checks" / layer_of(check)
    own = folder / f"test_{module_of(check)}.py"
    word = re.compile(rf"\b{module_of(check)}\b")
    found = (
        [own] if own.is_file() else [path for path in sorted(folder.glob("test_*.py")) if word.search(_read_file(path))]
    )
    cluster = REPOSITORY / "tests" / "clusters" / "samples" / f"{check.id}.yaml"
    return [path.relative_to(REPOSITORY).as_posix() for path in (*found, *((cluster,) if cluster.is_file() else ()))]


def _row(scenario: Scenario) -> tuple[str, str, str, str]:
    title = format_prose(f"{scenario.title}. {scenario.note}" if scenario.note else scenario.title)
    if scenario.undetectable:
        return scenario.id, title, f"Not detectable from the API: {format_prose(scenario.undetectable)}", ""
    checks = checks_for(scenario)
    tests = dict.fromkeys(_test_link(path) for check in checks for path in covering_tests(check))
    return scenario.id, title, join_items(map(_check, checks)), join_items(tests)


def _check(check: Check) -> str:
    return format_link(format_code(check.id), f"checks/{check.id}.md")


def _tests(check: Check) -> str:
    return join_items(map(_test_link, covering_tests(check)))


def _test_link(path: str) -> str:
    return format_link(format_code(path.removeprefix("tests/checks/")), f"../{path}")


@cache
def _read_file(path: Path) -> str:
    return path.read_text(encoding="utf-8")
