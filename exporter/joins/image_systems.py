"""Which operating system an image holds, by labels first and names last. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from exporter.joins.image_facts import Evidence, Fact
from exporter.joins.operating_systems import System, parse_system
from exporter.model.cdi import DEFAULT_PREFERENCE, DataImportCron, DataSource
from exporter.model.wire import Metadata

_TEMPLATE_LABEL = "os.template.kubevirt.io/"
"""Labels of this kind name the system in their key: `os.template.kubevirt.io/fedora40: "true"`."""


def system_of(source: DataSource, cron: DataImportCron | None, stored: Metadata | None) -> Fact[System] | None:
    """The system of the image of a DataSource; None if nothing tells it.

    Labels win over names. Where they leave the version open, as the preference `fedora` does, a name may tell it, but
    one that names another system is not believed.
    """
    first: Fact[System] | None = None
    for fact in _told(source, cron, stored):
        if fact.value.version and (first is None or fact.value.name == first.value.name):
            return fact
        if first is None:
            first = fact
    return first


def _told(source: DataSource, cron: DataImportCron | None, stored: Metadata | None) -> Iterator[Fact[System]]:
    labels = [
        source.metadata.labels,
        *((stored.labels, stored.annotations) if stored else ()),
        *((cron.spec.template.metadata.labels, cron.metadata.labels) if cron else ()),
    ]
    for several in labels:
        for spelling in _in_labels(several):
            yield from _fact(spelling, Evidence.LABEL)
    names = (*(_in_source(cron) if cron else ()), source.metadata.name)
    for spelling in names:
        yield from _fact(spelling, Evidence.NAME)


def _fact(spelling: str, evidence: Evidence) -> Iterator[Fact[System]]:
    system = parse_system(spelling)
    if system is not None:
        yield Fact(system, evidence)


def _in_labels(labels: Mapping[str, str]) -> Iterator[str]:
    if preference := labels.get(DEFAULT_PREFERENCE):
        yield preference
    for key in sorted(labels):
        if key.startswith(_TEMPLATE_LABEL):
            yield key.removeprefix(_TEMPLATE_LABEL)


def _in_source(cron: DataImportCron) -> Iterator[str]:
    """The parts of the path of an image, the last first: `fedora41` for `fedora:41`, then what is before it."""
    registry = cron.source.registry
    if registry is None:
        return
    if registry.image_stream:
        yield registry.image_stream.replace(":", "")
    path = registry.url.partition("://")[2].partition("@")[0].split("/")[1:]
    for place, part in enumerate(reversed(path)):
        name, _, tag = part.partition(":")
        yield f"{name}{tag}" if not place and tag[:1].isdigit() else name
