"""Crons and what surrounds them: how they are polled, their CronJob, which DataSource they manage."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from exporter.cluster.resources import CRON_JOBS, DATA_IMPORT_CRONS
from exporter.cluster.snapshot import View, joint
from exporter.kube.contract import Key
from exporter.model.cdi import (
    CRON_LABEL,
    CRON_NAMESPACE_LABEL,
    NEXT_CRON_TIME,
    DataImportCron,
    DataSource,
)
from exporter.model.core import CronJob


class Polling(StrEnum):
    """How CDI learns that there is a newer image."""

    CRON_JOB = "cronjob"
    """A CronJob in CDI's namespace runs a poller pod: registry URL, pulled in the pod."""
    NODE = "node"
    """CDI runs the image itself on a node and reads its digest (since CDI 1.63; before, a CronJob)."""
    IMAGE_STREAM = "imagestream"
    """CDI reads the ImageStream's status."""
    CLAIM = "pvc"
    """CDI reads the claim's UID."""
    EXTERNAL = "external"
    """The schedule is empty: somebody else writes the digest."""
    UNSUPPORTED = "unsupported"
    """The source is of a kind that a cron cannot have."""


def polling(cron: DataImportCron, cdi_minor: int | None) -> Polling:
    """How this cron is polled. A node-pull cron of unknown CDI version shows it by the annotation of its next poll."""
    source = cron.source
    if not cron.spec.schedule:
        return Polling.EXTERNAL
    if source.pvc is not None:
        return Polling.CLAIM
    if source.registry is None:
        return Polling.UNSUPPORTED
    if source.registry.image_stream:
        return Polling.IMAGE_STREAM
    if source.registry.pull_method != "node":
        return Polling.CRON_JOB
    by_controller = NEXT_CRON_TIME in cron.metadata.annotations if cdi_minor is None else cdi_minor >= 63
    return Polling.NODE if by_controller else Polling.CRON_JOB


def cron_source_kind(cron: DataImportCron) -> str:
    """Where the images come from."""
    registry = cron.source.registry
    if registry is not None:
        return "imagestream" if registry.image_stream else "registry"
    return "pvc" if cron.source.pvc is not None else "none"


@joint(CRON_JOBS)
def pollers(view: View) -> Mapping[Key, CronJob]:
    """The poller CronJob of each cron, by the cron's namespace and name."""
    found: dict[Key, CronJob] = {}
    for _, job in view[CRON_JOBS]:
        labels = job.metadata.labels
        found[Key(labels.get(CRON_NAMESPACE_LABEL, ""), labels.get(CRON_LABEL, ""))] = job
    return found


@joint(DATA_IMPORT_CRONS)
def crons_by_data_source(view: View) -> Mapping[Key, tuple[DataImportCron, ...]]:
    """All crons that want to manage a DataSource, by its namespace and name."""
    found: dict[Key, list[DataImportCron]] = {}
    for key, cron in view[DATA_IMPORT_CRONS]:
        found.setdefault(Key(key.namespace, cron.spec.managed_data_source), []).append(cron)
    return {target: tuple(crons) for target, crons in found.items()}


def managing(source: DataSource, crons: Mapping[Key, tuple[DataImportCron, ...]]) -> DataImportCron | None:
    """The cron that feeds this DataSource.

    CDI 1.60 and later update only a DataSource whose label equals the cron's name; a single cron that names it is the
    one that should, also when the label is wrong.
    """
    candidates = crons.get(Key(source.metadata.namespace, source.metadata.name), ())
    labelled = [c for c in candidates if c.metadata.name == source.cron]
    if labelled:
        return labelled[0]
    return candidates[0] if len(candidates) == 1 else None


def last_success(cron: DataImportCron, job: CronJob | None) -> datetime | None:
    """The newest sign of a successful poll: what CDI wrote into the cron, or the end of the poller's last good Job."""
    signs = [t for t in (cron.last_poll, job.status.last_successful_time if job else None) if t is not None]
    return max(signs, default=None)
