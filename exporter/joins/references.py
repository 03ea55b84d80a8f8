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
from exporter.model.cdi import DataVolume
from exporter.model.kubevirt import Reference, VirtualMachine
from exporter.model.wire import ABSENT, Condition


class Matter(StrEnum):
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


LIVE: Final = frozenset({Matter.NOW, Matter.LATER, Matter.WAITING})
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
    matter: Matter = Matter.NOW
    since: datetime | None = None
    """Since when somebody waits for it, as far as objects tell."""
    said: str = ""
    """What KubeVirt or CDI says about the volume that is to be made."""
    source_gone: bool = False
    """CDI says that what the DataVolume is to be copied from does not exist."""


class _Referring(Protocol):
    @property
    def references(self) -> tuple[Reference, ...]: ...


def _links(resource: Resource[Any], rows: Iterable[tuple[Key, _Referring]]) -> Iterator[Link]:
    for key, row in rows:
        for reference in row.references:
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
        for reference in machine.references:
            target = Key(reference.namespace or key.namespace, reference.name)
            volume = volumes.get(Key(key.namespace, reference.volume))
            found.append(_machine_link(by, reference, target, machine, volume))
    return tuple(found)


@joint(VIRTUAL_MACHINES)
def settled_references(view: View) -> Mapping[Reference, int]:
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
            found.update(dict.fromkeys(row.references, machines))
    return found


def _machine_link(
    by: Ref, reference: Reference, target: Key, machine: VirtualMachine, volume: DataVolume | None
) -> Link:
    """KubeVirt resolves the DataSource only while the DataVolume does not exist."""
    if volume is not None:
        if machine.running or not _waits(volume):
            return Link(by, reference, target, Matter.HISTORY)
        gone, said = _said(volume)
        return Link(by, reference, target, Matter.WAITING, volume.created, said, gone)
    if machine.failure:
        return Link(by, reference, target, Matter.NOW, machine.failed_since or machine.created, machine.failure)
    if machine.running:
        return Link(by, reference, target, Matter.HISTORY)
    if machine.deferred:
        return Link(by, reference, target, Matter.LATER)
    return Link(by, reference, target, Matter.HISTORY if machine.told else Matter.UNCLEAR)


def _waits(volume: DataVolume) -> bool:
    return volume.deleted is None and (volume.phase in _NOT_BEGUN or _unsourced(volume) is not None)


def _unsourced(volume: DataVolume) -> Condition | None:
    return next((c for c in volume.conditions if c.reason == WITHOUT_SOURCE), None)


def _said(volume: DataVolume) -> tuple[bool, str]:
    """Whether the source is gone, and CDI's own words."""
    gone, bound = _unsourced(volume), volume.condition("Bound")
    told = gone or (None if bound is ABSENT else bound)
    words = ": ".join(part for part in (told.reason, told.message) if part) if told else ""
    return gone is not None, words or f"phase {volume.phase or 'not set'}"


@joint(machine_links)
def live_machines(view: View) -> Mapping[Ref, tuple[Link, ...]]:
    """The references of each VirtualMachine that are not history, in the order of its volumes."""
    found: dict[Ref, list[Link]] = {}
    for link in machine_links(view):
        if link.matter is not Matter.HISTORY:
            found.setdefault(link.by, []).append(link)
    return {by: tuple(links) for by, links in found.items()}


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


@joint(machine_links)
def machine_consumers(view: View) -> Mapping[Key, tuple[Link, ...]]:
    """VirtualMachines that are not settled by the DataSource that they name."""
    return by_target(machine_links(view))
