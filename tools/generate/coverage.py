"""docs/coverage.md: every scenario with the checks that find it and the tests that show it."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Final

from exporter.checks import CHECKS
from exporter.checks.check import Check
from tools.generate.checks import layer_of, module_of
from tools.generate.scenarios import AREAS, Scenario
from tools.generate.text import code, link, listed, page, prose, table

REPOSITORY: Final = Path(__file__).parents[2]
"""Where the tests are."""
_ABOUT: Final = (
    "The ways in which boot sources are known to break, which checks find each of them, and which tests show that they "
    "do: tables of small worlds, and a whole sample cluster where the check has one of its name. A scenario that no "
    "object in the API shows has the reason instead."
)


def coverage() -> str:
    """All scenarios, by area."""
    blocks = ["# Coverage", _ABOUT]
    for area in AREAS:
        rows = [_row(scenario) for scenario in area.scenarios]
        blocks += [f"## {area.title}", table(("No.", "Scenario", "Checks", "Tests"), rows)]
    others = [check for check in CHECKS if not check.scenarios]
    if others:
        beyond = [(_check(check), prose(check.summary), _tests(check)) for check in others]
        blocks += ["## Beyond the scenarios", table(("Check", "Problem", "Tests"), beyond)]
    return page(*blocks)


def finding(scenario: Scenario) -> list[Check]:
    """The checks that find a scenario, causes first."""
    return [check for check in CHECKS if scenario.id in check.scenarios]


def shown_by(check: Check) -> list[str]:
    """Paths of the tests of a check: the module named like it, else those of its layer that mention it; its sample."""
    folder = REPOSITORY / "tests" / "checks" / layer_of(check)
    own = folder / f"test_{module_of(check)}.py"
    word = re.compile(rf"\b{module_of(check)}\b")
    found = [own] if own.is_file() else [path for path in sorted(folder.glob("test_*.py")) if word.search(_read(path))]
    cluster = REPOSITORY / "tests" / "clusters" / "samples" / f"{check.id}.yaml"
    return [path.relative_to(REPOSITORY).as_posix() for path in (*found, *((cluster,) if cluster.is_file() else ()))]


def _row(scenario: Scenario) -> tuple[str, str, str, str]:
    title = prose(f"{scenario.title}. {scenario.note}" if scenario.note else scenario.title)
    if scenario.undetectable:
        return scenario.id, title, f"Not detectable from the API: {prose(scenario.undetectable)}", ""
    checks = finding(scenario)
    tests = dict.fromkeys(_test_link(path) for check in checks for path in shown_by(check))
    return scenario.id, title, listed(map(_check, checks)), listed(tests)


def _check(check: Check) -> str:
    return link(code(check.id), f"checks/{check.id}.md")


def _tests(check: Check) -> str:
    return listed(map(_test_link, shown_by(check)))


def _test_link(path: str) -> str:
    return link(code(path.removeprefix("tests/checks/")), f"../{path}")


@cache
def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")
