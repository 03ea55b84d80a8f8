"""What has happened to each boot source since the exporter began: polls, imports, changes of state, problems. Pure.

A History is a value like the memory of the checks: each evaluation makes the next one from it, and whoever reads one
sees it whole. It is bounded: so many events per boot source, and so many in all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, TypeVar

from exporter.base.excerpts import excerpt
from exporter.cluster.resource import Resource
from exporter.cluster.resources import DATA_IMPORT_CRONS, DATA_SOURCES, DATA_VOLUMES
from exporter.cluster.snapshot import ClusterSnapshot
from exporter.joins.data_sources import targets
from exporter.kube.contract import Key
from exporter.model.cdi import DataImportCron, DataSource
from exporter.model.wire import ABSENT, Absent, Condition
from exporter.report import Finding, Report

T = TypeVar("T")
MOST_OF_SOURCE: Final = 30
"""Events of one boot source; the oldest make room. Polls in a row are one event."""
MOST: Final = 4_000
"""Events in all, which take about 1 MiB. Boot sources to which nothing has happened for longest lose theirs first."""
_LONGEST_TEXT: Final = 300


class EventKind(StrEnum):
    """What has happened."""

    POLL = "poll"
    IMPORT = "import"
    STATE = "state"
    PROBLEM = "problem"
    SOLVED = "solved"


@dataclass(frozen=True, slots=True)
class HistoryEvent:
    """Something that has happened to a boot source."""

    at: datetime
    """When, by the object where it tells, else when it was noticed; of several polls that of the last one."""
    kind: EventKind
    text: str
    count: int = 1
    """Polls in a row."""


@dataclass(frozen=True, slots=True)
class History:
    """All events, and what was seen last, by which the next ones are noticed."""

    begun: datetime
    events: Mapping[Key, tuple[HistoryEvent, ...]] = field(default_factory=dict)
    """By namespace and name of the boot source, each from old to new; those that changed last stand last."""
    crons: Mapping[Key, DataImportCron] | None = None
    """None: not known yet, so that the first ones are nothing new."""
    sources: Mapping[Key, DataSource] | None = None
    findings: Mapping[str, Finding] | None = None

    def of(self, key: Key) -> tuple[HistoryEvent, ...]:
        """The events of a boot source, from old to new."""
        return self.events.get(key, ())


Noticed = Iterator[tuple[Key, HistoryEvent]]


def extend_history(history: History, cluster: ClusterSnapshot, report: Report) -> History:
    """The history, with what is new in this cluster and in the report on it."""
    now = report.at
    crons = _rows(cluster, DATA_IMPORT_CRONS, now, history.crons)
    sources = _rows(cluster, DATA_SOURCES, now, history.sources)
    findings = _findings(history, report)
    noticed = [
        *_changes(history.crons, crons, _cron_events, now),
        *_changes(history.sources, sources, _source_events, now),
        *_finding_events(history, findings, crons or {}, now),
    ]
    events = _add(history.events, noticed) if noticed else history.events
    return replace(history, events=events, crons=crons, sources=sources, findings=findings)


def _rows(
    cluster: ClusterSnapshot, resource: Resource[T], now: datetime, before: Mapping[Key, T] | None
) -> Mapping[Key, T] | None:
    """The rows; those of before while they are not known, since nothing has been seen to change then."""
    table = cluster[resource]
    return table.rows if table.is_known(now) else before


def _findings(history: History, report: Report) -> Mapping[str, Finding]:
    """The findings of the report, and those of before by checks that cannot tell now whether they are gone."""
    found = {finding.fingerprint: finding for finding in report.findings}
    unsure = {status.check for status in report.checks if status.status in ("blind", "unknown")}
    kept = (history.findings or {}).items() if unsure else ()
    return {**{mark: finding for mark, finding in kept if finding.check in unsure}, **found}


def _changes(before: Mapping[Key, T] | None, after: Mapping[Key, T] | None, compare: Any, now: datetime) -> Noticed:  # noqa: ANN401  (a function of T)
    """What has changed between these rows. Rows that are the same object have not changed."""
    if before is None or after is None or before is after:
        return
    for key, row in after.items():
        if before.get(key) is not row:
            yield from compare(key, before.get(key), row, now)
    for key, row in before.items():
        if key not in after:
            yield from compare(key, row, None, now)


def _cron_events(key: Key, before: DataImportCron | None, after: DataImportCron | None, now: datetime) -> Noticed:
    cron = after or before
    if cron is None:
        return
    source = Key(key.namespace, cron.spec.managed_data_source)
    if before is None or after is None:
        yield source, _state(now, f"DataImportCron {key.name} {'created' if after else 'deleted'}")
        return
    if after.last_poll is not None and after.last_poll != before.last_poll:
        yield source, HistoryEvent(after.last_poll, EventKind.POLL, "Checked for a newer image")
    if after.current_import and after.current_import != before.current_import:
        yield source, HistoryEvent(now, EventKind.IMPORT, f"Newer image found: {after.current_import}")
    imported = after.status.last_import_timestamp
    if imported is not None and imported != before.status.last_import_timestamp:
        yield source, HistoryEvent(imported, EventKind.IMPORT, "Image imported")
    text = _condition_change(before.condition("UpToDate"), after.condition("UpToDate"))
    if text:
        yield source, _state(now, f"Newest image: {text}")


def _source_events(key: Key, before: DataSource | None, after: DataSource | None, now: datetime) -> Noticed:
    if before is None or after is None:
        yield key, _state(now, f"DataSource {'created' if after else 'deleted'}")
        return
    text = _condition_change(before.ready, after.ready)
    if text:
        yield key, _state(now, f"Usable: {text}")
    if targets(before) != targets(after):
        yield key, _state(now, f"Stands for {', '.join(map(str, targets(after))) or 'nothing'} now")


def _finding_events(
    history: History, findings: Mapping[str, Finding], crons: Mapping[Key, DataImportCron], now: datetime
) -> Noticed:
    before = history.findings
    if before is None:
        return
    changed = [
        *((finding, EventKind.PROBLEM) for mark, finding in findings.items() if mark not in before),
        *((finding, EventKind.SOLVED) for mark, finding in before.items() if mark not in findings),
    ]
    imports: Mapping[Key, Key] | None = None
    for finding, kind in changed:
        ref = finding.object
        key: Key | None = Key(ref.namespace, ref.name)
        if ref.kind == DATA_IMPORT_CRONS.kind:
            cron = crons.get(Key(ref.namespace, ref.name))
            key = Key(ref.namespace, cron.spec.managed_data_source) if cron else None
        elif ref.kind == DATA_VOLUMES.kind:
            imports = imports if imports is not None else _imports(crons)
            key = imports.get(Key(ref.namespace, ref.name))
        elif ref.kind != DATA_SOURCES.kind:
            key = None
        if key is not None:
            yield key, HistoryEvent(now, kind, excerpt(finding.summary, _LONGEST_TEXT))


def _imports(crons: Mapping[Key, DataImportCron]) -> Mapping[Key, Key]:
    """The boot source for which each DataVolume is imported."""
    return {
        Key(key.namespace, cron.current_import): Key(key.namespace, cron.spec.managed_data_source)
        for key, cron in crons.items()
        if cron.current_import
    }


def _state(now: datetime, text: str) -> HistoryEvent:
    return HistoryEvent(now, EventKind.STATE, excerpt(text, _LONGEST_TEXT))


def _condition_change(before: Condition | Absent, after: Condition | Absent) -> str:
    """What the condition says now, if that differs from before in more than its message."""
    if after is ABSENT:
        return "" if before is ABSENT else "not known"
    if before is not ABSENT and (before.status, before.reason) == (after.status, after.reason):
        return ""
    answer = "yes" if after.true else "no" if after.false else "not known"
    return f"{answer}, {after.reason}" if after.reason else answer


def _add(
    events: Mapping[Key, tuple[HistoryEvent, ...]], noticed: list[tuple[Key, HistoryEvent]]
) -> Mapping[Key, tuple[HistoryEvent, ...]]:
    added = dict(events)
    for key, event in noticed:
        of_source = added.pop(key, ())
        last = of_source[-1] if of_source else None
        again = last is not None and event.kind is last.kind is EventKind.POLL
        newest = replace(event, count=last.count + 1) if last is not None and again else event
        added[key] = (*(of_source[:-1] if again else of_source), newest)[-MOST_OF_SOURCE:]
    left = sum(map(len, added.values())) - MOST
    while left > 0:
        left -= len(added.pop(next(iter(added))))
    return added
