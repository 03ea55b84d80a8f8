"""The page of one boot source: its chain, where its image lies, what is made from it, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import htpy as h

from exporter.boot_sources.document import BootSource
from exporter.cluster.resource import Ref
from exporter.history import MOST_OF_SOURCE, EventKind, History, HistoryEvent
from exporter.kube.contract import Key
from exporter.output.chain import build_chain
from exporter.output.html.boot_sources import state_pill
from exporter.output.html.chain import chain_picture, chain_steps
from exporter.output.html.document import Page
from exporter.output.html.findings import finding_card
from exporter.output.html.icons import icon
from exporter.output.html.image_facts import fact_pairs, generation_table
from exporter.output.html.parts import cut, facts, glossary, moment, term
from exporter.output.outline import FindingNode
from exporter.output.phrases import format_time
from exporter.report import Report
from exporter.web.pages.state import PageState

_EVENT_TONES: Final = {
    EventKind.POLL: "none",
    EventKind.IMPORT: "good",
    EventKind.STATE: "note",
    EventKind.PROBLEM: "warn",
    EventKind.SOLVED: "good",
}
_EVENT_WORDS: Final = {EventKind.PROBLEM: "Problem found: ", EventKind.SOLVED: "Problem gone: "}
_NAMES: Final = 200
"""Templates that are listed."""


@dataclass(frozen=True, slots=True)
class ClusterFacts:
    """What the page needs to know of the cluster besides its boot sources."""

    client: str
    """`oc` or `kubectl`."""
    hyperconverged: Ref | None
    history: History | None


def boot_source_page(state: PageState, report: Report, sources: Sequence[BootSource], cluster: ClusterFacts) -> Page:
    """The page; several boot sources where DataImportCrons claim the same DataSource."""
    name = sources[0].name
    content = [
        h.div(".stack")[h.h1[name], h.p(".dim")[f"Boot source in namespace {sources[0].namespace}"]],
        [_source(state, report, source, cluster) for source in sources],
        _history(cluster.history, sources[0], state),
        h.section(aria_label="Explanations")[glossary()],
    ]
    return state.page(name, content, "", state.home())


def _source(state: PageState, report: Report, source: BootSource, cluster: ClusterFacts) -> h.Node:
    findings = {finding.fingerprint: finding for finding in report.findings}
    links = build_chain(source, findings, cluster.client, cluster.hyperconverged)
    nodes = state.joined.nodes if state.joined else {}
    own = [finding for mark in source.findings if (finding := findings.get(mark)) and finding.suppressed is None]
    return [
        h.p(".row")[state_pill(source.row), h.span[source.row.status]],
        h.section(".card", aria_label="Chain")[chain_picture(links, report.at)],
        _problems([nodes.get(finding.fingerprint, FindingNode(finding)) for finding in own], report, state),
        h.div(".columns")[
            h.section(".card", aria_label="Image")[h.h2["Image"], _image(state, source)],
            h.section(".card", aria_label="Use")[h.h2["Used by"], _use(source)],
        ],
        _generations(state, source),
        h.section(".card", aria_label="Links of the chain")[
            h.h2["Step by step"], chain_steps(links, report, state.place)
        ],
    ]


def _problems(nodes: Sequence[FindingNode], report: Report, state: PageState) -> h.Node:
    if not nodes:
        return None
    return h.section(aria_labelledby="problems")[
        h.h2("#problems")["Problems"], [finding_card(node, report, state.place) for node in nodes]
    ]


def _image(state: PageState, source: BootSource) -> h.Node:
    row, image, known = source.row, source.data_source.image if source.data_source else None, source.image_facts
    return facts(
        (
            ("Operating system", None if known else row.os or "not known"),
            ("Kept as", [term(image.kind), " ", h.span(".mono")[f"{image.namespace}/{image.name}"]] if image else None),
            ("Storage", [term("StorageClass", row.storage_class)] if row.storage_class else "not known"),
            *(fact_pairs(known, state.now) if known else ()),
            ("Taken from", source.cron.source_name if source.cron else None),
            ("Next check", moment(row.next_poll, state.now)),
        )
    )


def _generations(state: PageState, source: BootSource) -> h.Node:
    """The images that VMs run from; nothing if no other than the current one is known."""
    known = source.image_facts.generations if source.image_facts else None
    table = generation_table(known or (), state.now)
    return h.section(".card", aria_label="Images before it")[h.h2["Images that VMs run from"], table] if table else None


def _use(source: BootSource) -> h.Node:
    consumers = source.consumers
    templates = None
    if consumers.templates is not None and consumers.virtual_machine_templates is not None:
        templates = [*consumers.templates, *consumers.virtual_machine_templates]
    waiting = consumers.waiting_virtual_machines
    return facts(
        (
            ("Templates", _listed(templates)),
            ("VMs", "not known" if consumers.virtual_machines is None else str(consumers.virtual_machines)),
            ("VMs that wait for a disk", "not known" if waiting is None else str(waiting)),
        )
    )


def _listed(names: list[str] | None) -> h.Node:
    if names is None:
        return "not known"
    if not names:
        return "none"
    return cut(names[:_NAMES], len(names), _NAMES, "template")


def _history(history: History | None, source: BootSource, state: PageState) -> h.Node:
    """What has happened, the newest first."""
    if history is None:
        return None
    events = history.of(Key(source.namespace, source.name))
    since = f"Since {format_time(history.begun)}, when the exporter began. "
    return h.section(".card.stack", aria_labelledby="history")[
        h.h2("#history")["History"],
        h.p(".small.dim")[since, f"At most {MOST_OF_SOURCE} events are kept; a restart forgets them."],
        h.ol(".events")[(_event(event, state) for event in reversed(events))] if events else h.p["Nothing yet."],
    ]


def _event(event: HistoryEvent, state: PageState) -> h.Node:
    times = f", {event.count} times" if event.count > 1 else ""
    return h.li[
        h.span[moment(event.at, state.now), h.span(".small.dim")[" ", f"{event.at:%H:%M} UTC"]],
        h.span[icon(_EVENT_TONES[event.kind]), " ", f"{_EVENT_WORDS.get(event.kind, '')}{event.text}{times}"],
    ]
