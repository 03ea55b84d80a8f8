"""Which DataSources somebody uses: a problem of one that nobody uses is no reason to wake anybody.

A DataSource is used when a VirtualMachine or a DataVolume waits for it or was cloned from it, or when a template of
your own names it. Templates that OpenShift Virtualization delivers exist for every operating system, whether anybody
makes a virtual machine of it or not, so they are not a use.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from exporter.cluster.resource import Ref, Resource
from exporter.cluster.resources import (
    DATA_SOURCES,
    DATA_VOLUMES,
    TEMPLATES,
    VIRTUAL_MACHINE_TEMPLATES,
    VIRTUAL_MACHINES,
)
from exporter.cluster.snapshot import ClusterSnapshot, View, joint
from exporter.joins.consumers import cloned
from exporter.joins.references import machine_consumers, machine_template_links, past_references, template_links
from exporter.kube.contract import Key


@joint(TEMPLATES, template_links, machine_template_links)
def _named_by_own_templates(view: View) -> frozenset[Key]:
    templates = view[TEMPLATES].rows
    own = (link for link in template_links(view) if not templates[Key(link.by.namespace, link.by.name)].common)
    return frozenset(link.target for link in (*own, *machine_template_links(view)))


@joint(cloned, machine_consumers, past_references, _named_by_own_templates)
def used_data_sources(view: View) -> frozenset[Ref]:
    """The DataSources that somebody uses."""
    named = {Key(reference.namespace, reference.name) for reference in past_references(view)}
    used = {*cloned(view), *machine_consumers(view), *named, *_named_by_own_templates(view)}
    return frozenset(DATA_SOURCES.ref(*key) for key in used)


_TELLING: Final[tuple[Resource[Any], ...]] = (
    TEMPLATES,
    VIRTUAL_MACHINE_TEMPLATES,
    VIRTUAL_MACHINES,
    DATA_VOLUMES,
    DATA_SOURCES,
)


class Uses:
    """Answers whether anything that depends on an object is used."""

    def __init__(self, cluster: ClusterSnapshot, now: datetime) -> None:
        self._cluster = cluster
        self._known = all(cluster[resource].is_known(now) for resource in _TELLING)

    def __call__(self, refs: Collection[Ref]) -> bool:
        """Whether one of these objects is a VirtualMachine, or a DataSource in use. True as long as it is not known.

        Objects without a DataSource among them, such as an operator, concern all DataSources.
        """
        if not self._known or any(ref.kind == VIRTUAL_MACHINES.kind for ref in refs):
            return True
        used = self._cluster.join(used_data_sources)
        sources = {ref for ref in refs if ref.kind == DATA_SOURCES.kind}
        return bool(sources & used if sources else used)
