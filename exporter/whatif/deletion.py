"""What goes when a DataImportCron is deleted: by its retentionPolicy, and by labels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from exporter.base.excerpts import list_some
from exporter.cluster.resource import Resource
from exporter.cluster.resources import (
    CRON_JOBS,
    DATA_IMPORT_CRONS,
    DATA_SOURCES,
    DATA_VOLUMES,
    PERSISTENT_VOLUME_CLAIMS,
    VOLUME_SNAPSHOTS,
)
from exporter.kube.contract import Key
from exporter.model.cdi import CLEANUP_LABEL, CRON_LABEL, CRON_NAMESPACE_LABEL, DataImportCron
from exporter.whatif.document import Action, Actor
from exporter.whatif.draft import Draft
from exporter.whatif.rules import Rule

_IMAGES: Final[tuple[Resource[Any], ...]] = (DATA_VOLUMES, PERSISTENT_VOLUME_CLAIMS, VOLUME_SNAPSHOTS)


def labels_of(row: Any) -> dict[str, str]:  # noqa: ANN401  (rows of several kinds)
    """The labels of a row; a DataVolume keeps them without its metadata."""
    meta = getattr(row, "metadata", None)
    found: dict[str, str] = meta.labels if meta is not None else row.labels
    return found


def delete_cron(draft: Draft, key: Key, cron: DataImportCron, *, depends: str = "") -> None:
    """CDI's part once a DataImportCron is deleted. The caller says who deletes it."""
    draft.drop(DATA_IMPORT_CRONS, key)
    for job, row in list(draft.rows(CRON_JOBS).items()):
        labels = row.metadata.labels
        if labels.get(CRON_LABEL) == key.name and labels.get(CRON_NAMESPACE_LABEL) == key.namespace:
            draft.drop(CRON_JOBS, job)
    if cron.spec.retention_policy != "None":
        _keep(draft, key, depends)
        return
    for resource, image in list(_marked(draft, key)):
        draft.drop(resource, image)
        ref = resource.ref(*image)
        if resource is not DATA_VOLUMES:  # it goes with its claim, and holds no data of its own
            summary = f"CDI deletes {ref} with its DataImportCron"
            draft.log(Actor.CDI, Action.DELETE, ref, summary, Rule.RETENTION, depends=depends, irreversible=True)
    for name, source in list(draft.rows(DATA_SOURCES).items()):
        labels = source.metadata.labels
        if name.namespace == key.namespace and labels.get(CRON_LABEL) == key.name and CLEANUP_LABEL in labels:
            draft.drop(DATA_SOURCES, name)
            ref = DATA_SOURCES.ref(*name)
            summary = f"CDI deletes {ref} with its DataImportCron"
            draft.log(Actor.CDI, Action.DELETE, ref, summary, Rule.RETENTION, depends=depends)


def _marked(draft: Draft, key: Key) -> Iterator[tuple[Resource[Any], Key]]:
    for resource in _IMAGES:
        for image, row in sorted(draft.rows(resource).items()):
            labels = labels_of(row)
            mine = image.namespace == key.namespace and labels.get(CRON_LABEL) == key.name
            if mine and labels.get(CLEANUP_LABEL) == "true":
                yield resource, image


def _keep(draft: Draft, key: Key, depends: str) -> None:
    """With retentionPolicy All the images stay, unused until a DataImportCron of the same image adopts them."""
    kept = [
        str(resource.ref(*image))
        for resource in _IMAGES[1:]
        for image, row in sorted(draft.rows(resource).items())
        if image.namespace == key.namespace and labels_of(row).get(CRON_LABEL) == key.name
    ]
    if kept:
        ref = DATA_IMPORT_CRONS.ref(*key)
        summary = f"CDI keeps the images of {ref}: {list_some(kept)}"
        draft.log(Actor.CDI, Action.KEEP, ref, summary, Rule.RETENTION, depends=depends)
