"""The table of boot sources: a row each, with its state in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import htpy as h

from exporter.base.phrases import counted, joined
from exporter.boot_sources.document import Row
from exporter.boot_sources.state import SourceState
from exporter.output.html.document import Place
from exporter.output.html.icons import icon
from exporter.output.html.parts import TONE_OF, moment, pill, term

STATES: Final[Mapping[SourceState, tuple[str, str]]] = {
    SourceState.NOT_USABLE: ("bad", "Not usable"),
    SourceState.UNKNOWN: ("none", "Unknown"),
    SourceState.OUTDATED: ("warn", "Outdated"),
    SourceState.UNCHECKED: ("warn", "Not checked"),
    SourceState.IMPORTING: ("note", "First import"),
    SourceState.UPDATING: ("note", "Updating"),
    SourceState.UP_TO_DATE: ("good", "Up to date"),
    SourceState.STATIC: ("good", "Kept as it is"),
    SourceState.EMPTY: ("none", "Empty"),
    SourceState.DISABLED: ("none", "Disabled"),
}
"""The tone and the name of each state, those that need attention first."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the table."""

    name: str
    sort: str
    """What the address says to sort by it."""
    cell: Callable[[Row, datetime], h.Node]


@dataclass(frozen=True, slots=True)
class Sorting:
    """By what the table is sorted, and where the heads of its columns lead."""

    by: str
    descending: bool
    address: Callable[[str, bool], str]
    """The address that sorts by a column, and whether downward."""


def boot_source_table(
    rows: Iterable[Row],
    caption: str,
    at: datetime,
    place: Place,
    sorting: Sorting | None = None,
    *,
    one_namespace: bool = False,
) -> h.Node:
    """The rows as a table; on a narrow screen each becomes a card."""
    heads = [
        h.th(scope="col", role="columnheader", aria_sort=_direction(c, sorting))[_head(c, sorting)] for c in COLUMNS
    ]
    first = h.th(scope="col", role="columnheader", aria_sort=_direction(NAME, sorting))[_head(NAME, sorting)]
    return h.div(".sheet")[
        h.table(".cards.sources", role="table")[
            h.caption[caption],
            h.thead(role="rowgroup")[h.tr(role="row")[first, heads]],
            h.tbody(role="rowgroup")[(_row(row, at, place, one_namespace=one_namespace) for row in rows)],
        ]
    ]


def state_pill(row: Row) -> h.Node:
    """The state of a boot source in one or two words."""
    return pill(*STATES[row.state])


def _row(row: Row, at: datetime, place: Place, *, one_namespace: bool) -> h.Node:
    name = h.a(href=place.boot_source(row.namespace, row.name))[row.name] if place.served else row.name
    return h.tr(role="row", data_key=f"{row.namespace}/{row.name}/{row.data_import_cron}")[
        h.th(scope="row", role="rowheader")[
            name,
            h.div(".small.dim")[row.os],
            None if one_namespace else h.div(".small.dim")[h.span(".unseen")["Namespace "], row.namespace],
        ],
        (h.td(role="cell", data_label=c.name)[h.div[c.cell(row, at)]] for c in COLUMNS[:-1]),
        h.td(role="cell", data_label=COLUMNS[-1].name)[h.div[_problem(row, place)]],
    ]


def _head(column: Column, sorting: Sorting | None) -> h.Node:
    if sorting is None:
        return column.name
    chosen = column.sort == sorting.by
    arrow = ("↓" if sorting.descending else "↑") if chosen else "↕"
    address = sorting.address(column.sort, chosen and not sorting.descending)
    return h.a(href=address, data_soft=True)[column.name, h.span(aria_hidden="true")[arrow]]


def _direction(column: Column, sorting: Sorting | None) -> str | None:
    if sorting is None or column.sort != sorting.by:
        return None
    return "descending" if sorting.descending else "ascending"


def _state(row: Row, at: datetime) -> h.Node:
    del at
    return [state_pill(row), h.div(".small.dim")[row.status]]


def _image(row: Row, at: datetime) -> h.Node:
    if row.imported is None:
        return h.span(".dim")["not known" if row.usable else "none"]
    where: list[h.Node] = [_FORMATS[row.format]] if row.format in _FORMATS else []
    if row.storage_class:
        where += [" in ", term("StorageClass", row.storage_class)]
    return [moment(row.imported, at), h.div(".small.dim")[where]]


_FORMATS: Final = {"pvc": "disk", "snapshot": "snapshot"}


def _checked(row: Row, at: datetime) -> h.Node:
    if row.last_polled is None and row.next_poll is None:
        return h.span(".dim")["no schedule" if row.state is SourceState.STATIC else "not known"]
    last = moment(row.last_polled, at) if row.last_polled else "not yet"
    return [last, h.div(".small.dim")["next ", moment(row.next_poll, at)] if row.next_poll else None]


def _used(row: Row, at: datetime) -> h.Node:
    del at
    numbers = ((row.templates, "template"), (row.virtual_machines, "VM"))
    known = [counted(number, noun) for number, noun in numbers if number]
    if any(number is None for number, _ in numbers):
        return h.span(".dim")[joined([*known, "not all is known"]) if known else "not known"]
    return joined(known) if known else h.span(".dim")["nothing"]


def _problem(row: Row, place: Place) -> h.Node:
    problem = row.problem
    if problem is None:
        return h.span(".dim")["none"]
    return h.a(".clamp", href=place.finding(problem.fingerprint))[
        icon(TONE_OF[problem.severity]), h.span(".unseen")[f"{problem.severity}: "], " ", problem.summary
    ]


NAME: Final = Column("Boot source", "name", lambda row, _: row.name)
COLUMNS: Final = (
    Column("State", "state", _state),
    Column("Image imported", "image", _image),
    Column("Checked for updates", "checked", _checked),
    Column("Used by", "used", _used),
    Column("Problem", "problem", lambda _, __: None),
)
