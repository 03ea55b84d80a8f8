"""The tool that tells whether tests notice: its mutants, and what it says of a check that is tested."""

from __future__ import annotations

import ast
import textwrap

import pytest

from tests.mutation.operators import mutants
from tests.mutation.trial import CHECKS, survives, workers

MODULE = CHECKS / "storage" / "storage_class_missing.py"


def bodies(line: str) -> list[str]:
    """What the mutants of a function with this one line look like."""
    found = []
    for mutant in mutants(f"def f(a, b, c):\n    {line}\n"):
        function = mutant.tree.body[0]
        assert isinstance(function, ast.FunctionDef)
        found.append(ast.unparse(function.body))  # type: ignore[arg-type]
    return [textwrap.dedent(text) for text in found]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("return a < b", ["return a <= b"]),
        ("return a == 'x'", ["return a != 'x'", "return a == 'x, mutated'"]),
        ("return a is None", ["return a is not None"]),
        ("return a and b", ["return a or b"]),
        ("return b if a else c", ["return b if not a else c"]),
        ("return [x for x in a if x]", ["return [x for x in a if not x]"]),
        ("return a + 2", ["return a - 2", "return a + 3"]),
        ("return True", ["return False"]),
        ("return any(a)", ["return all(a)"]),
        ("return (a, b)", ["return (b,)", "return (a,)"]),
        ("return Failed(summary=a, since=b)", ["return Failed(summary=a)"]),
        ("return a", []),
    ],
)
def test_each_mutant_differs_in_one_place(line: str, expected: list[str]) -> None:
    assert bodies(line) == expected


def test_a_mutant_tells_its_line() -> None:
    assert [(m.line, m.what) for m in mutants("def f(a):\n    b = 1\n    return [x for x in a if x]\n")] == [
        (2, "1 -> 2"),
        (3, "filter negated"),
    ]


def test_declarations_are_left_alone() -> None:
    assert list(mutants("LIMIT = 3\n\n\n@check(severity=1)\ndef f(a=2): ...\n")) == []


def test_the_tests_of_a_check_notice_a_mutant_and_pass_without_one() -> None:
    negated = next(m for m in mutants(MODULE.read_text()) if m.what == "condition negated")
    broken = next(mutants("def f():\n    return 1\n"))
    with workers() as pool:
        assert list(pool.map(survives, [MODULE] * 3, [None, negated, broken])) == [True, False, False]
