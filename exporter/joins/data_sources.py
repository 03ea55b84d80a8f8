"""DataSources: what they stand for, and who keeps them up to date. Pure."""

from __future__ import annotations

from exporter.model.cdi import DataSource


def data_source_kind(source: DataSource) -> str:
    """What it stands for."""
    stands_for = source.spec.source
    if stands_for.pvc is not None:
        return "pvc"
    if stands_for.snapshot is not None:
        return "snapshot"
    return "pointer" if stands_for.data_source is not None else "none"


def managed_by(source: DataSource) -> str:
    """Who keeps it up to date."""
    if source.cron:
        return "cron"
    return "placeholder" if source.placeholder else "unmanaged"
