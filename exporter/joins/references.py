"""Which templates and virtual machines refer to which DataSource, and whether it still matters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from exporter.cluster import Ref, View, joint
from exporter.kube.contract import Key
from exporter.model.kubevirt import Reference, VirtualMachine
from exporter.watched import DATA_VOLUMES, TEMPLATES, VIRTUAL_MACHINE_TEMPLATES, VIRTUAL_MACHINES


class Matter(StrEnum):
    """Whether a reference still matters."""

    NOW = "now"
    """A volume is to be made from it: a new virtual machine of a template, or one whose volume is missing."""
    LATER = "later"
    """The volume is made at the first start."""
    HISTORY = "history"
    """The volume exists; the reference stays in the spec for ever."""
    UNCLEAR = "unclear"
    """No DataVolume, no failure: the volume may be a bare claim (CDI before 1.58 collected finished DataVolumes)."""


@dataclass(frozen=True, slots=True)
class Link:
    """One reference and who makes it."""

    by: Ref
    reference: Reference
    target: Key
    """The DataSource that it names, with the namespace filled in."""
    matter: Matter = Matter.NOW


class _Referring(Protocol):
    @property
    def references(self) -> tuple[Reference, ...]: ...


def _links(kind: str, rows: Iterable[tuple[Key, _Referring]]) -> Iterator[Link]:
    for key, row in rows:
        for reference in row.references:
            yield Link(Ref(kind, *key), reference, Key(reference.namespace, reference.name))


@joint(TEMPLATES)
def template_links(view: View) -> tuple[Link, ...]:
    """References of OpenShift Templates. One without a namespace means the namespace of the machine made from it."""
    table = view[TEMPLATES]
    return tuple(_links("Template", table))


@joint(VIRTUAL_MACHINE_TEMPLATES)
def machine_template_links(view: View) -> tuple[Link, ...]:
    """References of VirtualMachineTemplates."""
    table = view[VIRTUAL_MACHINE_TEMPLATES]
    return tuple(_links("VirtualMachineTemplate", table))


@joint(VIRTUAL_MACHINES, DATA_VOLUMES)
def machine_links(view: View) -> tuple[Link, ...]:
    """References of VirtualMachines; an empty namespace is the machine's own."""
    volumes = view[DATA_VOLUMES].rows
    found = []
    for key, machine in view[VIRTUAL_MACHINES].rows.items():
        for reference in machine.references:
            target = Key(reference.namespace or key.namespace, reference.name)
            has_volume = Key(key.namespace, reference.volume) in volumes
            found.append(Link(Ref("VirtualMachine", *key), reference, target, _matter(machine, has_volume)))
    return tuple(found)


def _matter(machine: VirtualMachine, has_volume: bool) -> Matter:
    """KubeVirt resolves the DataSource only while the DataVolume does not exist."""
    if machine.failure and not has_volume:
        return Matter.NOW
    if has_volume or machine.running:
        return Matter.HISTORY
    return Matter.LATER if machine.deferred else Matter.UNCLEAR


def by_target(links: Iterable[Link]) -> Mapping[Key, tuple[Link, ...]]:
    """Links by the DataSource that they name; those whose name is not known yet are left out."""
    found: dict[Key, list[Link]] = {}
    for link in links:
        if not link.reference.dynamic:
            found.setdefault(link.target, []).append(link)
    return {target: tuple(each) for target, each in found.items()}


@joint(template_links, machine_template_links)
def template_consumers(view: View) -> Mapping[Key, tuple[Link, ...]]:
    """Templates of both kinds by the DataSource that they name."""
    return by_target((*template_links(view), *machine_template_links(view)))


@joint(machine_links)
def machine_consumers(view: View) -> Mapping[Key, tuple[Link, ...]]:
    """VirtualMachines by the DataSource that they name."""
    return by_target(machine_links(view))
