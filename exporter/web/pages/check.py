"""The pages of the checks: what each is about, and what it finds now. Alerts link to them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

import htpy as h

from exporter.base.project import DOCS
from exporter.checks import CHECKS
from exporter.checks.check import Check
from exporter.output.html.document import Page
from exporter.output.html.findings import finding_card
from exporter.output.html.parts import command, pill, severity_pill
from exporter.output.outline import FindingNode
from exporter.report import CheckStatus, Status
from exporter.web.pages.state import PageState

PATH: Final = "/checks/"
_FINDINGS: Final = 10
_FENCE: Final = "```"
_STATES: Final[dict[Status, tuple[str, str, str]]] = {
    "fail": ("warn", "Problems found", "This check has found problems."),
    "pass": ("good", "No problem", "This check has found no problem."),
    "unknown": ("none", "Partly unknown", "Not every object could be checked."),
    "blind": ("none", "Could not run", "A kind of object that it needs is not known."),
    "disabled": ("none", "Switched off", "This check is switched off by the configuration."),
}
_NOT_YET: Final = ("none", "Not run yet", "This check has not run yet.")
_AREAS: Final = {
    "operators": "Operators",
    "entries": "Entries of HyperConverged",
    "storage": "Storage",
    "polling": "Checking for newer images",
    "imports": "Importing images",
    "datasources": "DataSources",
    "references": "Templates and VMs",
    "suppressions": "Suppressions",
}


def checks_page(state: PageState) -> Page:
    """All checks, by what they are about, each with its state."""
    states = {status.check: status for status in state.report.checks} if state.report else {}
    areas = groupby(
        sorted(CHECKS, key=lambda check: (list(_AREAS).index(check.area), check.id)), lambda check: check.area
    )
    content = [
        h.h1["Checks"],
        h.p(".dim")["What the exporter looks for, in the order in which a boot source is made."],
        [_area(area, list(checks), states, state) for area, checks in areas],
    ]
    return state.page("Checks", content, PATH)


def _area(area: str, checks: Sequence[Check], states: dict[str, CheckStatus], state: PageState) -> h.Node:
    name = f"area-{area}"
    return h.section(aria_labelledby=name)[
        h.h2(id=name)[_AREAS[area]],
        h.div(".sheet")[
            h.table(".cards", role="table")[
                h.caption(".unseen")[f"Checks: {_AREAS[area]}"],
                h.thead(role="rowgroup")[
                    h.tr(role="row")[
                        (h.th(scope="col", role="columnheader")[head] for head in ("Check", "State", "Severity"))
                    ]
                ],
                h.tbody(role="rowgroup")[(_line(check, states.get(check.id), state) for check in checks)],
            ]
        ],
    ]


def _line(check: Check, status: CheckStatus | None, state: PageState) -> h.Node:
    tone, words, _ = _STATES[status.status] if status else _NOT_YET
    return h.tr(role="row", data_key=check.id)[
        h.th(scope="row", role="rowheader")[
            h.a(href=state.place.check(check.id))[check.summary], h.div(".small.dim.mono")[check.id]
        ],
        h.td(role="cell", data_label="State")[h.div[pill(tone, words)]],
        h.td(role="cell", data_label="Severity")[h.div[check.severity.capitalize()]],
    ]


def check_page(check: Check, states: Sequence[PageState]) -> Page:
    """What the check is about, and what it finds in each of these clusters."""
    first = states[0]
    content = [
        h.div(".stack")[
            h.p[severity_pill(check.severity), " ", h.span(".mono.dim")[check.id]],
            h.h1[check.summary],
        ],
        [_in_cluster(check, state, heading=len(states) > 1) for state in states],
        _section("meaning", "What it means", check.meaning),
        _section("impact", "Effect", check.impact),
        _section("diagnosis", "How to look", check.diagnosis),
        _section("mitigation", "How to fix it", check.mitigation),
        h.p[h.a(href=f"{DOCS}/checks/{check.id}.md", rel="noreferrer")["This check in the documentation"]],
    ]
    return first.page(check.summary, content, "", first.home(), (first.place.page(PATH), "Checks"))


def _in_cluster(check: Check, state: PageState, *, heading: bool) -> h.Node:
    """What it finds in one cluster."""
    report, place = state.report, state.place
    status = next((status for status in report.checks if status.check == check.id), None) if report else None
    tone, _, words = _STATES[status.status] if status else _NOT_YET
    found = [f for f in report.findings if f.check == check.id and f.suppressed is None] if report else []
    nodes = state.joined.nodes if state.joined else {}
    left = len(found) - _FINDINGS
    return h.section(aria_label=f"State {place.cluster}".strip())[
        h.h2[place.cluster] if heading else None,
        h.div(f".card.answer.tone-{tone}")[
            h.div[h.p[words], h.p[f"Not known: {', '.join(status.blind_on)}."] if status and status.blind_on else None]
        ],
        h.h2["What it finds now"] if found and not heading else None,
        [
            finding_card(nodes.get(finding.fingerprint, FindingNode(finding)), report, place)
            for finding in found[:_FINDINGS]
            if report
        ],
        left > 0
        and h.p[h.a(href=place.page("/findings/", {"check": check.id, "show": "all"}))[f"All {len(found)} findings"]],
    ]


def _section(anchor: str, heading: str, text: str) -> h.Node:
    return h.section(".card.stack", aria_labelledby=anchor)[h.h2(id=anchor)[heading], list(_blocks(text))]


def _blocks(text: str) -> Iterator[h.Node]:
    """The paragraphs of a declaration; what is fenced is a block of commands."""
    for number, part in enumerate(text.split(_FENCE)):
        if number % 2:
            yield command(part.partition("\n")[2].rstrip())
        else:
            yield from (h.p[paragraph.strip()] for paragraph in part.split("\n\n") if paragraph.strip())
