"""DataImportCrons: what they follow, and what CDI says of them. At most 12 series each, schedules included."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from exporter.cluster.resources import DATA_IMPORT_CRONS, STORAGE_CLASSES
from exporter.joins.crons import cron_source_kind, polling
from exporter.joins.defaults import defaults
from exporter.joins.image_facts import proven_newest
from exporter.joins.platform import cdi_minor
from exporter.metrics.family import (
    Facts,
    Family,
    Sample,
    bounded_reason,
    format_boolean,
    per_cluster,
    per_row,
    unix_seconds,
)
from exporter.model.cdi import DataImportCron, owned_by_ssp
from exporter.model.wire import ABSENT

CRON: Final = ("object_namespace", "dataimportcron")
_UP_TO_DATE: Final = frozenset({"UpToDate", "NoDigest", "Outdated", "ImportProgressing"})
PHASES: Final = frozenset(
    {
        *("Pending", "PVCBound", "ImportScheduled", "ImportInProgress", "WaitForFirstConsumer", "PendingPopulation"),
        *("CloneScheduled", "CloneInProgress", "Failed", "Unknown"),
    }
)
"""Phases of a DataVolume that CDI passes on as a reason."""
_PROGRESSING: Final = frozenset({"NoImport", "ImportProgressing", "NotAuthorized", *PHASES})


def cron_labels(cron: DataImportCron) -> tuple[str, str]:
    """Label values that identify a cron."""
    return cron.metadata.namespace, cron.metadata.name


@per_cluster(
    "bootsource_dataimportcron_info",
    labels=(*CRON, "datasource", "source", "polling", "owned_by_ssp"),
    help="Identity of each DataImportCron, always 1. datasource: spec.managedDataSource. source: registry, "
    "imagestream, pvc or none. polling: cronjob, node, imagestream, pvc, external (empty schedule) or unsupported.",
    reads=(DATA_IMPORT_CRONS,),
    optional=(cdi_minor,),
)
def _info(facts: Facts) -> Iterator[Sample]:
    minor = facts.join(cdi_minor) if facts.is_known(cdi_minor) else None
    for cron in facts[DATA_IMPORT_CRONS].rows.values():
        kinds = (cron_source_kind(cron), polling(cron, minor), format_boolean(owned_by_ssp(cron.metadata)))
        yield (*cron_labels(cron), cron.spec.managed_data_source, *kinds), 1


@per_cluster(
    "bootsource_dataimportcron_storageclass_info",
    labels=(*CRON, "storageclass", "explicit"),
    help="StorageClass that the images of a DataImportCron go to by the rules of CDI, always 1. storageclass: empty "
    "if CDI finds none. explicit: true if the spec names one, which may not exist, or be empty.",
    reads=(DATA_IMPORT_CRONS, STORAGE_CLASSES, defaults),
    optional=(cdi_minor,),
)
def _storage_class(facts: Facts) -> Iterator[Sample]:
    if facts[STORAGE_CLASSES].rejected:
        return  # one that cannot be read may be the default
    rules = facts.join(defaults).for_cdi(facts.join(cdi_minor) if facts.is_known(cdi_minor) else None)
    for cron in facts[DATA_IMPORT_CRONS].rows.values():
        yield (
            (
                *cron_labels(cron),
                rules.resolve(cron.spec),
                format_boolean(cron.spec.explicit_storage_class is not None),
            ),
            1,
        )


def _condition_samples(cron: DataImportCron, type_: str, reasons: frozenset[str]) -> Iterator[Sample]:
    """A condition that says True or False, with its reason; nothing if it says neither."""
    condition = cron.condition(type_)
    if condition is not ABSENT and (condition.true or condition.false):
        yield (*cron_labels(cron), bounded_reason(reasons, condition.reason)), condition.true


@per_row(
    DATA_IMPORT_CRONS,
    "bootsource_dataimportcron_up_to_date",
    labels=(*CRON, "reason"),
    help="DataImportCron condition UpToDate: 1 if the newest image that CDI knows is imported, 0 if not. reason: "
    "UpToDate, NoDigest, Outdated, ImportProgressing or Other. No sample until CDI has said.",
)
def _up_to_date(cron: DataImportCron) -> Iterator[Sample]:
    return _condition_samples(cron, "UpToDate", _UP_TO_DATE)


@per_row(
    DATA_IMPORT_CRONS,
    "bootsource_dataimportcron_progressing",
    labels=(*CRON, "reason"),
    help="DataImportCron condition Progressing: 1 while an import runs, 0 if not. reason: NoImport, "
    "ImportProgressing, NotAuthorized, the phase of the DataVolume, or Other. No sample until CDI has said.",
)
def _progressing(cron: DataImportCron) -> Iterator[Sample]:
    return _condition_samples(cron, "Progressing", _PROGRESSING)


@per_row(
    DATA_IMPORT_CRONS,
    "bootsource_dataimportcron_conditions",
    labels=CRON,
    help="Number of conditions in the status of a DataImportCron. 0: CDI has never completed a reconcile of it.",
)
def _conditions(cron: DataImportCron) -> Iterator[Sample]:
    yield cron_labels(cron), len(cron.status.conditions)


def _timestamp(cron: DataImportCron, instant: datetime | None) -> Iterator[Sample]:
    at = unix_seconds(instant)
    if at is not None:
        yield cron_labels(cron), at


@per_row(
    DATA_IMPORT_CRONS,
    "bootsource_dataimportcron_last_execution_timestamp_seconds",
    labels=CRON,
    help="When the source of a DataImportCron was last polled with success, as Unix time: the later of "
    "status.lastExecutionTimestamp and the annotation lastCronTime. No sample if it never was.",
)
def _last_execution(cron: DataImportCron) -> Iterator[Sample]:
    return _timestamp(cron, cron.last_poll)


@per_row(
    DATA_IMPORT_CRONS,
    "bootsource_dataimportcron_last_import_timestamp_seconds",
    labels=CRON,
    help="When a DataImportCron last imported a new image, as Unix time: status.lastImportTimestamp. "
    "No sample if it never has.",
)
def _last_import(cron: DataImportCron) -> Iterator[Sample]:
    return _timestamp(cron, cron.status.last_import_timestamp)


@per_row(
    DATA_IMPORT_CRONS,
    "bootsource_dataimportcron_proven_newest_timestamp_seconds",
    labels=(*CRON, "evidence"),
    help="When the image of a DataImportCron was last proven to be the newest, as Unix time: the last successful poll "
    "while UpToDate is True, else when UpToDate became False. evidence: cdi, that is by what CDI says. "
    "No sample if it has no image, or if no poll is known.",
)
def _proven_newest(cron: DataImportCron) -> Iterator[Sample]:
    proof = proven_newest(cron)
    at = unix_seconds(proof.value) if proof else None
    if proof is not None and at is not None:
        yield (*cron_labels(cron), proof.evidence.value), at


CRONS: Final[tuple[Family, ...]] = (
    _info,
    _storage_class,
    _up_to_date,
    _progressing,
    _conditions,
    _last_execution,
    _last_import,
    _proven_newest,
)
