"""Every form of a report by its name. `serve` needs none of them, and does not load them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from exporter.base.terminal import Style
from exporter.output.github import render_github
from exporter.output.junit import render_junit
from exporter.output.markdown import render_markdown
from exporter.output.outline import ReportOutline
from exporter.output.sarif import render_sarif
from exporter.output.table import render_summary, render_table
from exporter.report import to_json


def _json(finished: ReportOutline, _: Style) -> str:
    return to_json(finished.report, indent=2).decode() + "\n"


def _html(outline: ReportOutline, _: Style) -> str:
    # Loaded when it is asked for: the other formats need no HTML, and a command should start at once.
    from exporter.output.html.report import render_report  # noqa: PLC0415

    return render_report(outline)


_RENDERERS: Final[Mapping[str, Callable[[ReportOutline, Style], str]]] = {
    "table": render_table,
    "summary": render_summary,
    "json": _json,
    "markdown": lambda finished, _: render_markdown(finished),
    "html": _html,
    "junit": lambda finished, _: render_junit(finished),
    "sarif": lambda finished, _: render_sarif(finished),
    "github": lambda finished, _: render_github(finished),
}


def render(finished: ReportOutline, output: str, style: Style) -> str:
    """The report as text, ending with a line break."""
    return _RENDERERS[output](finished, style)
