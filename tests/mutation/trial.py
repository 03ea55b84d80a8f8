"""Tries one mutant: a fork of this process loads it in place of its module and runs the tests of its layer."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import os
import re
import signal
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from types import CodeType, ModuleType
from typing import Final

import pytest

from tests.mutation.operators import Mutant, mutants

ROOT: Final = Path(__file__).parents[2]
CHECKS: Final = ROOT / "exporter" / "checks"
TESTS: Final = ROOT / "tests" / "checks"
_KILLED: Final = 1
_PATIENCE: Final = 60
"""Seconds after which a mutant counts as caught: it loops. The tests of a layer take about one."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the mutants of one module."""

    module: Path
    tried: int
    survivors: tuple[tuple[int, str], ...]

    @property
    def layer(self) -> str:
        """The package of the module."""
        return self.module.parent.name


def try_mutants(module: Path) -> Outcome:
    """Try all mutants of a module. Raises RuntimeError if its tests fail as things are."""
    found: list[Mutant] = list(mutants(module.read_text()))
    if found and not survives(module, None):
        raise RuntimeError(f"the tests of {module.relative_to(ROOT)} fail without any mutant: run pytest first")
    left = tuple((m.line, m.what) for m in found if survives(module, m))
    return Outcome(module, len(found), left)


def workers() -> ProcessPoolExecutor:
    """Processes in which nothing of the checks is loaded yet, so that a mutant can take its module's place."""
    return ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn"), initializer=_preload)


def _preload() -> None:
    """Load what all mutants share, so that a fork has it already: everything but the checks and their tests."""
    import exporter.dump
    import exporter.joins.dependents
    import exporter.joins.propagation  # noqa: F401


class _Loader(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds one module, and nothing else: the mutant."""

    def __init__(self, name: str, code: CodeType, path: Path) -> None:
        self._name = name
        self._code = code
        self._path = path

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """The specification of the mutant."""
        if fullname != self._name:
            return None
        return importlib.util.spec_from_file_location(fullname, self._path, loader=self)

    def exec_module(self, module: ModuleType) -> None:
        """Run the changed code as the module."""
        exec(self._code, module.__dict__)


def tests_of(module: Path) -> list[str]:
    """The tests to run: those named like the module, which usually notice, its layer's, those of layers that use it."""
    layer = module.parent.name
    word = re.compile(rf"checks\.{layer}\.{module.stem}\b")
    users = {path.parent.name for path in CHECKS.glob("*/*.py") if word.search(path.read_text())}
    folders = [TESTS / name for name in (layer, *sorted(users - {layer}))]
    own = TESTS / layer / f"test_{module.stem}.py"
    found = [path for folder in folders for path in sorted(folder.glob("test_*.py")) if path != own]
    return [str(path) for path in ([own] if own.is_file() else []) + found]


def survives(module: Path, mutant: Mutant | None) -> bool:
    """Whether all tests pass with this mutant; without one, whether they pass as things are."""
    child = os.fork()
    if child == 0:
        code = _KILLED
        try:
            code = _run(module, mutant)
        finally:
            os._exit(code)  # whatever was raised, also while the mutant was loaded, has been noticed
    _, status = os.waitpid(child, 0)
    return status == 0


def _run(module: Path, mutant: Mutant | None) -> int:
    signal.alarm(_PATIENCE)
    if mutant is not None:
        name = ".".join(module.relative_to(ROOT).with_suffix("").parts)
        sys.meta_path.insert(0, _Loader(name, compile(mutant.tree, str(module), "exec"), module))
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
        options = ["-q", "-x", "--no-header", "--capture=sys", "-p", "no:randomly", "-p", "no:cacheprovider"]
        return int(pytest.main([*options, *tests_of(module)]))
