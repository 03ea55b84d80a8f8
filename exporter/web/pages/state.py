"""What the pages of one cluster are made of at one moment, and what is worked out once for all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from exporter.boot_sources.builder import build_boot_sources
from exporter.boot_sources.document import Row
from exporter.metrics.block import EvaluatedCluster
from exporter.output.groups import RootGroup, group_roots
from exporter.output.html.document import Page, Place
from exporter.output.outline import FindingNode, build_tree
from exporter.report import Finding, Report
from exporter.schedule.timetable import Timetable


@dataclass(frozen=True, slots=True)
class Joined:
    """What follows from a report and the cluster that it is about. It holds no report: see `ReportCache`."""

    rows: tuple[Row, ...]
    unknown: tuple[str, ...]
    """Resources that the rows know nothing of."""
    roots: tuple[FindingNode, ...]
    groups: tuple[RootGroup, ...]
    nodes: Mapping[str, FindingNode]
    """Every finding that is not suppressed, by its fingerprint."""


@dataclass(frozen=True, slots=True)
class PageState:
    """One cluster as the pages show it."""

    place: Place
    version: str
    now: datetime
    report: Report | None
    joined: Joined | None
    """None as long as there is no report."""
    pending: tuple[str, ...] = ()
    """What has not been read yet."""
    facts: tuple[str, ...] = ()
    """Which cluster it is: lines for people."""
    notices: tuple[str, ...] = ()

    def page(self, title: str, content: object, current: str = "", *parents: tuple[str, str]) -> Page:
        """A page of this cluster."""
        return Page(title, content, self.place, self.version, current, parents, self.notices)  # type: ignore[arg-type]

    def home(self) -> tuple[str, str]:
        """Address and name of the first page of the cluster."""
        return self.place.page("/"), "Boot sources"

    def finding(self, fingerprint: str) -> Finding | None:
        """A finding of the report, suppressed or not."""
        findings = self.report.findings if self.report else ()
        return next((finding for finding in findings if finding.fingerprint == fingerprint), None)


def join_report(evaluated: EvaluatedCluster, report: Report, now: datetime, timetable: Timetable) -> Joined:
    """What follows as of `now`."""
    document = build_boot_sources(evaluated.cluster, report, now, timetable)
    roots = tuple(build_tree(report))
    return Joined(
        rows=tuple(source.row for source in document.boot_sources),
        unknown=document.unknown,
        roots=roots,
        groups=tuple(group_roots(roots)),
        nodes={node.finding.fingerprint: node for root in roots for node in root.nodes()},
    )
