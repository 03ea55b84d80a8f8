"""Block: the text of one family, rendered only when what it is made from has changed."""

from __future__ import annotations

import zlib
from collections.abc import Hashable, Iterable
from datetime import datetime
from typing import Any, NamedTuple

from exporter.base.isolate import Crash, run_isolated
from exporter.cluster.snapshot import ClusterSnapshot
from exporter.kube.contract import Key
from exporter.metrics.family import Facts, Family, FromFacts, FromReport, FromRows
from exporter.report import Report
from exporter.schedule.timetable import Timetable


class EvaluatedCluster(NamedTuple):
    """A cluster, and the latest report on it; None before the first one."""

    cluster: ClusterSnapshot
    report: Report | None


class _Line(NamedTuple):
    """What one row was rendered to."""

    row: object
    text: str
    series: int


def deflate(data: bytes, *, last: bool = False) -> bytes:
    """A piece of a raw deflate stream that can follow any other piece and, unless it is the last, be followed."""
    compressor = zlib.compressobj(1, zlib.DEFLATED, -zlib.MAX_WBITS)
    return compressor.compress(data) + compressor.flush(zlib.Z_FINISH if last else zlib.Z_SYNC_FLUSH)


class Block:
    """The text of one family in both formats (gauges look the same), and its compressed form once it is asked for."""

    def __init__(self, family: Family, cluster: str = "") -> None:
        self.family = family
        self.cluster = cluster
        """Whose; "" for the only one."""
        self.text = family.header.encode()
        self.series = 0
        self.crash: Crash | None = None
        """Why the family has no samples, if it failed."""
        self._deflated: bytes | None = None
        self._made_of: Hashable = None
        self._lines: dict[Key, _Line] = {}

    @property
    def deflated_text(self) -> bytes:
        """The text as a piece of a deflate stream."""
        if self._deflated is None:
            self._deflated = deflate(self.text)
        return self._deflated

    def refresh(self, judged: EvaluatedCluster, now: datetime, timetable: Timetable, *, aged: bool) -> bool:
        """Render anew if the input is another one, or if it is timely and has aged; True if it was rendered."""
        made_of = self._input(judged, now)
        aged = aged and self.family.timely
        if made_of == self._made_of and not aged:
            return False
        if aged:
            self._lines = {}
        self._made_of = made_of
        found = run_isolated(lambda: self._render(judged, now, timetable))
        self.crash = found if isinstance(found, Crash) else None
        lines, self.series = ((), 0) if isinstance(found, Crash) else found
        text = "".join((self.family.header, *lines)).encode("utf-8", "xmlcharrefreplace")
        if text != self.text:
            self.text, self._deflated = text, None
        return True

    def _input(self, judged: EvaluatedCluster, now: datetime) -> Hashable:
        """Equal as long as the samples are the same, but for the passing of time."""
        cluster = judged.cluster
        match self.family.source:
            case FromRows(resource=resource):
                return cluster[resource].version, cluster[resource].is_known(now)
            case FromFacts(required=required, optional=optional):
                tables = [cluster[r] for r in (*required, *optional)]
                return tuple((t.version, t.is_known(now)) for t in tables)
            case FromReport():
                # The report itself is kept, so that no other can get its address.
                return _Identity(judged.report)

    def _render(self, judged: EvaluatedCluster, now: datetime, timetable: Timetable) -> tuple[Iterable[str], int]:
        """The lines and how many series they hold."""
        family, cluster = self.family, judged.cluster
        if cluster.unknown(family.required, now):
            self._lines = {}
            return (), 0
        facts = family.facts(cluster, now, timetable)
        match family.source:
            case FromRows() as source:
                return self._of_rows(source, facts)
            case FromFacts(samples=samples_of):
                lines = family.render(samples_of(facts))
            case FromReport(samples=samples):
                lines = family.render(samples(judged.report)) if judged.report is not None else []
        return lines, len(lines)

    def _of_rows(self, source: FromRows, facts: Facts) -> tuple[Iterable[str], int]:
        """Render only rows that are not those of the last time."""
        known, rendered = self._lines, self.family.render
        found: dict[Key, _Line] = {}
        rows: Iterable[tuple[Key, Any]] = facts[source.resource].rows.items()
        for key, row in rows:
            line = known.get(key)
            if line is None or line.row is not row:
                lines = rendered(source.each(row, facts))
                line = _Line(row, "".join(lines), len(lines))
            found[key] = line
        self._lines = found
        return (line.text for line in found.values()), sum(line.series for line in found.values())


class _Identity:
    """Equal only to what wraps the very same object."""

    __slots__ = ("_of",)

    def __init__(self, of: Report | None) -> None:
        self._of = of

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Identity) and other._of is self._of

    def __hash__(self) -> int:
        return id(self._of)
