"""References to DataSources: whether they resolve. Templates by name, virtual machines only as counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from exporter.cluster.resources import DATA_SOURCES
from exporter.cluster.snapshot import Joint, Table
from exporter.joins.consumers import clones
from exporter.joins.references import (
    Link,
    Relevance,
    machine_links,
    machine_template_links,
    past_references,
    template_links,
    volume_links,
)
from exporter.kube.contract import Key
from exporter.metrics.family import Facts, Family, Sample, per_cluster
from exporter.model.cdi import DataSource
from exporter.model.clones import CLAIM, SNAPSHOT
from exporter.model.wire import ABSENT

_RESOLUTIONS: Final = ("resolved", "missing", "not_ready", "dynamic", "unknown")
_OF_MACHINES: Final = (*_RESOLUTIONS, "provisioned", "unclear")
_BY_KIND: Final[tuple[tuple[str, Joint[tuple[Link, ...]], tuple[str, ...]], ...]] = (
    ("Template", template_links, _RESOLUTIONS),
    ("VirtualMachineTemplate", machine_template_links, _RESOLUTIONS),
    ("VirtualMachine", machine_links, _OF_MACHINES),
    ("DataVolume", volume_links, (*_RESOLUTIONS, "provisioned")),
)


def resolution(sources: Table[DataSource], link: Link) -> str:
    """Whether a reference leads to a DataSource that is ready."""
    if link.reference.dynamic or not link.target.namespace:
        return "dynamic"
    source = sources.rows.get(link.target)
    if source is None:
        return "unknown" if link.target in sources.rejected else "missing"
    ready = source.ready
    if ready is ABSENT or not (ready.true or ready.false):
        return "unknown"
    return "resolved" if ready.true else "not_ready"


def _state(sources: Table[DataSource], link: Link) -> str:
    """The resolution, where it still matters."""
    if link.matter is Relevance.HISTORY:
        return "provisioned"
    return "unclear" if link.matter is Relevance.UNCLEAR else resolution(sources, link)


@per_cluster(
    "bootsource_references",
    labels=("kind", "state"),
    help="Number of references to DataSources by kind of object and state: resolved, missing, not_ready, dynamic (told "
    "once a template is processed), unknown, for VirtualMachines and DataVolumes with a sourceRef of their own "
    "provisioned "
    "(the volume is there), and for VirtualMachines unclear. "
    "No samples for a kind that is not known.",
    reads=(DATA_SOURCES,),
    optional=(template_links, machine_template_links, machine_links, volume_links, clones),
)
def _references(facts: Facts) -> Iterator[Sample]:
    sources = facts[DATA_SOURCES]
    for kind, links, states in _BY_KIND:
        if facts.is_known(links):
            counts = Counter(_state(sources, link) for link in facts.join(links))
            if links is machine_links:
                counts["provisioned"] += sum(facts.join(past_references).values())
            if links is volume_links:
                finished = facts.join(clones).items()
                counts["provisioned"] += sum(c.volumes for o, c in finished if o.kind not in (CLAIM, SNAPSHOT))
            yield from (((kind, state), counts[state]) for state in states)


def _worst(states: Iterable[str]) -> str:
    order: Callable[[str], int] = ("missing", "not_ready", "unknown", "dynamic", "resolved").index
    return min(states, key=order)


def _by_template(facts: Facts, links: Joint[Any]) -> Iterator[Sample]:
    sources = facts[DATA_SOURCES]
    found: dict[Key, list[str]] = {}
    for link in facts.join(links):
        found.setdefault(Key(link.by.namespace, link.by.name), []).append(resolution(sources, link))
    for key, states in found.items():
        worst = _worst(states)
        if worst not in ("dynamic", "unknown"):
            yield (*key, worst), worst == "resolved"


@per_cluster(
    "bootsource_template_resolves",
    labels=("object_namespace", "template", "state"),
    help="Whether all DataSources that a Template refers to are there and ready (1) or not (0). state: resolved, "
    "missing or not_ready. No sample for one that refers to none, or where it cannot be told.",
    reads=(DATA_SOURCES, template_links),
)
def _templates(facts: Facts) -> Iterator[Sample]:
    return _by_template(facts, template_links)


@per_cluster(
    "bootsource_virtualmachinetemplate_resolves",
    labels=("object_namespace", "virtualmachinetemplate", "state"),
    help="Whether all DataSources that a VirtualMachineTemplate refers to are there and ready (1) or not (0). state: "
    "resolved, missing or not_ready. No sample for one that refers to none, or where it cannot be told.",
    reads=(DATA_SOURCES, machine_template_links),
)
def _machine_templates(facts: Facts) -> Iterator[Sample]:
    return _by_template(facts, machine_template_links)


REFERENCES: Final[tuple[Family, ...]] = (_references, _templates, _machine_templates)
