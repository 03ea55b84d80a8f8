"""DataSources: whether a virtual machine can be made from them, what they stand for, who uses them. At most 8 each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from exporter.cluster.resources import DATA_SOURCES
from exporter.joins.consumers import Generation, volumes_by_generation
from exporter.joins.data_sources import data_source_kind, manager_of
from exporter.joins.references import Link, Relevance, machine_consumers, template_consumers
from exporter.kube.contract import Key
from exporter.metrics.families.crons import PHASES
from exporter.metrics.family import Facts, Family, Sample, bounded_reason, per_cluster, per_row
from exporter.model.cdi import DataSource
from exporter.model.wire import ABSENT

DATA_SOURCE: Final = ("object_namespace", "datasource")
_READY: Final = frozenset(
    {
        *("Ready", "NoSource", "NotFound", "SnapshotNotReady"),
        *("MaxReferenceDepthReached", "SelfReference", "CrossNamespaceReference"),
        *PHASES,
    }
)


def data_source_labels(source: DataSource) -> tuple[str, str]:
    """Label values that identify a DataSource."""
    return source.metadata.namespace, source.metadata.name


@per_row(
    DATA_SOURCES,
    "bootsource_datasource_info",
    labels=(*DATA_SOURCE, "source", "managed_by", "dataimportcron", "reason"),
    help="Identity of each DataSource, always 1. source: pvc, snapshot, pointer (to another DataSource) or none. "
    "managed_by: cron (named by its label), placeholder of SSP, or unmanaged. reason: of its condition Ready, as "
    "CDI gives it, or Other; empty until CDI has said.",
)
def _info(source: DataSource) -> Iterator[Sample]:
    yield (*data_source_labels(source), data_source_kind(source), manager_of(source), source.cron, _reason(source)), 1


def _reason(source: DataSource) -> str:
    return "" if source.ready is ABSENT else bounded_reason(_READY, source.ready.reason)


@per_row(
    DATA_SOURCES,
    "bootsource_datasource_ready",
    labels=DATA_SOURCE,
    help="DataSource condition Ready: 1 if virtual machines can be made from it, 0 if not. The reason is in "
    "bootsource_datasource_info. No sample until CDI has said.",
)
def _ready(source: DataSource) -> Iterator[Sample]:
    condition = source.ready
    if condition is not ABSENT and (condition.true or condition.false):
        yield data_source_labels(source), condition.true


def _consumer_samples(
    facts: Facts, consumers: Mapping[Key, tuple[Link, ...]], matters: frozenset[Relevance]
) -> Iterator[Sample]:
    for key in facts[DATA_SOURCES].rows:
        yield key, len({link.by for link in consumers.get(key, ()) if link.matter in matters})


@per_cluster(
    "bootsource_datasource_templates",
    labels=DATA_SOURCE,
    help="Number of Templates and VirtualMachineTemplates that make their machines from a DataSource. "
    "Those that name it by a parameter without a value do not count.",
    reads=(DATA_SOURCES, template_consumers),
)
def _templates(facts: Facts) -> Iterator[Sample]:
    return _consumer_samples(facts, facts.join(template_consumers), frozenset({Relevance.NOW}))


@per_cluster(
    "bootsource_datasource_virtualmachines",
    labels=DATA_SOURCE,
    help="Number of VirtualMachines that still wait for a volume made from a DataSource. "
    "Those that have their volumes do not count.",
    reads=(DATA_SOURCES, machine_consumers),
)
def _machines(facts: Facts) -> Iterator[Sample]:
    waiting = {
        key: tuple(link for link in links if link.by.kind == "VirtualMachine")
        for key, links in facts.join(machine_consumers).items()
    }
    return _consumer_samples(facts, waiting, frozenset({Relevance.NOW, Relevance.LATER}))


@per_cluster(
    "bootsource_datasource_cloned_volumes",
    labels=(*DATA_SOURCE, "generation"),
    help="Number of finished DataVolumes, nearly always one for each VirtualMachine, that were cloned from a "
    "DataSource, by "
    "the image that it stood for: current, kept (an older one that exists), gone (an older one that was deleted), or "
    "unknown (a DataVolume of its own, in which CDI keeps the sourceRef). Source: spec.source of DataVolumes.",
    reads=(DATA_SOURCES, volumes_by_generation),
)
def _generations(facts: Facts) -> Iterator[Sample]:
    counts = facts.join(volumes_by_generation)
    for key in facts[DATA_SOURCES].rows:
        yield from (((*key, generation.value), counts.get((key, generation), 0)) for generation in Generation)


DATA_SOURCE_FAMILIES: Final[tuple[Family, ...]] = (_info, _ready, _templates, _machines, _generations)
