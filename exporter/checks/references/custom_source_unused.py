"""A custom boot source from which nothing is cloned."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from exporter.checks.check import PASSED, Context, Failed, Threshold, Verdict, check
from exporter.cluster.resources import DATA_SOURCES
from exporter.cluster.snapshot import Ref, View, joint
from exporter.joins.consumers import cloned
from exporter.joins.entries import Origin, Stage
from exporter.joins.feeders import feeders
from exporter.joins.references import (
    machine_consumers,
    machine_links,
    machine_template_links,
    settled_references,
    template_consumers,
    template_links,
)
from exporter.kube.contract import Key
from exporter.model.clones import Reference
from exporter.model.wire import ABSENT
from exporter.report import Severity

_GRACE: Final = Threshold("grace", timedelta(hours=24), "how long a custom boot source may be unused")

_PARAMETER: Final = re.compile(r"\$\{\{?\w+\}?\}")


@dataclass(frozen=True, slots=True)
class Custom:
    """An entry of somebody's own, and the DataSources that it fills: one, or one per architecture."""

    entry: str
    sources: tuple[Key, ...]


@joint(DATA_SOURCES, feeders)
def custom_sources(view: View) -> Mapping[Ref, Custom]:
    """The custom entries whose DataSource exists, by the first of their DataSources."""
    sources: dict[str, list[Key]] = {}
    for target, each in sorted(feeders(view).items()):
        for feeder in each:
            if feeder.origin is Origin.CUSTOM and feeder.stage is Stage.ENABLED and target in view[DATA_SOURCES].rows:
                sources.setdefault(feeder.name, []).append(target)
    return {Ref("DataSource", *keys[0]): Custom(entry, tuple(keys)) for entry, keys in sources.items()}


@joint(
    *(DATA_SOURCES, template_links, machine_template_links, machine_links, template_consumers, machine_consumers),
    settled_references,
    cloned,
)
def used(view: View) -> frozenset[Key]:
    """The DataSources that somebody refers to, directly, by a pointer, or possibly by a name that is not known yet."""
    settled = settled_references(view)
    direct = {*template_consumers(view), *machine_consumers(view), *cloned(view)}
    direct |= {Key(reference.namespace, reference.name) for reference in settled if reference.definite}
    anywhere = {key.name for key in direct if not key.namespace}
    links = (*template_links(view), *machine_template_links(view), *machine_links(view))
    open_ended = _patterns((*(link.reference for link in links), *settled))

    def named(key: Key) -> bool:
        return key in direct or key.name in anywhere or any(p.fullmatch(str(key)) for p in open_ended)

    found = {key for key in view[DATA_SOURCES].rows if named(key)}
    for key, source in view[DATA_SOURCES].rows.items():
        pointer = source.spec.source.data_source
        if pointer is not None and named(key):
            found.add(Key(pointer.namespace or key.namespace, pointer.name))
    return frozenset(found)


def _patterns(references: Iterable[Reference]) -> list[re.Pattern[str]]:
    wanted = {_pattern(reference) for reference in references if reference.dynamic}
    return [re.compile(text) for text in sorted(wanted)]


def _pattern(reference: Reference) -> str:
    """Matches namespace/name, whatever the parameters turn out to be."""
    namespace = ".*" if not reference.namespace else _open(reference.namespace)
    return f"{namespace}/{_open(reference.name) or '.*'}"


def _open(text: str) -> str:
    return ".*".join(re.escape(part) for part in _PARAMETER.split(text))


@check(
    id="custom-source-unused",
    severity=Severity.INFO,
    over=custom_sources,
    reads=(used, DATA_SOURCES),
    summary="Nothing is cloned from a custom boot source",
    meaning=(
        "The DataSource of an entry of your own is named by no Template, VirtualMachineTemplate, VirtualMachine or DataVolume, "
        "and none of them clones one of its images directly. Often the name in managedDataSource is not quite the one that a template asks for; or it is meant for the console's list of "
        "bootable volumes only."
    ),
    impact="The image is polled, downloaded and stored for nobody.",
    diagnosis="Compare managedDataSource of the entry with DATA_SOURCE_NAME of your templates: `oc get template -A -o yaml`.",
    mitigation="Make managedDataSource and the templates agree, or remove or disable the entry.",
    thresholds=(_GRACE,),
    alert_for=timedelta(hours=24),
    scenarios=("F16",),
)
def custom_source_unused(custom: Custom, ctx: Context) -> Verdict:
    """Judge DataSources older than a day: who makes one makes its template next."""
    namespace, name = ctx.ref.namespace, ctx.ref.name
    source = ctx[DATA_SOURCES].get(namespace, name)
    if source is ABSENT or not ctx.join(used).isdisjoint(custom.sources):
        return PASSED
    return Failed(
        summary=f"Nothing is cloned from DataSource {name} of entry {custom.entry}: no template, VirtualMachine or DataVolume",
        observed="no reference",
        expected="a template, VirtualMachine or DataVolume that refers to it",
        since=source.metadata.creation_timestamp,
        grace=ctx.limit(_GRACE),
    )
