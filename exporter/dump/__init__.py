"""Reads must-gathers and dumps of manifests as a source of objects, in place of an API server.

What belongs here: files, archives, YAML, JSON, Lists, and what a dump as a whole tells. What does not: judgements.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from exporter.cluster.resource import Resource
from exporter.cluster.resources import DATA_IMPORT_CRONS, DATA_SOURCES
from exporter.cluster.snapshot import ClusterSnapshot, Table
from exporter.cluster.store import Store
from exporter.dump.collection import Collection
from exporter.dump.files import require_paths
from exporter.dump.layout import DumpLayout
from exporter.dump.limits import LIMITS, DumpLimits, ReadBudget
from exporter.dump.reader import DumpReader
from exporter.dump.states import first_states, set_states
from exporter.settings.settings import SettingsError


@dataclass(frozen=True, slots=True)
class DumpFacts:
    """What there is to say about a dump besides its objects."""

    at: datetime
    """When it was taken, as far as it tells; else now."""
    at_source: str
    problems: tuple[str, ...]
    """One line for each file or part that could not be read: where, and why."""
    files: int
    objects: int
    """How many were of a kind that we look at."""
    skipped: int
    """Objects of other kinds, and documents that are not Kubernetes objects."""
    skipped_files: tuple[str, ...] = ()
    """Lines that name the files which were not looked into."""


def load(
    paths: Iterable[str],
    store: Store,
    resources: Iterable[Resource[Any]],
    *,
    complete: bool = False,
    progress: Callable[[str], None] = lambda _: None,
    limits: DumpLimits = LIMITS,
) -> DumpFacts:
    """Read a dump into the tables of these resources. `complete`: a kind that it does not hold is known to be empty.

    Raises SettingsError for a path that does not exist, and for a dump without a single object that we look at.
    """
    paths, resources = tuple(paths), tuple(resources)
    require_paths(paths)
    budget = ReadBudget(limits, store.clock.monotonic)
    reading = DumpReader(Collection(resources), DumpLayout(resources), store.clock.now(), budget, progress)
    reading.read_all(paths)
    if reading.collection.empty and not reading.problems and reading.record is None:
        raise SettingsError(_describe_nothing(paths, reading))
    reading.collection.pour(store, first_states(reading, complete=complete))
    set_states(store, resources, reading, complete=complete)
    at, source = _time_taken(reading)
    return DumpFacts(
        at,
        source,
        reading.all_problems(),
        reading.files,
        reading.collection.objects,
        reading.skipped,
        reading.skipped_files.lines(),
    )


def holds_boot_source(cluster: ClusterSnapshot) -> bool:
    """Whether there is anything to judge: a DataImportCron or a DataSource, readable or not."""
    tables: tuple[Table[Any], ...] = (cluster[DATA_IMPORT_CRONS], cluster[DATA_SOURCES])
    return any(table.rows or table.rejected for table in tables)


def _time_taken(reading: DumpReader) -> tuple[datetime, str]:
    if reading.record is not None:
        return reading.record.at, "collection record"
    if reading.gathered is not None:
        return reading.gathered, "must-gather timestamp"
    if reading.newest is not None:
        return reading.newest, "newest instant in the dump"
    return reading.now, "now"


def _describe_nothing(paths: tuple[str, ...], reading: DumpReader) -> str:
    named = ", ".join("standard input" if p == "-" else repr(p) for p in paths)
    read = f"{reading.files} files" if reading.files else "no .yaml, .yml or .json file"
    skipped = "".join(f"; {line}" for line in reading.skipped_files.lines())
    remedy = "give a must-gather, or what `bootsource-exporter collect` or `oc get -A -o yaml KIND,...` writes"
    return f"--from: {named} holds no object to judge ({read}, {reading.skipped} other documents{skipped}); {remedy}"
