"""Which templates and virtual machines refer to which DataSource, and whether it still matters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple, Protocol

from exporter.cluster.resource import Ref, Resource
from exporter.cluster.resources import (
    DATA_SOURCES,
    DATA_VOLUMES,
    TEMPLATES,
    VIRTUAL_MACHINE_TEMPLATES,
    VIRTUAL_MACHINES,
)
from exporter.cluster.snapshot import View, joint
from exporter.kube.contract import Key
from exporter.model.clones import CLAIM, SNAPSHOT, Reference
from exporter.model.data_volumes import SUCCEEDED, DataVolume
from exporter.model.kubevirt import VirtualMachine
from exporter.model.wire import ABSENT, Condition


class Relevance(StrEnum):
    """Whether a reference still matters."""

    NOW = "now"
    """A volume is to be made from it: a new virtual machine of a template, or one whose volume KubeVirt cannot make."""
    LATER = "later"
    """The volume is made at the first start."""
    WAITING = "waiting"
    """The DataVolume exists and has not begun to copy: it waits for what the DataSource stood for when it was made."""
    HISTORY = "history"
    """The volume exists; the reference stays in the spec for ever.

    So it does if there is no DataVolume and KubeVirt does not complain: then the volume is a bare claim (CDI before
    1.58 collected finished DataVolumes).
    """
    UNCLEAR = "unclear"
    """No DataVolume, and KubeVirt has not said anything about the machine yet."""


LIVE: Final = frozenset({Relevance.NOW, Relevance.LATER, Relevance.WAITING})
"""References that somebody waits for."""
WITHOUT_SOURCE: Final = "CloneWithoutSource"
"""CDI's reason on a DataVolume whose source does not exist."""
_NOT_BEGUN: Final = frozenset({"", "Pending", "CloneScheduled"})
"""Phases in which a clone waits for its source; later ones have it."""


class Link(NamedTuple):
    """One reference and who makes it. A tuple, since thousands are made whenever a machine changes."""

    by: Ref
    reference: Reference
    target: Key
    """The DataSource that it names, with the namespace filled in."""
    matter: Relevance = Relevance.NOW
    since: datetime | None = None
    """Since when somebody waits for it, as far as objects tell."""
    said: str = ""
    """What KubeVirt or CDI says about the volume that is to be made."""
    source_gone: bool = False
    """CDI says that what the DataVolume is to be copied from does not exist."""
    in_volume: bool = False
    """The reference stands in a DataVolume, not in a VirtualMachine or template."""


class _Referring(Protocol):
    @property
    def references(self) -> tuple[Reference, ...]: ...


def _indirect(row: _Referring) -> Iterator[Reference]:
    """References to DataSources. What is cloned without one is in `consumers`."""
    return (reference for reference in row.references if not reference.direct)


def _links(resource: Resource[Any], rows: Iterable[tuple[Key, _Referring]]) -> Iterator[Link]:
    for key, row in rows:
        for reference in _indirect(row):
            yield Link(resource.ref(*key), reference, Key(reference.namespace, reference.name))


@joint(TEMPLATES)
def template_links(view: View) -> tuple[Link, ...]:
    """References of OpenShift Templates. One without a namespace means the namespace of the machine made from it."""
    table = view[TEMPLATES]
    return tuple(_links(TEMPLATES, table))


@joint(VIRTUAL_MACHINE_TEMPLATES)
def machine_template_links(view: View) -> tuple[Link, ...]:
    """References of VirtualMachineTemplates."""
    table = view[VIRTUAL_MACHINE_TEMPLATES]
    return tuple(_links(VIRTUAL_MACHINE_TEMPLATES, table))


@joint(VIRTUAL_MACHINES, DATA_VOLUMES)
def machine_links(view: View) -> tuple[Link, ...]:
    """References of VirtualMachines that are not settled; an empty namespace is the machine's own."""
    volumes = view[DATA_VOLUMES].rows
    found = []
    for key, machine in view[VIRTUAL_MACHINES].rows.items():
        if machine.settled:
            continue
        by = VIRTUAL_MACHINES.ref(*key)
        for reference in _indirect(machine):
            target = Key(reference.namespace or key.namespace, reference.name)
            volume = volumes.get(Key(key.namespace, reference.volume))
            found.append(_machine_link(by, reference, target, machine, volume))
    return tuple(found)


@joint(VIRTUAL_MACHINES)
def mounts(view: View) -> Mapping[Key, tuple[Ref, ...]]:
    """VirtualMachines by the claims that they mount and do not make, as far as those matter."""
    found: dict[Key, list[Ref]] = {}
    for key, machine in view[VIRTUAL_MACHINES].rows.items():
        for name in machine.mounts:
            found.setdefault(Key(key.namespace, name), []).append(VIRTUAL_MACHINES.ref(*key))
    return {claim: tuple(sorted(refs)) for claim, refs in found.items()}


@joint(VIRTUAL_MACHINES)
def suppressing_machines(view: View) -> frozenset[Ref]:
    """VirtualMachines that carry a suppression of their own."""
    return frozenset(VIRTUAL_MACHINES.ref(*key) for key, row in view[VIRTUAL_MACHINES].rows.items() if row.suppress)


@joint(VIRTUAL_MACHINES, mounts)
def takers(view: View) -> Mapping[Key, Ref]:
    """The VirtualMachine that waits for a volume, because it makes or mounts it, by the volume."""
    found = {claim: refs[0] for claim, refs in mounts(view).items()}
    for key, machine in view[VIRTUAL_MACHINES].rows.items():
        for reference in () if machine.settled else machine.references:
            found[Key(key.namespace, reference.volume)] = VIRTUAL_MACHINES.ref(*key)
    return found


def consumer_of(key: Key, volume: DataVolume, taken: Mapping[Key, Ref]) -> Ref:
    """Who waits for a DataVolume that is not finished: the VirtualMachine that made or mounts it, else itself."""
    if volume.owner:
        return VIRTUAL_MACHINES.ref(key.namespace, volume.owner)
    return taken.get(key, DATA_VOLUMES.ref(*key))


@joint(DATA_VOLUMES, takers)
def volume_links(view: View) -> tuple[Link, ...]:
    """References of DataVolumes that are not made by a VirtualMachine and not finished.

    CDI keeps their sourceRef and follows it until they have begun to copy, so that they need the DataSource until then.
    """
    taken, found = takers(view), []
    for key, volume in view[DATA_VOLUMES].rows.items():
        origin = volume.origin
        if origin is None or origin.kind in (CLAIM, SNAPSHOT) or volume.phase == SUCCEEDED:
            continue
        reference = Reference(volume=key.name, kind=origin.kind, namespace=origin.namespace, name=origin.name)
        waits, said = _waits(volume), _source_state(volume)[1]
        by, matter = consumer_of(key, volume, taken), Relevance.NOW if waits else Relevance.HISTORY
        target = Key(origin.namespace, origin.name)
        found.append(Link(by, reference, target, matter, volume.created, said, in_volume=True))
    return tuple(found)


@joint(VIRTUAL_MACHINES)
def past_references(view: View) -> Mapping[Reference, int]:
    """References of settled VirtualMachines, all of them history, with the number of machines that make them.

    Nearly all machines of a large cluster are settled, and one of them changes all the time. They share rows, so rows
    are counted: a Link for each machine would make every change cost what the whole cluster costs.
    """
    rows = view[VIRTUAL_MACHINES].rows.values()
    distinct = {id(row): row for row in rows}
    found: Counter[Reference] = Counter()
    for identity, machines in Counter(map(id, rows)).items():
        row = distinct[identity]
        if row.settled:
            found.update(dict.fromkeys(_indirect(row), machines))
    return found


@joint(VIRTUAL_MACHINES)
def machine_counts(view: View) -> Mapping[Key, int]:
    """How many VirtualMachines name each DataSource, whether or not their volumes are made already."""
    found: Counter[Key] = Counter()
    rows = view[VIRTUAL_MACHINES].rows.items()
    shared: Counter[int] = Counter(id(row) for _, row in rows if row.settled)
    for key, row in rows:
        machines = shared.pop(id(row), 0) if row.settled else 1
        targets = {Key(r.namespace or key.namespace, r.name) for r in _indirect(row) if r.definite} if machines else ()
        found.update(dict.fromkeys(targets, machines))
    return found


def _machine_link(
    by: Ref, reference: Reference, target: Key, machine: VirtualMachine, volume: DataVolume | None
) -> Link:
    """KubeVirt resolves the DataSource only while the DataVolume does not exist."""
    if volume is not None:
        if machine.running or not _waits(volume):
            return Link(by, reference, target, Relevance.HISTORY)
        gone, said = _source_state(volume)
        return Link(by, reference, target, Relevance.WAITING, volume.created, said, gone)
    if machine.failure:
        return Link(by, reference, target, Relevance.NOW, machine.failed_since or machine.created, machine.failure)
    if machine.running:
        return Link(by, reference, target, Relevance.HISTORY)
    if machine.deferred:
        return Link(by, reference, target, Relevance.LATER)
    return Link(by, reference, target, Relevance.HISTORY if machine.told else Relevance.UNCLEAR)


def _waits(volume: DataVolume) -> bool:
    return volume.deleted is None and (volume.phase in _NOT_BEGUN or _missing_source_condition(volume) is not None)


def _missing_source_condition(volume: DataVolume) -> Condition | None:
    return next((c for c in volume.conditions if c.reason == WITHOUT_SOURCE), None)


def _source_state(volume: DataVolume) -> tuple[bool, str]:
    """Whether the source is gone, and CDI's own words."""
    gone, bound = _missing_source_condition(volume), volume.condition("Bound")
    told = gone or (None if bound is ABSENT else bound)
    words = ": ".join(part for part in (told.reason, told.message) if part) if told else ""
    return gone is not None, words or f"phase {volume.phase or 'not set'}"


@joint(machine_links)
def live_machines(view: View) -> Mapping[Ref, tuple[Link, ...]]:
    """The references of each VirtualMachine that are not history, in the order of its volumes."""
    found: dict[Ref, list[Link]] = {}
    for link in machine_links(view):
        if link.matter is not Relevance.HISTORY:
            found.setdefault(link.by, []).append(link)
    return {by: tuple(links) for by, links in found.items()}


@joint(machine_links, volume_links, suppressing_machines, DATA_VOLUMES)
def waiting(view: View) -> Mapping[Ref, tuple[Link, ...]]:
    """References that are not history, by the DataSource that they name: however many name it, it is one problem.

    What names no one DataSource, and what carries a suppression of its own, stands for itself.
    """
    found: dict[Ref, list[Link]] = {}
    for link in (*machine_links(view), *volume_links(view)):
        if link.matter is not Relevance.HISTORY:
            alone = not link.reference.definite or _suppressed(view, link.by)
            found.setdefault(link.by if alone else DATA_SOURCES.ref(*link.target), []).append(link)
    return {subject: tuple(sorted(links, key=_in_order)) for subject, links in found.items()}


def _suppressed(view: View, by: Ref) -> bool:
    row = view[DATA_VOLUMES].rows.get(Key(by.namespace, by.name)) if by.kind == "DataVolume" else None
    return by in suppressing_machines(view) or bool(row and row.suppress)


def _in_order(link: Link) -> tuple[Ref, int, str]:
    return link.by, link.reference.index, link.reference.volume


def by_target(links: Iterable[Link]) -> Mapping[Key, tuple[Link, ...]]:
    """Links by the DataSource that they name; those that name none, or whose name is not known yet, are left out."""
    found: dict[Key, list[Link]] = {}
    for link in links:
        if link.reference.definite:
            found.setdefault(link.target, []).append(link)
    return {target: tuple(each) for target, each in found.items()}


@joint(template_links, machine_template_links)
def template_consumers(view: View) -> Mapping[Key, tuple[Link, ...]]:
    """Templates of both kinds by the DataSource that they name."""
    return by_target((*template_links(view), *machine_template_links(view)))


@joint(template_consumers)
def templates_by_source(view: View) -> Mapping[Ref, tuple[Link, ...]]:
    """The same, named for people. A reference without a namespace names no one DataSource."""
    return {DATA_SOURCES.ref(*target): links for target, links in template_consumers(view).items() if target.namespace}


@joint(machine_links, volume_links)
def machine_consumers(view: View) -> Mapping[Key, tuple[Link, ...]]:
    """VirtualMachines that are not settled and DataVolumes that are not finished, by the DataSource that they name."""
    return by_target((*machine_links(view), *volume_links(view)))
