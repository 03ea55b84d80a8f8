"""Which kinds that a dump lacks are needed to judge what it holds.

A kind that nothing in the dump points to was not collected, and that is all there is to say: an older version does not
serve it, a must-gather does not collect it, or `oc get` prints nothing for a kind without objects. A kind that
something in the dump depends on leaves the verdict open.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from exporter.cluster.resource import Resource
from exporter.cluster.resources import (
    CDIS,
    CRON_JOBS,
    DATA_IMPORT_CRONS,
    DATA_SOURCES,
    DATA_VOLUMES,
    HYPERCONVERGEDS,
    IMAGE_STREAMS,
    PERSISTENT_VOLUME_CLAIMS,
    SSPS,
    STORAGE_CLASSES,
    STORAGE_PROFILES,
    TEMPLATES,
    VOLUME_SNAPSHOT_CLASSES,
    VOLUME_SNAPSHOT_CONTENTS,
    VOLUME_SNAPSHOTS,
)
from exporter.cluster.snapshot import ClusterSnapshot
from exporter.joins.crons import Polling, polling
from exporter.joins.platform import cdi_minor
from exporter.model.cdi import owned_by_ssp

AGGREGATED: Final[tuple[Resource[Any], ...]] = (IMAGE_STREAMS, TEMPLATES)
"""Served by the OpenShift API server, which may be down while the rest answers: what is missing may well exist."""
LATE_IN_MUST_GATHER: Final[tuple[Resource[Any], ...]] = (STORAGE_CLASSES,)
"""Collected by must-gather since December 2025 only (kubevirt/must-gather 220)."""


def is_openshift(cluster: ClusterSnapshot) -> bool:
    """The dump shows that it is one of OpenShift, by a namespace that only OpenShift has."""
    return any(f"{key.namespace}-".startswith("openshift-") for table in cluster for key in table.rows)


def why_required(cluster: ClusterSnapshot, resource: Resource[Any]) -> str:
    """What in the dump needs this kind, as half a sentence; "" if nothing does."""
    rule = RULES.get(resource)
    return rule(cluster) if rule else ""


def _crons(cluster: ClusterSnapshot) -> str:
    if any(ssp.spec.common_templates.data_import_cron_templates for ssp in cluster[SSPS].rows.values()):
        return "SSP lists entries for them"
    followed = any(source.cron for source in cluster[DATA_SOURCES].rows.values())
    return "DataSources are managed by them" if followed else ""


def _by_crons(cluster: ClusterSnapshot) -> str:
    return "DataImportCrons depend on them" if cluster[DATA_IMPORT_CRONS].rows else ""


def _ssp(cluster: ClusterSnapshot) -> str:
    if any(owned_by_ssp(cron.metadata) for cron in cluster[DATA_IMPORT_CRONS].rows.values()):
        return "DataImportCrons are made from it"
    return "HyperConverged is propagated through it" if cluster[HYPERCONVERGEDS].rows else ""


def _hyperconverged(cluster: ClusterSnapshot) -> str:
    return "SSP is made from it" if cluster[SSPS].rows else ""


def _claims(cluster: ClusterSnapshot) -> str:
    sources = cluster[DATA_SOURCES].rows.values()
    if any(source.spec.source.pvc is not None and not source.placeholder for source in sources):
        return "DataSources point at them"
    crons = cluster[DATA_IMPORT_CRONS].rows.values()
    return "DataImportCrons copy them" if any(cron.source.pvc is not None for cron in crons) else ""


def _snapshots(cluster: ClusterSnapshot) -> str:
    pointing = any(source.spec.source.snapshot is not None for source in cluster[DATA_SOURCES].rows.values())
    return "DataSources point at them" if pointing else ""


def _snapshot_classes(cluster: ClusterSnapshot) -> str:
    asking = any(profile.source_format == "snapshot" for profile in cluster[STORAGE_PROFILES].rows.values())
    return "StorageProfiles ask for snapshots" if asking else ""


def _snapshot_contents(cluster: ClusterSnapshot) -> str:
    return "VolumeSnapshots are bound to them" if cluster[VOLUME_SNAPSHOTS].rows else ""


def _data_volumes(cluster: ClusterSnapshot) -> str:
    conditions = (c for cron in cluster[DATA_IMPORT_CRONS].rows.values() for c in cron.status.conditions)
    return "DataImportCrons are importing" if any(c.type == "Progressing" and c.true for c in conditions) else ""


def _has_polling(cluster: ClusterSnapshot, way: Polling) -> bool:
    minor = cdi_minor(cluster)
    return any(polling(cron, minor) is way for cron in cluster[DATA_IMPORT_CRONS].rows.values())


def _cron_jobs(cluster: ClusterSnapshot) -> str:
    return "they poll for DataImportCrons" if _has_polling(cluster, Polling.CRON_JOB) else ""


def _image_streams(cluster: ClusterSnapshot) -> str:
    return "DataImportCrons follow them" if _has_polling(cluster, Polling.IMAGE_STREAM) else ""


RULES: Final[Mapping[Resource[Any], Callable[[ClusterSnapshot], str]]] = {
    DATA_IMPORT_CRONS: _crons,
    DATA_SOURCES: _by_crons,
    CDIS: _by_crons,
    STORAGE_CLASSES: _by_crons,
    STORAGE_PROFILES: _by_crons,
    SSPS: _ssp,
    HYPERCONVERGEDS: _hyperconverged,
    PERSISTENT_VOLUME_CLAIMS: _claims,
    VOLUME_SNAPSHOTS: _snapshots,
    VOLUME_SNAPSHOT_CLASSES: _snapshot_classes,
    VOLUME_SNAPSHOT_CONTENTS: _snapshot_contents,
    DATA_VOLUMES: _data_volumes,
    CRON_JOBS: _cron_jobs,
    IMAGE_STREAMS: _image_streams,
}
"""Consumers (VMs, templates), quotas, nodes and pods are not among them: nothing in the dump depends on them."""
