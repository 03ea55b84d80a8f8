"""What the pages of one cluster are made of at one moment, and what is worked out once for all of them."""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

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
    """What follows from a report and the cluster that it is about. It holds no report: see `JoinedCache`."""

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

    def finding(self, fingerprint: str) -> Finding | None:
        """A finding of the report, suppressed or not."""
        findings = self.report.findings if self.report else ()
        return next((finding for finding in findings if finding.fingerprint == fingerprint), None)


@dataclass(slots=True)
class JoinedCache:
    """Works out once per report and minute what all pages need. Safe to use from many threads.

    What is kept goes with the report: nobody may look for days, and an old report must not stay in memory for that.
    """

    _kept: dict[str, tuple[weakref.ref[Report], str, Joined]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def get(self, cluster: str, evaluated: EvaluatedCluster, now: datetime, timetable: Timetable) -> Joined | None:
        """What follows from the report; None if there is none. Ages in it are as of this minute."""
        report, minute = evaluated.report, f"{now:%Y-%m-%dT%H:%M}"
        if report is None:
            return None
        with self._lock:
            kept = self._kept.get(cluster)
            if kept is not None and kept[0]() is report and kept[1] == minute:
                return kept[2]
            joined = _join(evaluated, report, now, timetable)
            self._kept[cluster] = (weakref.ref(report, lambda gone: self._forget(cluster, gone)), minute, joined)
            return joined

    def _forget(self, cluster: str, gone: weakref.ref[Report]) -> None:
        # Without the lock: this runs wherever the report is dropped, also in a thread that holds it.
        kept = self._kept.get(cluster)
        if kept is not None and kept[0] is gone:
            self._kept.pop(cluster, None)


def _join(evaluated: EvaluatedCluster, report: Report, now: datetime, timetable: Timetable) -> Joined:
    document = build_boot_sources(evaluated.cluster, report, now, timetable)
    roots = tuple(build_tree(report))
    return Joined(
        rows=tuple(source.row for source in document.boot_sources),
        unknown=document.unknown,
        roots=roots,
        groups=tuple(group_roots(roots)),
        nodes={node.finding.fingerprint: node for root in roots for node in root.nodes()},
    )
