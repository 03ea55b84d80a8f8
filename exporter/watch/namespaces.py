"""In which namespaces boot sources are: those are watched for volumes, snapshots, streams and pods. Pure."""

from __future__ import annotations

from typing import Any, Final

from exporter.cluster.resource import Resource
from exporter.cluster.resources import CRON_JOBS, DATA_IMPORT_CRONS, DATA_SOURCES, HYPERCONVERGEDS
from exporter.cluster.snapshot import ClusterSnapshot
from exporter.kube.contract import State
from exporter.model.cdi import Pointer

_EVERYWHERE: Final = frozenset({""})


def hidden(cluster: ClusterSnapshot) -> str:
    """Why it cannot be told in which namespaces boot sources are; "" if it can, or if it is just too early."""
    for table in (cluster[DATA_IMPORT_CRONS], cluster[DATA_SOURCES]):
        if table.state is State.FAILED:
            return f"where boot sources are cannot be told: {table.resource} {table.state}"
    return ""


def boot_source_namespaces(cluster: ClusterSnapshot) -> frozenset[str] | None:
    """The namespaces in which images are kept or looked for; None while that cannot be told.

    What names them may stay forbidden for ever. Then it is all of them: dearer, but nothing else gets blind by it.
    """
    crons, sources = cluster[DATA_IMPORT_CRONS], cluster[DATA_SOURCES]
    if State.FORBIDDEN in (crons.state, sources.state):
        return _EVERYWHERE
    if State.PENDING in (crons.state, sources.state) or hidden(cluster):
        return None
    found: set[str] = set()
    for key, cron in crons.rows.items():
        found |= {key.namespace, *_named(cron.source.pvc)}
    for key, source in sources.rows.items():
        stands_for = source.spec.source
        found |= {key.namespace, *_named(stands_for.pvc), *_named(stands_for.snapshot)}
    found.update(hco.boot_image_namespace for hco in cluster[HYPERCONVERGEDS].rows.values())
    found.discard("")
    return frozenset(found) if len(found) <= _MANY else _EVERYWHERE


def watched_in(resource: Resource[Any], wanted: frozenset[str], cluster: ClusterSnapshot) -> dict[str, str]:
    """The namespaces in which to watch this resource, each with its label selector. `wanted` holds boot sources.

    CDI's own namespace is where its poller CronJobs are, and nowhere as long as there is none.
    """
    places = dict.fromkeys(wanted, resource.label_selector)
    if resource.at_pollers is not None and wanted != _EVERYWHERE:
        polling = {key.namespace for key in cluster[CRON_JOBS].rows}
        places = {**dict.fromkeys(polling, resource.at_pollers), **places}
    return places


def _named(pointer: Pointer | None) -> tuple[str, ...]:
    return (pointer.namespace,) if pointer else ()


_MANY: Final = 16
"""Above so many namespaces one watch of all of them is cheaper than one each."""
