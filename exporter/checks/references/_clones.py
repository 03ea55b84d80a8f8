"""Clones that are not finished: who waits for them, and what can be seen of why."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final, NamedTuple

from exporter.checks.check import Context
from exporter.cluster.resource import Ref
from exporter.cluster.resources import DATA_SOURCES, DATA_VOLUMES
from exporter.joins.references import consumer_of, takers, waiting
from exporter.kube.contract import Key
from exporter.model.clones import CLAIM, DATA_SOURCE, SNAPSHOT, CloneSource
from exporter.model.data_volumes import SUCCEEDED, DataVolume
from exporter.model.wire import ABSENT

_AT_REST: Final = frozenset({SUCCEEDED, "WaitForFirstConsumer", "PendingPopulation", "Paused"})
"""Phases that may last: done, or waiting for a pod that mounts the volume, as while its VirtualMachine is stopped."""
_NOTHING_THERE: Final = frozenset({"NotFound", "NoSource"})
"""Reasons of a DataSource that is not ready for which there is nothing to clone."""


class Clone(NamedTuple):
    """A DataVolume that is being cloned, or should be."""

    by: Ref
    """Who waits for it: a VirtualMachine, or the DataVolume itself."""
    volume: Ref
    row: DataVolume
    origin: CloneSource
    """What it is cloned from: of a sourceRef what the DataSource stands for, if that can be told."""

    @property
    def since(self) -> datetime | None:
        """When the DataVolume was made."""
        return self.row.created


def unfinished_clones(ctx: Context) -> Iterator[Clone]:
    """The clones that are not finished, except those about which another check says that there is nothing to clone."""
    taken, reported = ctx.consult(takers, {}), _without_source(ctx)
    for key, row in ctx[DATA_VOLUMES].rows.items():
        if row.origin is None or row.cron or row.phase in _AT_REST or row.deleted is not None or key in reported:
            continue
        yield Clone(consumer_of(key, row, taken), DATA_VOLUMES.ref(*key), row, _resolved(row.origin, ctx))


def _resolved(origin: CloneSource, ctx: Context) -> CloneSource:
    """What a DataSource stands for, as CDI resolved it."""
    if origin.kind != DATA_SOURCE:
        return origin
    source = ctx[DATA_SOURCES].rows.get(Key(origin.namespace, origin.name))
    stands_for = (source.status.source or source.spec.source) if source else None
    if stands_for is None:
        return origin
    for kind, pointer in ((CLAIM, stands_for.pvc), (SNAPSHOT, stands_for.snapshot)):
        if pointer is not None:
            return CloneSource(kind, pointer.namespace or origin.namespace, pointer.name)
    return origin


def _without_source(ctx: Context) -> frozenset[Key]:
    """The DataVolumes of which machine-source-missing or machine-source-not-ready tells why they wait."""
    found = set()
    for links in ctx.consult(waiting, {}).values():
        for link in links:
            source = ctx[DATA_SOURCES].rows.get(link.target)
            ready = source.ready if source else ABSENT
            empty = ready is not ABSENT and ready.false and ready.reason in _NOTHING_THERE
            if empty or (link.in_volume and source is None) or (link.source_gone and not link.in_volume):
                found.add(Key(link.by.namespace, link.reference.volume))
    return frozenset(found)
