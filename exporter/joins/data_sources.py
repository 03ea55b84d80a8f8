"""DataSources: what they stand for, and who keeps them up to date. Pure."""

from __future__ import annotations

from exporter.cluster.resource import Ref
from exporter.cluster.resources import DATA_SOURCES, PERSISTENT_VOLUME_CLAIMS, VOLUME_SNAPSHOTS
from exporter.model.cdi import DataSource, Pointer


def data_source_kind(source: DataSource) -> str:
    """What it stands for."""
    stands_for = source.spec.source
    if stands_for.pvc is not None:
        return "pvc"
    if stands_for.snapshot is not None:
        return "snapshot"
    return "pointer" if stands_for.data_source is not None else "none"


def manager_of(source: DataSource) -> str:
    """Who keeps it up to date."""
    if source.cron:
        return "cron"
    return "placeholder" if source.placeholder else "unmanaged"


def targets(source: DataSource) -> tuple[Ref, ...]:
    """The claim, snapshot or other DataSource that it points at: none or, as the API allows no more, one."""
    stands_for = source.spec.source

    def named(pointer: Pointer) -> tuple[str, str]:
        return pointer.namespace or source.metadata.namespace, pointer.name

    return (
        *((PERSISTENT_VOLUME_CLAIMS.ref(*named(stands_for.pvc)),) if stands_for.pvc else ()),
        *((VOLUME_SNAPSHOTS.ref(*named(stands_for.snapshot)),) if stands_for.snapshot else ()),
        *((DATA_SOURCES.ref(*named(stands_for.data_source)),) if stands_for.data_source else ()),
    )
