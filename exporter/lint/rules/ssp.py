"""Entries that are written into SSP by hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from exporter.joins.admission import Path
from exporter.joins.admission.field_values import value_at
from exporter.lint.rule import Problem, Tree
from exporter.lint.rules.hyperconverged import list_problems
from exporter.lint.source import Manifest

_ENTRIES: Final[Path] = ("spec", "commonTemplates", "dataImportCronTemplates")


def ssp_problems(tree: Tree) -> Iterator[tuple[Manifest, Problem]]:
    """What is wrong with the entries of each SSP."""
    for manifest in tree.of("SSP"):
        if isinstance(value_at(manifest.value, *_ENTRIES), list):
            for problem in list_problems(manifest, _ENTRIES, tree, tree.target.releases):
                yield manifest, problem
