"""What is known of the kinds that a dump does not hold."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from exporter.cluster.resource import Resource
from exporter.cluster.resources import DATA_IMPORT_CRONS, HYPERCONVERGEDS, IMAGE_STREAMS, NAMESPACES
from exporter.cluster.store import Store
from exporter.dump.reader import DumpReader
from exporter.dump.record import CollectionRecord
from exporter.dump.required_kinds import AGGREGATED, LATE_IN_MUST_GATHER, is_openshift, why_required
from exporter.kube.contract import NOT_IN_DUMP, State

_KUBEVIRT: Final = ".kubevirt.io"


def first_states(reading: DumpReader, *, complete: bool) -> dict[Resource[Any], tuple[State, str]]:
    """The states of kinds that were not found, as far as they do not depend on what was found."""
    # A part that could not be read, and does not tell what it held, may have held any of them.
    empty = complete and not reading.unattributed
    return {resource: _state(resource, reading, complete=empty) for resource in reading.collection.missing()}


def _state(resource: Resource[Any], reading: DumpReader, *, complete: bool) -> tuple[State, str]:
    if reading.record is not None and str(resource) in reading.record.states:
        return reading.record.states[str(resource)]
    if not _is_served(resource, reading.definitions):
        return State.NOT_SERVED, "the dump holds CustomResourceDefinitions, and not that of this kind"
    if complete:
        return State.LIVE, NOT_IN_DUMP
    return State.NOT_COLLECTED, f"the dump holds no {resource.kind}"


def _is_served(resource: Resource[Any], definitions: set[str]) -> bool:
    """False if the dump lists the CustomResourceDefinitions among which it would be.

    A must-gather collects those of KubeVirt only; a list that holds others as well is taken to be the whole list.
    """
    if f"{resource.plural}.{resource.group}" in definitions or len(definitions) < 2:
        return True
    custom = resource.group.endswith(_KUBEVIRT) or resource.group == "snapshot.storage.k8s.io"
    of_all = any(not name.endswith(_KUBEVIRT) for name in definitions)
    of_several_groups = len({name.partition(".")[2] for name in definitions}) > 1
    return not (custom and of_several_groups and (of_all or resource.group.endswith(_KUBEVIRT)))


def set_states(store: Store, resources: Iterable[Resource[Any]], reading: DumpReader, *, complete: bool) -> None:
    """The states that depend on what was found: aggregated kinds, partial tables, and what is needed to judge."""
    missing = reading.collection.missing()
    if reading.record is not None:
        _settle_recorded(store, resources, reading.record)
    told = reading.record.states if reading.record is not None else {}
    for resource in AGGREGATED if complete else ():
        if resource in missing and str(resource) not in told and is_openshift(store.freeze()):
            why = "it is served by an API server of its own, which may not have answered"
            store.settle(resource, State.NOT_COLLECTED, f"the dump holds no {resource.kind}; {why}")
    if reading.must_gather and not complete:
        _settle_partial(store, reading.listed_namespaces)
    cluster = store.freeze()
    for resource in resources:
        late = reading.must_gather and resource in LATE_IN_MUST_GATHER
        why = why_required(cluster, resource) if cluster[resource].state is State.NOT_COLLECTED and not late else ""
        if why:
            remedy = "collect this kind too, or say --complete if the cluster has none"
            remedy = "collect this kind too" if complete else remedy
            store.settle(resource, State.FAILED, f"{cluster[resource].detail}, and {why}; {remedy}")


def _settle_recorded(store: Store, resources: Iterable[Resource[Any]], record: CollectionRecord) -> None:
    """What `collect` could not read to the end is not known, whatever the file holds of it."""
    for resource in resources:
        state, detail = record.states.get(str(resource), (State.LIVE, ""))
        if state in (State.FORBIDDEN, State.FAILED):
            store.settle(resource, state, detail)


def _settle_partial(store: Store, listed: set[str]) -> None:
    """A must-gather holds only the namespaces that it looks into, and only their ImageStreams."""
    cluster = store.freeze()
    hyperconvergeds = cluster[HYPERCONVERGEDS].rows.values()
    named = {entry.metadata.namespace for hco in hyperconvergeds for entry in hco.entries}
    named |= {hco.boot_image_namespace for hco in hyperconvergeds}
    if cluster[NAMESPACES].state is State.LIVE and not named - {""} <= {key.name for key in cluster[NAMESPACES].rows}:
        store.settle(NAMESPACES, State.NOT_COLLECTED, "the must-gather holds only some Namespaces")
    looked_into = listed | {key.namespace for key in cluster[IMAGE_STREAMS].rows}
    followed = {
        key.namespace
        for key, cron in cluster[DATA_IMPORT_CRONS].rows.items()
        if cron.source.registry is not None and cron.source.registry.image_stream
    }
    if cluster[IMAGE_STREAMS].state is State.LIVE and not followed <= looked_into:
        some = ", ".join(sorted(followed - looked_into)[:5])
        store.settle(IMAGE_STREAMS, State.NOT_COLLECTED, f"the must-gather holds no ImageStream of {some}")
