"""Linting texts in tests."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from exporter.lint.edit import fix_text
from exporter.lint.releases import parse_target
from exporter.lint.report import LintFinding
from exporter.lint.run import Linted, lint
from exporter.lint.source import SourceText

EVERY: Final = "4.18..4.23"


def lint_text(text: str, target: str = EVERY, name: str = "file.yaml") -> Linted:
    return lint([SourceText(name, text)], parse_target(target))


def found(text: str, target: str = EVERY) -> list[str]:
    """`LINE:COLUMN rule` of each finding."""
    return [f"{f.line}:{f.column} {f.rule}" for f in lint_text(text, target).findings]


def only(text: str, target: str = EVERY) -> LintFinding:
    (finding,) = lint_text(text, target).findings
    return finding


def fixed(text: str, target: str = EVERY) -> str:
    """The text after all rounds of corrections."""
    for _ in range(5):
        linted = lint_text(text, target)
        text, count = fix_text(text, linted.edits.get("file.yaml", ()))
        if not count:
            break
    return text


SAMPLES: Final = Path(__file__).parent.parent / "clusters" / "samples"
