"""The first page: the answer, then the boot sources, then the root causes, then what could not be checked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import htpy as h

from exporter.base.phrases import counted
from exporter.boot_sources.document import Row
from exporter.checks import CHECKS
from exporter.output.html.boot_sources import STATES, Sorting, boot_source_table
from exporter.output.html.coverage import describe_checks, gap_summary
from exporter.output.html.document import Page
from exporter.output.html.findings import group_card, suppressed_list
from exporter.output.html.icons import icon
from exporter.output.html.parts import filters, glossary, pages, search, select
from exporter.output.outline import suppressed_findings
from exporter.output.phrases import format_time
from exporter.report import SEVERITIES, Report, Severity, is_undecided
from exporter.web.pages.choice import ATTENTION, NO_SYSTEM, RowChoice, cut_page
from exporter.web.pages.state import Joined, PageState

_ROWS: Final = 25
_GROUPS: Final = 20
_OPTIONS: Final = 300
"""Namespaces or operating systems to choose from; text finds the others."""


def front_page(state: PageState, choice: RowChoice) -> Page:
    """The page, with the boot sources that were chosen."""
    report, known = state.report, state.joined
    title = f"Boot sources of {state.place.cluster}" if state.place.cluster else "Boot sources"
    content = [_answer(state)]
    if report is not None and known is not None:
        content += [
            _boot_sources(state, known, choice),
            _problems(state, report, known),
            gap_summary(report, state.place.page("/coverage")),
            h.section(aria_label="Explanations")[glossary()],
        ]
    return state.page(title, content, "/")


def _answer(state: PageState) -> h.Node:
    report, known = state.report, state.joined
    if report is None or known is None:
        tone, words, why = (
            "none",
            "The cluster is being read",
            "Nothing has been checked yet. This takes a few seconds.",
        )
        return _answer_card(tone, words, [h.p[why], _pending(state)], None, state)
    tone, words = verdict(report, waiting=bool(state.pending))
    return _answer_card(tone, words, [h.p[_counts(report, known)], _pending(state)], _tiles(known.rows), state)


def _answer_card(tone: str, words: str, lines: h.Node, tiles: h.Node, state: PageState) -> h.Node:
    at = state.report.at if state.report else state.now
    about = h.p(".dim.small")[" · ".join(state.facts), h.br, f"As of {format_time(at)}"]
    return h.section(f".card.answer.tone-{tone}", aria_labelledby="answer")[
        icon(tone), h.div[h.h1("#answer")[words], lines, about, tiles]
    ]


def verdict(report: Report, *, waiting: bool) -> tuple[str, str]:
    """The tone and the answer in a few words. What is not known yet is never in order."""
    worst = report.worst()
    if worst is Severity.CRITICAL:
        return "bad", "New VMs are affected"
    if worst is Severity.WARNING:
        return "warn", "Image updates need attention"
    if waiting:
        return "none", "The cluster is still being read"
    if is_undecided(report):
        return "none", "No problem found, but not everything could be checked"
    return "good", "Everything is in order" if worst is None else "Nothing is broken"


def _counts(report: Report, known: Joined) -> str:
    roots = [node.finding.severity for node in known.roots]
    numbers = [(roots.count(severity), severity) for severity in reversed(SEVERITIES)]
    told = ", ".join(
        counted(number, severity) if severity is Severity.WARNING else f"{number} {severity}"
        for number, severity in numbers
        if number
    )
    return f"{told or 'No problems'}. {describe_checks(report)}"


def _pending(state: PageState) -> h.Node:
    if not state.pending:
        return None
    return h.p[f"Not read yet: {', '.join(state.pending)}. What depends on it is not checked."]


def _tiles(rows: Sequence[Row]) -> h.Node:
    usable, current = sum(row.usable is True for row in rows), sum(row.newest is True for row in rows)
    machines = [row.virtual_machines for row in rows]
    tiles = (
        ("Boot sources", str(len(rows)), ""),
        ("Usable for new VMs", str(usable), _of(rows, sum(row.usable is None for row in rows))),
        ("Newest image", str(current), _of(rows, sum(row.newest is None for row in rows))),
        ("VMs made from them", "not known" if None in machines else str(sum(filter(None, machines))), ""),
    )
    return h.dl(".tiles")[(h.div[h.dt[name], h.dd[value, " ", h.small[of]]] for name, value, of in tiles)]


def _of(rows: Sequence[Row], unknown: int) -> str:
    return f"of {len(rows)}{f', {unknown} not known' if unknown else ''}"


def _boot_sources(state: PageState, known: Joined, choice: RowChoice) -> h.Node:
    rows = choice.select(known.rows)
    part, place = cut_page(rows, choice.page, _ROWS), state.place
    heading = h.h2("#boot-sources")["Boot sources"]
    if not known.rows:
        return h.section(aria_labelledby="boot-sources")[heading, h.div(".card")[_none(known)]]
    sorting = Sorting(
        choice.sort,
        choice.descending,
        lambda by, down: place.page("/", {**choice.filters, "sort": by, "order": "down" if down else ""}),
    )
    namespaces = {row.namespace for row in known.rows}
    total = counted(len(known.rows), "boot source")
    if len(namespaces) == 1:
        total += f" in namespace {min(namespaces)}"
    caption = f"{len(rows)} of {total}" if choice.filters else total
    return h.section(aria_labelledby="boot-sources")[
        heading,
        _filters(state, known, choice),
        h.p("#shown.unseen", role="status")[f"{caption} shown" if choice.filters else ""],
        boot_source_table(part.items, caption, state.now, place, sorting, one_namespace=len(namespaces) == 1)
        if rows
        else h.div(".card")["No boot source matches these filters."],
        pages(place, "/", choice.parameters(), part.page, part.pages),
    ]


def _none(known: Joined) -> str:
    if known.unknown:
        return f"Which boot sources there are is not known: {', '.join(known.unknown)} could not be read."
    return "This cluster has no boot sources: no DataImportCron, no DataSource, and no entry in HyperConverged."


def _filters(page: PageState, known: Joined, choice: RowChoice) -> h.Node:
    chosen = choice.filters
    present = {row.state for row in known.rows}
    offered = [(state, name) for state, (_, name) in STATES.items() if state in present or state == chosen.get("state")]
    states = [("", "All"), (ATTENTION, "Needs attention"), *offered]
    systems = [(value or NO_SYSTEM, value or "Not known") for value in _values(row.os for row in known.rows)]
    namespaces = [(value, value) for value in _values(row.namespace for row in known.rows)]
    kept = {name: value for name, value in choice.parameters().items() if name in ("sort", "order")}
    return filters(
        page.place,
        "/",
        "Boot sources",
        (
            search("q", "Search", chosen.get("q", "")),
            select("state", "State", states, chosen.get("state", "")),
            select("os", "Operating system", [("", "All"), *systems], chosen.get("os", "")),
            select("namespace", "Namespace", [("", "All"), *namespaces], chosen.get("namespace", "")),
        ),
        kept,
        active=bool(chosen),
    )


def _values(values: object) -> list[str]:
    return sorted(set(values))[:_OPTIONS]  # type: ignore[call-overload]


def _problems(state: PageState, report: Report, known: Joined) -> h.Node:
    place, checks = state.place, {check.id: check for check in CHECKS}
    everything = place.page("/findings/")
    left = len(known.groups) - _GROUPS
    return h.section(aria_labelledby="problems")[
        h.div(".heading")[
            h.h2("#problems")["Problems"], h.a(href=everything)["Search all problems"] if known.roots else None
        ],
        [group_card(group, report, place, checks) for group in known.groups[:_GROUPS]]
        or h.div(".card")[h.p["No problems found."]],
        left > 0 and h.p[h.a(href=everything)[f"{counted(left, 'more group')} of problems"]],
        suppressed_list(suppressed_findings(report), place.page("/findings/", {"show": "suppressed"})),
    ]
