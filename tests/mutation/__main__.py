"""Tries all mutants of all checks, or of some layers: `python -m tests.mutation [layer ...]`."""

from __future__ import annotations

import ast
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.mutation.trial import CHECKS, ROOT, Outcome, try_mutants, workers

PAGE: Final = ROOT / "docs" / "mutation.md"
_ABOUT: Final = """\
# Mutation testing of the checks

A check is changed in one place (a comparison, a condition, a constant, a cause or a date that a finding carries), and
its tests must notice. `make mutation` tries every such change in the modules of all checks and writes this page. The
score is the share of mutants that some test of the layer notices. Some of those that survive cannot be noticed, since
the change makes no difference; they count against the score all the same.
"""


def _outcomes(modules: list[Path]) -> Iterator[Outcome]:
    with workers() as pool:
        started = time.monotonic()
        for number, outcome in enumerate(pool.map(try_mutants, modules), 1):
            if sys.stderr.isatty():
                spent = time.monotonic() - started
                sys.stderr.write(f"\r\033[K{number} of {len(modules)} modules, {spent:.0f} s")
            yield outcome
    if sys.stderr.isatty():
        sys.stderr.write("\r\033[K")


def _score(outcomes: list[Outcome]) -> str:
    tried, left = sum(o.tried for o in outcomes), sum(len(o.survivors) for o in outcomes)
    return f"{tried} | {tried - left} | {(tried - left) / tried:.0%}" if tried else "0 | 0 | -"


def _place(module: Path, line: int) -> str:
    """The function or constant that this line belongs to: line numbers would be wrong after the next edit."""
    for node in ast.parse(module.read_text()).body:
        if node.lineno <= line <= (node.end_lineno or line):
            target = node.target if isinstance(node, ast.AnnAssign) else node
            return getattr(target, "name", None) or getattr(target, "id", None) or "module"
    return "module"


def _places(outcome: Outcome) -> Counter[tuple[str, str]]:
    return Counter((_place(outcome.module, line), what) for line, what in outcome.survivors)


def _line(module: Path, place: tuple[str, str], times: int) -> str:
    name, what = place
    said = what.replace("|", "\\|")
    return f"- `{module.relative_to(ROOT)}`, `{name}`: {said}" + (f" ({times} times)" if times > 1 else "")


def _page(outcomes: list[Outcome]) -> str:
    layers = sorted({o.layer for o in outcomes})
    rows = [f"| {layer} | {_score([o for o in outcomes if o.layer == layer])} |" for layer in layers]
    survivors = [_line(o.module, place, times) for o in outcomes for place, times in _places(o).items()]
    return "\n".join(
        [
            _ABOUT,
            f"Last run: {time.strftime('%Y-%m-%d', time.gmtime())}.\n",
            "| Layer | Mutants | Noticed | Score |",
            "|---|---|---|---|",
            *rows,
            f"| all | {_score(outcomes)} |",
            "\n## Survivors\n",
            *(survivors or ["None."]),
            "",
        ]
    )


def main(layers: list[str]) -> int:
    """Try the mutants; the page is written when all layers were tried."""
    modules = sorted(path for path in CHECKS.glob("*/*.py") if not layers or path.parent.name in layers)
    if not modules:
        sys.stderr.write(f"no layer {', '.join(layers)} in {CHECKS.relative_to(ROOT)}\n")
        return 2
    page = _page(list(_outcomes(modules)))
    sys.stdout.write(page)
    if not layers:
        PAGE.write_text(page)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
