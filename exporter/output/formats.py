"""Every form of a report by its name. `serve` needs none of them, and does not load them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from exporter.base.terminal import Style
from exporter.output.junit import junit
from exporter.output.markdown import markdown
from exporter.output.outline import Finished
from exporter.output.sarif import sarif
from exporter.output.table import table
from exporter.report import to_json


def _json(finished: Finished, _: Style) -> str:
    return to_json(finished.report, indent=2).decode() + "\n"


_RENDERERS: Final[Mapping[str, Callable[[Finished, Style], str]]] = {
    "table": table,
    "json": _json,
    "markdown": lambda finished, _: markdown(finished),
    "junit": lambda finished, _: junit(finished),
    "sarif": lambda finished, _: sarif(finished),
}


def render(finished: Finished, output: str, style: Style) -> str:
    """The report as text, ending with a line break."""
    return _RENDERERS[output](finished, style)
