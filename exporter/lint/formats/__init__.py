"""The forms of lint's report, by name: those that `audit` has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from exporter.base.terminal import Style, escape_json
from exporter.lint.formats.documents import render_junit, render_sarif
from exporter.lint.formats.text import render_github, render_markdown, render_table
from exporter.lint.report import LINT, LintReport


def _json(report: LintReport, _: Style) -> str:
    return escape_json(LINT.dump_json(report, by_alias=True, indent=2).decode()) + "\n"


_RENDERERS: Final[Mapping[str, Callable[[LintReport, Style], str]]] = {
    "table": render_table,
    "json": _json,
    "markdown": lambda report, _: render_markdown(report),
    "junit": lambda report, _: render_junit(report),
    "sarif": lambda report, _: render_sarif(report),
    "github": lambda report, _: render_github(report),
}


def render(report: LintReport, output: str, style: Style) -> str:
    """The report as text, ending with a line break."""
    return _RENDERERS[output](report, style)
