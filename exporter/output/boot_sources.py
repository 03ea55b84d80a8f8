"""Boot sources as a table, as names, as JSON and as YAML."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from exporter.base.durations import format_rough
from exporter.base.excerpts import cut
from exporter.base.terminal import Style, clean_line
from exporter.boot_sources.document import BootSources, Row, to_json
from exporter.boot_sources.state import WORST_FIRST, SourceState

_GAP: Final = "  "
_SHORTEST_PROBLEM: Final = 30
"""Columns that the name of a check needs."""
_SENTENCE: Final = 60
"""Columns from which on the problem is a sentence."""
_COLOURS: Final = {
    SourceState.NOT_USABLE: "critical",
    SourceState.UNKNOWN: "warning",
    SourceState.OUTDATED: "warning",
    SourceState.UNCHECKED: "warning",
    SourceState.UP_TO_DATE: "good",
}


@dataclass(frozen=True, slots=True)
class _Column:
    title: str
    cell: Callable[[Row, datetime], str]
    drop: int = 0
    """The higher, the sooner it is left out where the terminal is narrow; 0: never."""


def _tri(value: bool | None, unknown: str = "?") -> str:
    return unknown if value is None else "yes" if value else "no"


def _ago(instant: datetime | None, at: datetime) -> str:
    return format_rough(at - instant) if instant is not None else "-"


def _until(instant: datetime | None, at: datetime) -> str:
    return format_rough(instant - at) if instant is not None else "-"


def _count(number: int | None) -> str:
    return "?" if number is None else str(number)


_PROBLEM: Final = _Column("PROBLEM", lambda row, _: row.problem.summary if row.problem else "-")
_COLUMNS: Final = (
    _Column("NAMESPACE", lambda row, _: row.namespace, 9),
    _Column("NAME", lambda row, _: row.name),
    _Column("OS", lambda row, _: row.os or "-", 6),
    _Column("ORIGIN", lambda row, _: row.origin or "?", 10),
    _Column("STATE", lambda row, _: row.state),
    _Column("USABLE", lambda row, _: _tri(row.usable), 2),
    _Column("NEWEST", lambda row, _: _tri(row.newest, "?" if row.data_import_cron else "-"), 1),
    _Column("IMAGE AGE", lambda row, at: _ago(row.imported, at), 3),
    _Column("POLLED", lambda row, at: _ago(row.last_polled, at), 5),
    _Column("NEXT POLL", lambda row, at: _until(row.next_poll, at), 8),
    _Column("STORAGECLASS", lambda row, _: row.storage_class or ("?" if row.storage_class is None else "-"), 7),
    _Column("FORMAT", lambda row, _: row.format or "-", 11),
    _Column("TEMPLATES", lambda row, _: _count(row.templates), 5),
    _Column("VMS", lambda row, _: _count(row.virtual_machines), 4),
    _PROBLEM,
)


def render_boot_sources(sources: BootSources, output: str, style: Style) -> str:
    """The boot sources in this format, ending with a line break if there is anything."""
    return _RENDERERS[output](sources, style)


def worst_first(sources: BootSources) -> list[Row]:
    """The rows, those first that need attention most, then by namespace and name."""
    rows = [source.row for source in sources.boot_sources]
    return sorted(rows, key=lambda row: (WORST_FIRST.index(row.state), row.namespace, row.name))


def _table(sources: BootSources, style: Style) -> str:
    return render_rows(worst_first(sources), sources.at, style, fit=True)


def render_rows(rows: Sequence[Row], at: datetime, style: Style, *, fit: bool, header: bool = True) -> str:
    """A table of these rows. With `fit` it keeps to the width: less important columns go, problems are cut."""
    if not rows:
        return ""
    cells = {column: [clean_line(column.cell(row, at)) for row in rows] for column in _COLUMNS}
    widths = {c: max(len(c.title), *map(len, texts)) for c, texts in cells.items()}
    shown = _fitting(widths, style.width) if fit else list(_COLUMNS)
    room = style.width - sum(widths[c] + len(_GAP) for c in shown if c is not _PROBLEM) if fit else 0
    lines = [_line([f"{c.title:{widths[c]}}" for c in shown])] if header else []
    for number, row in enumerate(rows):
        parts = [_cell(c, cells[c][number], widths[c], room, row, style) for c in shown]
        lines.append(_line(parts))
    return "\n".join(lines) + "\n"


def _fitting(widths: Mapping[_Column, int], width: int) -> list[_Column]:
    """The columns for this width. A namespace that is all there is says nothing."""
    shown = list(_COLUMNS)

    def needed() -> int:
        problem = min(widths[_PROBLEM], _SHORTEST_PROBLEM)
        return problem + sum(widths[c] + len(_GAP) for c in shown if c is not _PROBLEM)

    for column in sorted((c for c in _COLUMNS if c.drop), key=lambda c: -c.drop):
        if needed() <= width:
            break
        shown.remove(column)
    return shown


def _cell(column: _Column, text: str, width: int, room: int, row: Row, style: Style) -> str:
    if column is _PROBLEM:
        if not room or row.problem is None:
            return text
        # The beginning of a sentence says less than the name of the check, which `explain` takes.
        return cut(text, room) if room >= _SENTENCE else row.problem.check
    padded = f"{text:{width}}"
    colour = _COLOURS.get(row.state) if column.title == "STATE" else None
    return style.paint(padded, colour) if colour else padded


def _line(parts: Sequence[str]) -> str:
    return _GAP.join(parts).rstrip()


def _wide(sources: BootSources, style: Style) -> str:
    return render_rows(worst_first(sources), sources.at, style, fit=False)


def _names(sources: BootSources, _: Style) -> str:
    return "".join(f"{clean_line(row.namespace)}/{clean_line(row.name)}\n" for row in worst_first(sources))


def _json(sources: BootSources, _: Style) -> str:
    return json.dumps(json.loads(to_json(sources)), indent=2) + "\n"


def _yaml(sources: BootSources, _: Style) -> str:
    # Loaded here: no other format needs it.
    import yaml  # noqa: PLC0415

    # Everything above ASCII is escaped, and with it whatever moves a cursor.
    return yaml.safe_dump(json.loads(to_json(sources)), sort_keys=False, allow_unicode=False)


_RENDERERS: Final[Mapping[str, Callable[[BootSources, Style], str]]] = {
    "table": _table,
    "wide": _wide,
    "json": _json,
    "yaml": _yaml,
    "name": _names,
}
