"""In which namespaces boot sources are: those are watched for volumes, snapshots, streams and pods. Pure."""

from __future__ import annotations

from typing import Any, Final

from exporter.cluster.resource import Resource
from exporter.cluster.resources import CRON_JOBS, DATA_IMPORT_CRONS, DATA_SOURCES, HYPERCONVERGEDS
from exporter.cluster.snapshot import ClusterSnapshot
from exporter.cluster.store import ELSEWHERE
from exporter.joins.consumers import template_copies
from exporter.kube.contract import State
from exporter.model.cdi import Pointer

_EVERYWHERE: Final = frozenset({""})
_MANY: Final = 16
"""Above this number of namespaces one watch of all namespaces is cheaper than a watch for each."""


def why_hidden(cluster: ClusterSnapshot) -> str:
    """Why the namespaces of boot sources are unknown; "" if they are known or the first list has not ended."""
    for table in (cluster[DATA_IMPORT_CRONS], cluster[DATA_SOURCES]):
        if table.state is State.FAILED:
            return f"where boot sources are cannot be told: {table.resource} {table.state}"
    return ""


def boot_source_namespaces(cluster: ClusterSnapshot) -> frozenset[str] | None:
    """The namespaces that hold boot sources or their images; the set {""} stands for all, None means not known yet.

    The resources that name these namespaces may be forbidden. Then all namespaces are watched: that is more expensive,
    but one missing permission does not make other checks blind.
    """
    crons, sources = cluster[DATA_IMPORT_CRONS], cluster[DATA_SOURCES]
    if State.FORBIDDEN in (crons.state, sources.state):
        return _EVERYWHERE
    if State.PENDING in (crons.state, sources.state) or why_hidden(cluster):
        return None
    found: set[str] = set()
    for key, cron in crons.rows.items():
        found |= {key.namespace, *_pointer_namespace(cron.source.pvc)}
    for key, source in sources.rows.items():
        stands_for = source.spec.source
        found |= {key.namespace, *_pointer_namespace(stands_for.pvc), *_pointer_namespace(stands_for.snapshot)}
    found.update(hco.boot_image_namespace for hco in cluster[HYPERCONVERGEDS].rows.values())
    found.discard("")
    # Templates may be in every namespace of the cluster: what they clone is looked at as far as there is room.
    cloned = {copy.origin.namespace for copy in cluster.join(template_copies)} - found - {""}
    return frozenset({*found, *sorted(cloned)[: max(0, _MANY - len(found))]})


def watch_scope(needed: frozenset[str], only: frozenset[str] | None) -> tuple[frozenset[str], frozenset[str]]:
    """Where to watch, and which of the needed namespaces that leaves out; `only` is what the administrator allows."""
    if only is None:
        return (needed if len(needed) <= _MANY else _EVERYWHERE), frozenset()
    if needed == _EVERYWHERE:
        return only, frozenset({ELSEWHERE})
    # Always one watch per namespace: an account that has only Roles may not watch all namespaces at once.
    return needed & only, needed - only


def watched_in(
    resource: Resource[Any], scope: frozenset[str], cluster: ClusterSnapshot, only: frozenset[str] | None
) -> dict[str, str]:
    """The namespaces in which to watch this resource, each with its label selector; `scope` and `only` as above.

    CDI's own namespace is where its poller CronJobs are, and nowhere as long as there is none.
    """
    places = dict.fromkeys(scope, resource.label_selector)
    if resource.at_pollers is None or scope == _EVERYWHERE:
        return places
    polling = {key.namespace for key in cluster[CRON_JOBS].rows if only is None or key.namespace in only}
    return {**dict.fromkeys(polling, resource.at_pollers), **places}


def _pointer_namespace(pointer: Pointer | None) -> tuple[str, ...]:
    return (pointer.namespace,) if pointer else ()
