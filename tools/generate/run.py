"""`generate`: writes every generated file, or tells which are not as they should be."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from tools.generate.coverage import REPOSITORY
from tools.generate.output import HOW, MARK, Output
from tools.generate.outputs import OUTPUTS

_SHOWN: Final = 12
"""Lines of difference per file: enough to see what it is about."""


@dataclass(frozen=True, slots=True)
class FileProblem:
    """A file that is not what the declarations say."""

    path: str
    what: str
    """stale, missing or superfluous."""
    difference: tuple[str, ...] = ()

    def __str__(self) -> str:
        """The message, then the first differences."""
        return "\n".join((f"{self.path}: {self.what}", *self.difference))


def run(*, check: bool) -> int:
    """Write every file, or with `check` only compare; returns the exit code, 1 if a comparison finds a difference."""
    if check:
        problems = list(find_problems(OUTPUTS, REPOSITORY))
        for problem in problems:
            sys.stdout.write(f"{problem}\n")
        if problems:
            sys.stdout.write(f"{len(problems)} of {len(OUTPUTS)} generated files differ; run `{HOW}`\n")
        return 1 if problems else 0
    for problem in write_outputs(OUTPUTS, REPOSITORY):
        sys.stdout.write(f"{problem.path}: was {problem.what}\n")
    return 0


def find_problems(outputs: Sequence[Output], root: Path) -> Iterator[FileProblem]:
    """Every file under the root that is stale, missing or superfluous."""
    for output in outputs:
        wanted, path = output.text(), root / output.path
        if not path.is_file():
            yield FileProblem(output.path, "missing")
        elif (found := path.read_bytes()) != wanted.encode():
            yield FileProblem(output.path, "stale", _difference(found.decode(errors="replace"), wanted))
    yield from (FileProblem(path, "superfluous") for path in _superfluous_files(outputs, root))


def write_outputs(outputs: Sequence[Output], root: Path) -> list[FileProblem]:
    """Make every file under the root what it should be; returns what was wrong."""
    problems = list(find_problems(outputs, root))
    texts = {output.path: output.text for output in outputs}
    for problem in problems:
        path = root / problem.path
        if problem.path in texts:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(texts[problem.path]().encode())
        else:
            path.unlink()
    return problems


def _superfluous_files(outputs: Sequence[Output], root: Path) -> list[str]:
    """Files that say of themselves that they are generated, and are not: of a check that was renamed, for example."""
    wanted = {output.path for output in outputs}
    folders = sorted({output.path.split("/")[0] for output in outputs})
    files = (path for folder in folders for path in (root / folder).rglob("*") if path.is_file())
    names = {path.relative_to(root).as_posix(): path for path in files}
    return sorted(name for name, path in names.items() if name not in wanted and _is_generated(path))


def _is_generated(path: Path) -> bool:
    with path.open("rb") as file:
        return MARK.encode() in file.readline(1000)


def _difference(found: str, wanted: str) -> tuple[str, ...]:
    lines = difflib.unified_diff(found.splitlines(), wanted.splitlines(), "found", "generated", lineterm="", n=0)
    changes = [line if len(line) <= 160 else f"{line[:157]}..." for line in islice(lines, 2, None)]
    more = len(changes) - _SHOWN
    return (*changes[:_SHOWN], f"... and {more} more lines") if more > 0 else tuple(changes)
