"""What a dashboard is made of, before it is written for any program that shows it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

from exporter.metrics.exporter_families import OWN_FAMILIES
from exporter.metrics.families import FAMILIES

Kind = Literal["stat", "table", "timeseries", "state-timeline"]
Colour = Literal["red", "orange", "purple", "green", "blue", "text"]
"""Purple is what nobody knows, and nothing else."""

TARGET_MATCHERS: Final = 'job=~"$job",instance=~"$instance"'
CLUSTER_MATCHER: Final = 'cluster=~"$cluster"'
"""Its variable stands for `.*` when all are chosen: with a single cluster the label is not there."""
_PROCESS: Final = (
    "process_resident_memory_bytes",
    "process_cpu_seconds_total",
    "process_start_time_seconds",
    "process_open_fds",
)
_OF_CLUSTER: Final = {
    **{family.name: True for family in FAMILIES},
    **{family.name: family.of_cluster for family in OWN_FAMILIES},
    **{
        f"{family.name}{end}": family.of_cluster
        for family in OWN_FAMILIES
        if family.kind == "summary"
        for end in ("_sum", "_count")
    },
    **dict.fromkeys(_PROCESS, False),
}
"""Every metric that is scraped from us, and whether its series are told apart by cluster."""


def select(metric: str, *matchers: str) -> str:
    """A selector of one of our metrics with the matchers of the variables. KeyError if there is no such metric."""
    common = f"{CLUSTER_MATCHER},{TARGET_MATCHERS}" if _OF_CLUSTER[metric] else TARGET_MATCHERS
    return f"{metric}{{{','.join((*matchers, common))}}}"


def match_label(label: str, value: str) -> str:
    """A matcher: the label has this value."""
    return f'{label}="{value}"'


def select_newest(metric: str, *matchers: str, by: str = "") -> str:
    """The same of any replica: they agree, and the newest of them counts."""
    return f"max by ({by}) ({select(metric, *matchers)})" if by else f"max({select(metric, *matchers)})"


@dataclass(frozen=True, slots=True)
class Query:
    """One expression, and how its series are called."""

    expr: str
    legend: str = ""


@dataclass(frozen=True, slots=True)
class ValueMapping:
    """What a value, or a text in a table, is shown as. Colour never stands alone."""

    value: str
    text: str
    colour: Colour


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a table, in order. What is not listed is not shown."""

    field: str
    """A label, or `Value #A` for the value of the first of several queries, `Value` for that of an only one."""
    title: str
    unit: str = ""
    width: int = 0
    """In pixels; 0: whatever is left."""
    words: tuple[ValueMapping, ...] = ()
    steps: tuple[tuple[float, Colour], ...] = ()
    without: str = "-"
    """What a cell without a value says."""
    hidden: bool = False
    """It is there for the order of the rows, or for a link."""
    link: str = ""
    """Address; `${__value.text}` stands for what the cell says, `${__data.fields.Title}` for another of the row."""
    link_title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One panel. The answer to the question in its title."""

    kind: Kind
    title: str
    description: str
    """What it says, where it comes from, and what to do about it."""
    queries: tuple[Query, ...]
    width: int
    """Of 24."""
    height: int
    """Of a table such that no row is cut: up to 9, or enough for all rows that are usual. A row is a little lower than a line."""
    unit: str = "none"
    empty: str
    """What is shown instead of no data: why there is none, and that it is not the same as all is well."""
    words: tuple[ValueMapping, ...] = ()
    steps: tuple[tuple[float, Colour], ...] = ()
    """From which value on it has which colour."""
    columns: tuple[Column, ...] = ()
    worst: str = ""
    """Title of the column of a table by which it is sorted, the greatest first."""
    names: bool = False
    """Show what the series are called, not their values."""
    link: str = ""
    link_title: str = ""
    decimals: int | None = None
    from_zero: bool = True
    """Of a graph: its axis begins at 0, so that a small change looks small."""
    sparse: str = ""
    """Why it is usual that a query has no series; "" if all have some."""


@dataclass(frozen=True, slots=True)
class Row:
    """Panels under a headline."""

    title: str
    panels: tuple[Panel, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """A choice at the top of a dashboard, filled from the labels of a metric."""

    name: str
    title: str
    metric: str
    matchers: tuple[str, ...] = ()
    label: str
    every: str = ".+"
    """What all of them stand for, "" if exactly one is to be chosen."""
    without: str = "-"
    """What a cell without a value says."""
    hidden: bool = False

    @property
    def selector(self) -> str:
        """What is asked for its values."""
        return f"{self.metric}{{{','.join(self.matchers)}}}" if self.matchers else self.metric


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """Marks in time, from a metric whose values are Unix times."""

    name: str
    expr: str
    """Milliseconds."""
    title: str
    text: str
    colour: Colour


_JOB: Final = Variable(name="job", title="Job", metric="bootsource_exporter_build_info", label="job")
_INSTANCE: Final = Variable(
    name="instance",
    title="Instance",
    metric="bootsource_exporter_build_info",
    matchers=('job=~"$job"',),
    label="instance",
)
_CLUSTER: Final = Variable(
    name="cluster",
    title="Cluster",
    metric="bootsource_verdict",
    matchers=('job=~"$job"', 'instance=~"$instance"'),
    label="cluster",
    every=".*",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard:
    """One dashboard."""

    uid: str
    title: str
    description: str
    rows: tuple[Row, ...]
    annotations: tuple[Annotation, ...]
    more: tuple[Variable, ...] = ()
    since: str = "now-24h"
    variables: tuple[Variable, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "variables", (_JOB, _INSTANCE, _CLUSTER, *self.more))

    @property
    def panels(self) -> tuple[Panel, ...]:
        """All panels, from the first to the last."""
        return tuple(panel for row in self.rows for panel in row.panels)


RESTARTS: Final = Annotation(
    name="Exporter starts",
    expr=f"1000 * {select('process_start_time_seconds')}",
    title="bootsource-exporter has started",
    text="{{instance}}",
    colour="blue",
)
IMPORTS: Final = Annotation(
    name="Imports",
    expr=f"1000 * {select_newest('bootsource_dataimportcron_last_import_timestamp_seconds', by='cluster, object_namespace, dataimportcron')}",
    title="Image imported",
    text="{{cluster}} {{object_namespace}}/{{dataimportcron}}",
    colour="green",
)
FINDINGS: Final = Annotation(
    name="Findings begin",
    expr="1000 * "
    + select_newest(
        "bootsource_finding_since_timestamp_seconds",
        'severity=~"critical|warning"',
        by="cluster, check, severity, kind, object_namespace, object",
    ),
    title="{{severity}}: {{check}}",
    text="{{cluster}} {{kind}} {{object_namespace}}/{{object}}",
    colour="red",
)
