"""The page of one boot source: its chain, where its image lies, what is made from it, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import htpy as h

from exporter.boot_sources.document import BootSource
from exporter.cluster.resource import Ref
from exporter.output.chain import build_chain
from exporter.output.html.boot_sources import state_pill
from exporter.output.html.chain import chain_picture, chain_steps
from exporter.output.html.document import Page
from exporter.output.html.findings import finding_card
from exporter.output.html.parts import cut, facts, glossary, moment, term
from exporter.output.outline import FindingNode
from exporter.report import Report
from exporter.web.pages.state import PageState

_NAMES: Final = 200
"""Templates that are listed."""


def boot_source_page(
    state: PageState, report: Report, sources: Sequence[BootSource], client: str, hyperconverged: Ref | None
) -> Page:
    """The page; several boot sources where DataImportCrons claim the same DataSource."""
    name = sources[0].name
    content = [
        h.div(".stack")[h.h1[name], h.p(".dim")[f"Boot source in namespace {sources[0].namespace}"]],
        [_source(state, report, source, client, hyperconverged) for source in sources],
        h.section(aria_label="Explanations")[glossary()],
    ]
    return state.page(name, content, "", state.home())


def _source(state: PageState, report: Report, source: BootSource, client: str, hyperconverged: Ref | None) -> h.Node:
    findings = {finding.fingerprint: finding for finding in report.findings}
    links = build_chain(source, findings, client, hyperconverged)
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
    row, image = source.row, source.data_source.image if source.data_source else None
    return facts(
        (
            ("Operating system", row.os or "not known"),
            ("Kept as", [term(image.kind), " ", h.span(".mono")[f"{image.namespace}/{image.name}"]] if image else None),
            ("Storage", [term("StorageClass", row.storage_class)] if row.storage_class else "not known"),
            ("Size", (image and image.size) or "not known"),
            ("Imported", moment(row.imported, state.now) or "not known"),
            ("Taken from", source.cron.source_name if source.cron else None),
            ("Next check", moment(row.next_poll, state.now)),
        )
    )


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
