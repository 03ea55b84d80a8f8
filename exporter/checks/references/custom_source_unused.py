"""A custom boot source from which nothing is cloned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from exporter.checks.check import PASSED, Context, Failed, Threshold, Unknown, Verdict, check
from exporter.checks.references._wildcards import MOST_PATTERNS, Pattern, patterns_of
from exporter.cluster.resource import Ref
from exporter.cluster.resources import DATA_SOURCES, TEMPLATES, VIRTUAL_MACHINE_TEMPLATES, VIRTUAL_MACHINES
from exporter.cluster.snapshot import UndecodableError, View, joint
from exporter.joins.consumers import cloned
from exporter.joins.entries import Origin, Stage
from exporter.joins.feeders import feeders
from exporter.joins.references import (
    machine_consumers,
    machine_links,
    machine_template_links,
    past_references,
    template_consumers,
    template_links,
)
from exporter.kube.contract import Key
from exporter.model.wire import ABSENT
from exporter.report import Severity

_GRACE: Final = Threshold("grace", timedelta(hours=24), "how long a custom boot source may be unused")


@dataclass(frozen=True, slots=True)
class CustomEntry:
    """An entry of somebody's own, and the DataSources that it fills: one, or one per architecture."""

    entry: str
    sources: tuple[Key, ...]


@joint(DATA_SOURCES, feeders)
def custom_sources(view: View) -> Mapping[Ref, CustomEntry]:
    """The custom entries whose DataSource exists, by the first of their DataSources."""
    sources: dict[str, list[Key]] = {}
    for target, each in sorted(feeders(view).items()):
        for feeder in each:
            if feeder.origin is Origin.CUSTOM and feeder.stage is Stage.ENABLED and target in view[DATA_SOURCES].rows:
                sources.setdefault(feeder.name, []).append(target)
    return {DATA_SOURCES.ref(*keys[0]): CustomEntry(entry, tuple(keys)) for entry, keys in sources.items()}


@dataclass(frozen=True, slots=True)
class UsedSources:
    """The DataSources that something refers to."""

    keys: frozenset[Key]
    open_question: str = ""
    """Why any other DataSource may be used as well; "" if none is."""


@joint(
    *(DATA_SOURCES, template_links, machine_template_links, machine_links, template_consumers, machine_consumers),
    past_references,
    cloned,
)
def used_sources(view: View) -> UsedSources:
    """The DataSources that are referred to directly, by a pointer, or possibly by a name that is not known yet."""
    settled = past_references(view)
    direct = {*template_consumers(view), *machine_consumers(view), *cloned(view)}
    direct |= {Key(reference.namespace, reference.name) for reference in settled if reference.definite}
    anywhere = {key.name for key in direct if not key.namespace}
    links = (*template_links(view), *machine_template_links(view), *machine_links(view))
    patterns = patterns_of((*(link.reference for link in links), *settled))
    open_ended = _by_namespace(patterns[:MOST_PATTERNS])

    def named(key: Key) -> bool:
        if key in direct or key.name in anywhere:
            return True
        return any(p.matches(key) for p in (*open_ended.get(key.namespace, ()), *open_ended.get(None, ())))

    found = {key for key in view[DATA_SOURCES].rows if named(key)}
    for key, source in view[DATA_SOURCES].rows.items():
        pointer = source.spec.source.data_source
        if pointer is not None and named(key):
            found.add(Key(pointer.namespace or key.namespace, pointer.name))
    return UsedSources(
        frozenset(found), _describe_unmatched(len(patterns) - MOST_PATTERNS) or _unreadable_consumers(view)
    )


def _describe_unmatched(patterns: int) -> str:
    if patterns <= 0:
        return ""
    return f"names with open parameters: {patterns} were not compared, which is what there is beyond {MOST_PATTERNS}"


def _unreadable_consumers(view: View) -> str:
    """An object that cannot be read may refer to anything."""
    for table in (view[TEMPLATES], view[VIRTUAL_MACHINE_TEMPLATES], view[VIRTUAL_MACHINES]):
        for _, rejected in sorted(table.rejected.items()):
            return str(UndecodableError(table.resource.kind, rejected))
    return ""


def _by_namespace(patterns: list[Pattern]) -> dict[str | None, list[Pattern]]:
    """Patterns by the namespace that they name; None for those of which it is open too."""
    found: dict[str | None, list[Pattern]] = {}
    for pattern in patterns:
        found.setdefault(pattern.namespace[0] if len(pattern.namespace) == 1 else None, []).append(pattern)
    return found


@check(
    id="custom-source-unused",
    severity=Severity.INFO,
    over=custom_sources,
    reads=(used_sources, DATA_SOURCES),
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
def custom_source_unused(custom: CustomEntry, ctx: Context) -> Verdict:
    """Judge DataSources older than a day: who makes one makes its template next."""
    namespace, name = ctx.ref.namespace, ctx.ref.name
    source = ctx[DATA_SOURCES].get(namespace, name)
    users = ctx.join(used_sources)
    if source is ABSENT or not users.keys.isdisjoint(custom.sources):
        return PASSED
    if users.open_question:
        return Unknown(users.open_question)
    return Failed(
        summary=f"Nothing is cloned from DataSource {name} of entry {custom.entry}: no template, VirtualMachine or DataVolume",
        observed="no reference",
        expected="a template, VirtualMachine or DataVolume that refers to it",
        since=source.metadata.creation_timestamp,
        grace=ctx.limit(_GRACE),
    )
