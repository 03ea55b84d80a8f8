"""What a command that runs once sees: the cluster or the dump that the settings name, at one instant."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Any, Final

from exporter.base.clock import Clock
from exporter.base.durations import format_duration
from exporter.base.terminal import Progress
from exporter.cluster.resource import Resource
from exporter.cluster.resources import WATCHED
from exporter.cluster.snapshot import ClusterSnapshot
from exporter.cluster.store import Store
from exporter.dump import holds_boot_source, load
from exporter.kube.contract import State
from exporter.report import NOTHING_TO_JUDGE
from exporter.settings.options import AT, COMPLETE, CONTEXT, DISABLE, FROM, KUBECONFIG, NAMESPACES, TIMEOUT
from exporter.settings.settings import Settings, SettingsError

_UNREAD: Final = (State.PENDING, State.FORBIDDEN, State.FAILED)

SyncOnce = Callable[[Settings, Store, Iterable[Resource[Any]], Callable[[str], None]], None]
"""Reads these resources of the cluster that the settings name into the store, for at most their timeout.

What could not be read is settled as such in the store. Raises SettingsError if the cluster cannot be reached as asked.
"""


@dataclass(frozen=True, slots=True)
class _Source:
    """Where the rows come from, and what there is to say about it."""

    at: datetime
    at_source: str
    problems: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Observation:
    """A cluster as it was seen."""

    cluster: ClusterSnapshot
    at: datetime
    at_source: str
    """Where the instant comes from: now, given, or what in a dump tells when it was taken."""
    problems: tuple[str, ...]
    """What could not be read of a dump."""
    skipped: tuple[str, ...]


class EmptyClusterError(Exception):
    """Nothing at all could be read from the cluster: there is nothing to report on."""


def observe(settings: Settings, clock: Clock) -> Observation:
    """Read the dump or cluster that the settings name.

    Raises SettingsError if a dump cannot be read or the cluster cannot be reached, and EmptyClusterError if no table
    can be read.
    """
    store = Store(WATCHED, clock)
    disabled = settings[DISABLE]
    store.switch_off(disabled, settings.origin(DISABLE))
    resources = tuple(r for r in WATCHED if r not in disabled)
    progress = Progress(sys.stderr, clock.monotonic)
    try:
        read = _from_dump if settings[FROM] else _from_cluster
        source = read(settings, store, resources, progress)
    finally:
        progress.clear()
    given = settings[AT]
    at, at_source = (given, "given") if given is not None else (source.at, source.at_source)
    return Observation(store.freeze(), at, at_source, source.problems, source.skipped)


def _from_dump(
    settings: Settings, store: Store, resources: tuple[Resource[Any], ...], progress: Callable[[str], None]
) -> _Source:
    for option in (KUBECONFIG, CONTEXT, NAMESPACES):
        # A variable may be set for all commands; a flag is meant for this one.
        if settings.origin(option).startswith("--"):
            raise SettingsError(f"{option.flag} is about a cluster and {FROM.flag} about a dump; leave one out")
    paths = settings[FROM]
    facts = load(paths, store, resources, complete=settings[COMPLETE], progress=progress)
    nothing = () if holds_boot_source(store.freeze()) else (NOTHING_TO_JUDGE,)
    return _Source(facts.at, facts.at_source, (*facts.problems, *nothing), facts.skipped_files)


def _from_cluster(
    settings: Settings, store: Store, resources: tuple[Resource[Any], ...], progress: Callable[[str], None]
) -> _Source:
    if settings[COMPLETE] and settings.origin(COMPLETE).startswith("--"):
        raise SettingsError(f"{COMPLETE.flag} is about a dump; name one with {FROM.flag}, or leave it out")
    # Loaded late: an audit of a dump needs no client.
    sync_once: SyncOnce = import_module("exporter.watch.once").sync_once
    store.look_only_in(settings[NAMESPACES])
    progress(f"connecting, for at most {format_duration(settings[TIMEOUT])}")
    sync_once(settings, store, resources, progress)
    require_objects(store.freeze(), resources)
    return _Source(store.clock.now(), "now")


def require_objects(cluster: ClusterSnapshot, resources: tuple[Resource[Any], ...]) -> None:
    """Raise EmptyClusterError if no table could be read; one reason then says more than a report of blind checks."""
    tables = [cluster[resource] for resource in resources]
    if not tables or any(table.state not in _UNREAD for table in tables):
        return
    first = tables[0]
    others = f" and {len(tables) - 1} more resources" if len(tables) > 1 else ""
    raise EmptyClusterError(f"the cluster cannot be read ({first.resource}{others}): {first.state}, {first.detail}")
