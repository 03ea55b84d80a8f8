"""Large files: bounded by what parsing costs, whatever they hold."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from exporter.base.garbage import collect_afterwards
from exporter.dump.yaml_text import parse_yaml
from tests.lint.linting import found, lint_text
from tests.lint.shapes import load_shapes

_MEGABYTE = 1_000_000
_MACHINE = next(shape.text for shape in load_shapes() if shape.name == "machine-of-the-platform").split("---\n")[1]


def cpu(work: Callable[[], object]) -> float:
    """Seconds of CPU: what else runs on the machine hardly counts."""
    start = time.process_time()
    with collect_afterwards():
        work()
    return time.process_time() - start


def as_list(text: str) -> str:
    item = "- " + "".join(f"  {line}\n" for line in text.splitlines())[2:]
    return "apiVersion: v1\nkind: List\nitems:\n" + item * (_MEGABYTE // len(item))


def test_a_large_list_costs_a_few_times_what_parsing_costs() -> None:
    text = as_list(_MACHINE)
    assert cpu(lambda: lint_text(text)) < 8 * cpu(lambda: parse_yaml(text))


def test_other_objects_cost_next_to_nothing() -> None:
    text = "kind: ConfigMap\ndata: {a: b}\n---\n" * (_MEGABYTE // 30)
    assert cpu(lambda: lint_text(text)) < cpu(lambda: parse_yaml(text))


@pytest.mark.parametrize(
    "bomb",
    [
        "kind: DataImportCron\na0: &a0 [x, x]\n"
        + "".join(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n" for i in range(1, 40)),
        "kind: DataImportCron\na: " + "[" * 100_000,
        "kind: DataImportCron\n" + "".join("  " * n + "a:\n" for n in range(3000)),
        "kind: DataImportCron\na: &a {b: *a}\n",
        "kind: DataImportCron\n? [a, b]\n: c\n",
    ],
    ids=["aliases", "brackets", "indentation", "circle", "key"],
)
def test_bombs_are_refused_with_a_line(bomb: str) -> None:
    (told,) = found(bomb)
    assert told.endswith(" manifest-unreadable")
