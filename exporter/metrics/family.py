"""Family: the declaration of one metric. Names, labels and help are a contract, covered by a golden test.

All families are gauges: facts about a cluster at one moment. What is counted over time is self telemetry. A family is
made from one of three sources, which tells when its text must be rendered anew: the rows of one table one by one, any
tables and joints together, or the report.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from copy import copy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from exporter.cluster.resource import Resource
from exporter.cluster.snapshot import ClusterSnapshot, Input, Joint, RestrictedView, Table, tables_of
from exporter.report import Report
from exporter.schedule.timetable import Timetable

T = TypeVar("T")
Sample = tuple[tuple[str, ...], float]
"""Label values in the order of the family's labels, and the value, which must be finite."""

PREFIX: Final = "bootsource_"
CLUSTER: Final = "cluster"
"""The label that tells several clusters apart. With a single one it is not there."""
_NAME: Final = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_FIRST: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a family sees. Reading anything that it has not declared raises."""

    now: datetime
    timetable: Timetable
    """When schedules fire."""
    view: RestrictedView

    def __getitem__(self, resource: Resource[T]) -> Table[T]:
        """A declared table."""
        return self.view[resource]

    def join(self, joint: Joint[T]) -> T:
        """The result of a declared joint."""
        return self.view.join(joint)

    def is_known(self, *inputs: Input) -> bool:
        """Whether these inputs, declared as optional, can be judged now."""
        return all(self.view[resource].is_known(self.now) for resource in tables_of(inputs))


@dataclass(frozen=True, slots=True)
class FromRows:
    """Samples of each row of one table depend on nothing but that row: a row that has not changed is not rendered."""

    resource: Resource[Any]
    each: Callable[[Any, Facts], Iterable[Sample]]
    timely: bool = False
    """They depend on the time as well: all rows are rendered anew every few seconds."""


@dataclass(frozen=True, slots=True)
class FromFacts:
    """Samples depend on several tables and joints."""

    samples: Callable[[Facts], Iterable[Sample]]
    required: frozenset[Resource[Any]]
    """If one of these is not known there are no samples."""
    optional: frozenset[Resource[Any]] = frozenset()
    """The family asks itself which of these are known."""


@dataclass(frozen=True, slots=True)
class FromReport:
    """Samples depend on the report alone. There are none before the first one."""

    samples: Callable[[Report], Iterable[Sample]]


@dataclass(frozen=True, slots=True)
class Family:
    """One metric: its contract, and where its samples come from."""

    name: str
    help: str
    """Source object and field, unit, what 0 and 1 mean, when there is no sample."""
    labels: tuple[str, ...]
    source: FromRows | FromFacts | FromReport
    header: str = field(init=False)
    """HELP and TYPE, the same in both text formats."""
    line: str = field(init=False)
    """Format of one sample's name and labels; the wrong number of label values raises TypeError."""

    def __post_init__(self) -> None:
        _check_contract(self)
        labels = ",".join(f'{label}="%s"' for label in self.labels)
        object.__setattr__(self, "header", f"# HELP {self.name} {self.help}\n# TYPE {self.name} gauge\n")
        object.__setattr__(self, "line", f"{self.name}{{{labels}}} " if labels else f"{self.name} ")

    def with_cluster(self, cluster: str, *, first: bool) -> Family:
        """The same family of one of several clusters; the first one's text has the header for all of them."""
        of_one = copy(self)
        told = ",".join(
            (f'{CLUSTER}="{escape_label_value(cluster).replace("%", "%%")}"', *(f'{name}="%s"' for name in self.labels))
        )
        object.__setattr__(of_one, "line", f"{self.name}{{{told}}} ")
        object.__setattr__(of_one, "header", self.header if first else "")
        return of_one

    @property
    def required(self) -> frozenset[Resource[Any]]:
        """The tables without which there are no samples; none if it is made from the report."""
        match self.source:
            case FromRows(resource=resource):
                return frozenset({resource})
            case FromFacts(required=required):
                return required
            case _:
                return frozenset()

    @property
    def reads(self) -> frozenset[Resource[Any]]:
        """All tables that it looks at."""
        return self.required | self.source.optional if isinstance(self.source, FromFacts) else self.required

    @property
    def timely(self) -> bool:
        """Its samples change when only time passes."""
        return isinstance(self.source, FromRows) and self.source.timely

    def facts(self, cluster: ClusterSnapshot, now: datetime, timetable: Timetable) -> Facts:
        """What it may see of the cluster."""
        return Facts(now, timetable, RestrictedView(cluster, self.reads))

    def render(self, samples: Iterable[Sample]) -> list[str]:
        """One line per sample."""
        line = self.line
        return [f"{line % tuple(map(escape_label_value, values))}{format_number(value)}\n" for values, value in samples]


def _check_contract(family: Family) -> None:
    """Refuse, on import, what would break a scrape or our own rules."""
    names = (family.name, *family.labels)
    if not family.name.startswith(PREFIX) or not all(map(_NAME.fullmatch, names)):
        raise ValueError(f"{family.name}: names are snake_case, the family's begins with {PREFIX}")
    if len(family.help) < 20 or re.search(r'["\\\n]', family.help):
        raise ValueError(f"{family.name}: help has at least 20 characters and none that needs escaping")
    if len(set(family.labels)) != len(family.labels) or {CLUSTER, "namespace", "le", "quantile"} & set(family.labels):
        raise ValueError(f"{family.name}: labels are unique, and none is reserved")
    if family.name.endswith(("_total", "_created", "_count", "_sum", "_bucket")):
        raise ValueError(f"{family.name}: the suffix belongs to another type of metric")


def per_row(
    resource: Resource[T],
    name: str,
    *,
    labels: tuple[str, ...],
    help: str,  # noqa: A002  (the word of the format)
) -> Callable[[Callable[[T], Iterable[Sample]]], Family]:
    """Declare a family around a function from one row to its samples."""
    return lambda each: Family(name, help, labels, FromRows(resource, lambda row, _: each(row)))


def per_row_and_time(
    resource: Resource[T],
    name: str,
    *,
    labels: tuple[str, ...],
    help: str,  # noqa: A002
) -> Callable[[Callable[[T, Facts], Iterable[Sample]]], Family]:
    """Declare a family around a function from one row and the time to its samples."""
    return lambda each: Family(name, help, labels, FromRows(resource, each, timely=True))


def per_cluster(
    name: str,
    *,
    labels: tuple[str, ...],
    help: str,  # noqa: A002
    reads: tuple[Input, ...],
    optional: tuple[Input, ...] = (),
) -> Callable[[Callable[[Facts], Iterable[Sample]]], Family]:
    """Declare a family around a function from several tables and joints to samples."""
    required = tables_of(reads)

    def declare(samples: Callable[[Facts], Iterable[Sample]]) -> Family:
        return Family(name, help, labels, FromFacts(samples, required, tables_of(optional) - required))

    return declare


def per_report(
    name: str,
    *,
    labels: tuple[str, ...],
    help: str,  # noqa: A002
) -> Callable[[Callable[[Report], Iterable[Sample]]], Family]:
    """Declare a family around a function from the report to samples."""
    return lambda samples: Family(name, help, labels, FromReport(samples))


_LONGEST_LABEL: Final = 1024
"""Characters of a label value. Names have at most 253; some fields that hold names take a megabyte, in every scrape."""


def escape_label_value(value: str) -> str:
    """A label value as both text formats write it; a long one is cut, and ends in a hash that keeps it unique."""
    if len(value) > _LONGEST_LABEL:
        mark = hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        value = f"{value[: _LONGEST_LABEL - 20]}...{mark}"
    if '"' not in value and "\\" not in value and "\n" not in value:
        return value
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def format_number(value: float) -> str:
    """A value as both text formats write it. Raises ValueError or OverflowError for what is not finite: a defect."""
    return str(int(value)) if value == int(value) else repr(float(value))


def unix_seconds(instant: datetime | None) -> float | None:
    """A Unix timestamp; None for no instant, and for Go's zero time, which means the same."""
    return (instant - _FIRST).total_seconds() if instant is not None and instant >= _FIRST else None


OTHER: Final = "Other"
"""Stands for every reason that is not in a family's list."""


def bounded_reason(known: frozenset[str], reason: str) -> str:
    """A reason as a bounded label value: one of the known ones, "" if none is given, else Other."""
    return reason if reason in known or not reason else OTHER


def format_boolean(value: bool) -> str:
    """A truth value as a label value."""
    return "true" if value else "false"
