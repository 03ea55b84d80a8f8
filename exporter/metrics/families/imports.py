"""Imports of DataImportCrons: how far the newest one is, or how long it took. At most 1 series each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from exporter.cluster.resources import DATA_IMPORT_CRONS, DATA_VOLUMES
from exporter.kube.contract import Key
from exporter.metrics.families.crons import CRON, cron_labels
from exporter.metrics.family import Facts, Family, Sample, per_cluster
from exporter.model.cdi import DataImportCron
from exporter.model.data_volumes import SUCCEEDED, DataVolume
from exporter.model.wire import ABSENT


def _newest(facts: Facts) -> Iterator[tuple[DataImportCron, DataVolume]]:
    """Each cron with the DataVolume of its newest import, where that exists."""
    volumes = facts[DATA_VOLUMES].rows
    for cron in facts[DATA_IMPORT_CRONS].rows.values():
        volume = volumes.get(Key(cron.metadata.namespace, cron.current_import))
        if volume is not None:
            yield cron, volume


@per_cluster(
    "bootsource_import_progress_ratio",
    labels=CRON,
    help="How much of the newest image of a DataImportCron has been imported, from 0 to 1 in steps of 0.1: "
    "status.progress of its DataVolume. No sample if no import runs, or before CDI has said.",
    reads=(DATA_IMPORT_CRONS, DATA_VOLUMES),
)
def _progress(facts: Facts) -> Iterator[Sample]:
    for cron, volume in _newest(facts):
        if volume.phase != SUCCEEDED and volume.progress is not None:
            yield cron_labels(cron), volume.progress / 100


@per_cluster(
    "bootsource_import_duration_seconds",
    labels=CRON,
    help="How long the newest import of a DataImportCron took, in seconds: from the creation of its DataVolume until "
    "that became Ready. No sample while it runs, or once the DataVolume is gone.",
    reads=(DATA_IMPORT_CRONS, DATA_VOLUMES),
)
def _duration(facts: Facts) -> Iterator[Sample]:
    for cron, volume in _newest(facts):
        ready = volume.condition("Ready")
        at = None if ready is ABSENT or not ready.true else ready.last_transition_time
        if volume.created is not None and at is not None and at >= volume.created:
            yield cron_labels(cron), (at - volume.created).total_seconds()


IMPORTS: Final[tuple[Family, ...]] = (_progress, _duration)
