"""`list`: the boot sources of a dump or a live cluster, once or as they change."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from threading import Event
from typing import Final

from exporter.base.clock import Clock, SystemClock
from exporter.base.logs import redact_secrets
from exporter.base.terminal import Style, clean_line
from exporter.boot_sources.builder import build_boot_sources
from exporter.boot_sources.document import BootSources, Row
from exporter.checks.engine import Memory
from exporter.checks.evaluate import evaluate_cluster
from exporter.cluster.resources import WATCHED
from exporter.cluster.snapshot import ClusterSnapshot
from exporter.commands.observation import EmptyClusterError, observe, require_objects
from exporter.output.boot_sources import render_boot_sources, render_rows, worst_first
from exporter.schedule.timetable import Timetable
from exporter.settings.options import DISABLE, FROM, NAMESPACES, OUTPUT
from exporter.settings.policy import POLICY
from exporter.settings.selection import ALL_NAMESPACES, NAMESPACE, ORIGIN, STATE, WATCH
from exporter.settings.settings import Settings, SettingsError
from exporter.watch.cluster_watch import ClusterWatch
from exporter.watch.connect import connect

_Key = tuple[str, str, str | None]
"""Several DataImportCrons may want the same DataSource."""

LISTED: Final = 0
UNREAD: Final = 3
_AT_MOST_EVERY: Final = 1.0
"""Seconds between two evaluations while watching."""
_AT_LEAST_EVERY: Final = 30.0
"""Seconds after which time alone may have changed a state."""


def run(settings: Settings) -> int:
    """List what the settings select, and return the exit code."""
    if settings[ALL_NAMESPACES] and settings[NAMESPACE]:
        raise SettingsError(f"{ALL_NAMESPACES.flag} and {NAMESPACE.flag} contradict each other; leave one out")
    try:
        return _watch(settings, SystemClock()) if settings[WATCH] else _list(settings, SystemClock())
    except EmptyClusterError as error:
        sys.stderr.write(f"bootsource-exporter: {redact_secrets(clean_line(str(error)))}\n")
        return UNREAD


def _list(settings: Settings, clock: Clock) -> int:
    seen = observe(settings, clock)
    report = evaluate_cluster(seen.cluster, seen.at, policy=settings.section(POLICY)).report
    sources = build_boot_sources(seen.cluster, report, seen.at, Timetable())
    sys.stdout.write(render_boot_sources(select(sources, settings), settings[OUTPUT], _style()))
    _report_unknown((*sources.unknown, *seen.problems))
    return LISTED


def select(sources: BootSources, settings: Settings) -> BootSources:
    """The document with the boot sources that the settings ask for."""
    namespaces, states, origins = settings[NAMESPACE], settings[STATE], settings[ORIGIN]

    def is_asked_for(row: Row) -> bool:
        return (
            (not namespaces or row.namespace in namespaces)
            and (not states or row.state in states)
            and (not origins or row.origin in origins)
        )

    return replace(sources, boot_sources=tuple(s for s in sources.boot_sources if is_asked_for(s.row)))


def _style() -> Style:
    return Style.for_stream(sys.stdout, os.environ)


def _report_unknown(reasons: tuple[str, ...]) -> None:
    """Say on standard error what the list is without, so that no empty column is taken for "none"."""
    if reasons:
        text = ", ".join(map(clean_line, reasons))
        sys.stderr.write(f"bootsource-exporter: not known, shown as ?: {text}; `bootsource-exporter doctor` says why\n")


def _watch(settings: Settings, clock: Clock) -> int:
    if settings[FROM]:
        raise SettingsError(f"{WATCH.flag} is about a cluster and {FROM.flag} about a dump; leave one out")
    client, stop = connect(settings, clock), Event()
    with ClusterWatch("", client, clock, settings[DISABLE], settings[NAMESPACES]) as watched:
        follow(Follower(settings, clock), watched, stop, clock)
    return LISTED


class Follower:
    """Prints boot sources, at first all of them, then those that have changed."""

    def __init__(self, settings: Settings, clock: Clock, write: Callable[[str], object] = sys.stdout.write) -> None:
        self._settings = settings
        self._clock = clock
        self._write = write
        self._timetable = Timetable()
        self._memory: Memory | None = None
        self._shown: dict[_Key, Row] | None = None

    def show(self, cluster: ClusterSnapshot) -> None:
        """Print what has changed since the last call."""
        now = self._clock.now()
        evaluation = evaluate_cluster(cluster, now, self._memory, self._timetable, self._settings.section(POLICY))
        self._memory = evaluation.memory
        sources = select(build_boot_sources(cluster, evaluation.report, now, self._timetable), self._settings)
        rows = {_key_of(source.row): _without_ages(source.row) for source in sources.boot_sources}
        before, self._shown = self._shown, rows
        known = before or {}
        changed = tuple(s for s in sources.boot_sources if known.get(_key_of(s.row)) != rows[_key_of(s.row)])
        if changed:
            self._print(replace(sources, boot_sources=changed), now, header=before is None)

    def _print(self, sources: BootSources, now: datetime, *, header: bool) -> None:
        output = self._settings[OUTPUT]
        if output in ("table", "wide"):
            self._write(render_rows(worst_first(sources), now, _style(), fit=output == "table", header=header))
        else:
            separator = "---\n" if output == "yaml" and not header else ""
            self._write(separator + render_boot_sources(sources, output, _style()))
        sys.stdout.flush()


def _key_of(row: Row) -> _Key:
    return row.namespace, row.name, row.data_import_cron


def _without_ages(row: Row) -> Row:
    """What of a row changes by an event and not by time alone."""
    return replace(row, status="", next_poll=None)


def follow(follower: Follower, watched: ClusterWatch, stop: Event, clock: Clock) -> None:
    """Show the cluster as soon as it has been read, and whenever it changes, until the event is set.

    Raises EmptyClusterError if no table can be read at first.
    """
    while watched.pending_resources() and not stop.is_set():
        clock.wait(stop, 0.1)
    require_objects(watched.store.freeze(), WATCHED)
    while not stop.is_set():
        generation = watched.store.generation
        follower.show(watched.store.freeze())
        clock.wait(stop, _AT_MOST_EVERY)
        watched.store.wait_for_change(generation, _AT_LEAST_EVERY)
