"""What a reader has chosen to see of a long list, as the address says it: filters, order, page. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Generic, TypeVar

from exporter.boot_sources.document import Row
from exporter.output.html.boot_sources import STATES
from exporter.report import SEVERITIES

T = TypeVar("T")
_LONGEST: Final = 100
"""Characters of a parameter that are read."""
_BEFORE_ALL: Final = datetime.min.replace(tzinfo=UTC)
_STATE_ORDER: Final = list(STATES)


@dataclass(frozen=True, slots=True)
class Part(Generic[T]):
    """One page of a list."""

    items: Sequence[T]
    page: int
    """From 1."""
    pages: int
    total: int
    """Items on all pages."""


def cut_page(items: Sequence[T], page: int, size: int) -> Part[T]:
    """The items of a page; a page behind the end is the last one."""
    pages = max(1, -(-len(items) // size))
    page = min(max(page, 1), pages)
    return Part(items[(page - 1) * size : page * size], page, pages, len(items))


def number_of(query: Mapping[str, str], name: str) -> int:
    """A page number; 1 if it is none."""
    text = query.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 1


def given(query: Mapping[str, str], names: Sequence[str]) -> dict[str, str]:
    """These parameters, as far as they say something."""
    return {name: query[name][:_LONGEST].strip() for name in names if query.get(name, "").strip()}


@dataclass(frozen=True, slots=True)
class RowChoice:
    """Which boot sources to show, and in which order."""

    filters: Mapping[str, str]
    sort: str
    descending: bool
    page: int

    @classmethod
    def of(cls, query: Mapping[str, str]) -> RowChoice:
        """From the parameters of a request; what is no column sorts by state, the default."""
        sort = query.get("sort", "")
        return cls(
            filters=given(query, ("q", "state", "namespace", "os")),
            sort=sort if sort in ORDERS else "state",
            descending=query.get("order") == "down",
            page=number_of(query, "page"),
        )

    def parameters(self) -> dict[str, str]:
        """As they stand in an address, without the page."""
        order = {"sort": self.sort if self.sort != "state" or self.descending else ""}
        return {**self.filters, **order, "order": "down" if self.descending else ""}

    def select(self, rows: Sequence[Row]) -> list[Row]:
        """The rows that match, in order; what sorts alike is ordered by name."""
        words = self.filters.get("q", "").casefold().split()
        matching = [row for row in rows if self._matches(row, words)]
        matching.sort(key=lambda row: (row.name, row.namespace))
        matching.sort(key=ORDERS[self.sort], reverse=self.descending)
        return matching

    def _matches(self, row: Row, words: Sequence[str]) -> bool:
        wanted, systems = self.filters, self.filters.get("os", "")
        return (
            wanted.get("state", row.state) in (row.state, _GROUP_OF.get(row.state))
            and wanted.get("namespace", row.namespace) == row.namespace
            and (not systems or systems == (row.os or NO_SYSTEM))
            and all(word in _text_of(row) for word in words)
        )


NO_SYSTEM: Final = "-"
"""What the address says for boot sources whose operating system is not known."""
ATTENTION: Final = "attention"
"""What the address says for all states that are no good."""
_GROUP_OF: Final = {state: ATTENTION for state, (tone, _) in STATES.items() if tone in ("bad", "warn")}


def _text_of(row: Row) -> str:
    problem = row.problem.summary if row.problem else ""
    parts = (row.name, row.namespace, row.os, row.status, row.storage_class, row.data_import_cron, problem)
    return " ".join(filter(None, parts)).casefold()


def _severity_rank(row: Row) -> int:
    return -SEVERITIES.index(row.problem.severity) if row.problem else 1


ORDERS: Final[Mapping[str, Callable[[Row], Any]]] = {
    "state": lambda row: (_STATE_ORDER.index(row.state), _severity_rank(row)),
    "name": lambda row: (row.name, row.namespace),
    "image": lambda row: row.imported or _BEFORE_ALL,
    "checked": lambda row: row.last_polled or _BEFORE_ALL,
    "used": lambda row: (row.templates or 0) + (row.virtual_machines or 0),
    "problem": _severity_rank,
}
