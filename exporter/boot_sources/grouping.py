"""Grouped: which entry, DataImportCron and DataSource make up one boot source. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from exporter.boot_sources.known_view import KnownView
from exporter.cluster.resources import DATA_IMPORT_CRONS, DATA_SOURCES
from exporter.cluster.snapshot import Table
from exporter.joins.crons import crons_by_data_source, managing
from exporter.joins.entries import ListedEntry, listed_entries
from exporter.joins.feeders import common_source
from exporter.joins.ssp_crons import expected_crons
from exporter.kube.contract import Key
from exporter.model.cdi import DataImportCron, DataSource


@dataclass(frozen=True, slots=True)
class SourceGroup:
    """The parts of one boot source, before they are put into words."""

    key: Key
    """That of its DataSource, or of the one that it is meant to have."""
    entry: ListedEntry | None
    cron: DataImportCron | None
    source: DataSource | None


def group_sources(known: KnownView, image_namespace: str) -> Iterator[SourceGroup]:
    """Every cron; entries that no cron stands for; DataSources that no cron manages.

    `image_namespace` is where the crons of entries go that name no namespace.
    """
    crons = (known.table(DATA_IMPORT_CRONS) or Table(DATA_IMPORT_CRONS)).rows
    sources = (known.table(DATA_SOURCES) or Table(DATA_SOURCES)).rows
    entries = {item.name: item for item in known.join(listed_entries) or ()}
    # An entry has several crons if it has one per architecture.
    left = dict(entries)
    managed = known.join(crons_by_data_source) or {}
    wanted = known.join(expected_crons) or {}
    taken: set[Key] = set()
    for key, cron in crons.items():
        name = wanted[key].entry.name if key in wanted else key.name
        target = Key(key.namespace, cron.spec.managed_data_source)
        source = sources.get(target)
        if source is not None and managing(source, managed) is not cron:
            source = None
        if source is not None:
            taken.add(target)
        left.pop(name, None)
        yield SourceGroup(target, entries.get(name), cron, source)
    for item in left.values():
        target = Key(
            _namespace(item) or image_namespace, item.spec.managed_data_source or common_source(item.name) or item.name
        )
        source = sources.get(target) if target not in taken else None
        taken.add(target)
        yield SourceGroup(target, item, None, source)
    yield from (SourceGroup(key, None, None, source) for key, source in sources.items() if key not in taken)


def _namespace(item: ListedEntry) -> str:
    """Where the entry says that its cron goes."""
    written = item.status or item.entry
    return written.metadata.namespace if written else ""
