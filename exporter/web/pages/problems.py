"""All findings: root causes, or all, or those that are suppressed, or what follows from one; filtered, page by page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import htpy as h

from exporter.base.phrases import counted
from exporter.checks import CHECKS
from exporter.output.groups import group_roots
from exporter.output.html.document import Page
from exporter.output.html.findings import group_card
from exporter.output.html.parts import filters, pages, search, select
from exporter.output.outline import FindingNode, suppressed_findings
from exporter.report import SEVERITIES, Report
from exporter.web.pages.choice import cut_page, given, number_of
from exporter.web.pages.state import Joined, PageState

PATH: Final = "/findings/"
_SIZE: Final = 20
_SHOWS: Final = (("", "Root causes"), ("all", "All findings"), ("suppressed", "Suppressed findings"))


@dataclass(frozen=True, slots=True)
class FindingChoice:
    """Which findings to show."""

    filters: Mapping[str, str]
    page: int

    @classmethod
    def of(cls, query: Mapping[str, str]) -> FindingChoice:
        """From the parameters of a request."""
        return cls(given(query, ("q", "severity", "check", "show", "cause")), number_of(query, "page"))

    def select(self, report: Report, known: Joined) -> list[FindingNode]:
        """The findings that match, the worst first."""
        words = self.filters.get("q", "").casefold().split()
        return [node for node in self._base(report, known) if self._matches(node, words)]

    def _base(self, report: Report, known: Joined) -> Sequence[FindingNode]:
        cause, show = known.nodes.get(self.filters.get("cause", "")), self.filters.get("show", "")
        if "cause" in self.filters:
            return list(cause.nodes())[1:] if cause is not None else []
        if show == "suppressed":
            return [FindingNode(finding) for finding in suppressed_findings(report)]
        if show == "all":
            return sorted(known.nodes.values(), key=lambda node: -SEVERITIES.index(node.finding.severity))
        return known.roots

    def _matches(self, node: FindingNode, words: Sequence[str]) -> bool:
        finding, wanted = node.finding, self.filters
        ref = finding.object
        text = " ".join((finding.summary, finding.check, ref.kind, ref.namespace, ref.name)).casefold()
        return (
            wanted.get("severity", finding.severity) == finding.severity
            and wanted.get("check", finding.check) == finding.check
            and all(word in text for word in words)
        )


def problems_page(state: PageState, choice: FindingChoice) -> Page:
    """The page, with the findings that were chosen."""
    place, report, known = state.place, state.report, state.joined
    if report is None or known is None:
        return state.page("Problems", [h.h1["Problems"], h.div(".card")["The cluster has not been checked yet."]], PATH)
    found = choice.select(report, known)
    # With a check chosen, its findings stand one by one; without one, equal ones stand together.
    grouped = not {"check", "cause", "show"} & choice.filters.keys()
    groups = group_roots(found) if grouped else [group for node in found for group in group_roots((node,))]
    part = cut_page(groups, choice.page, _SIZE)
    cause = known.nodes.get(choice.filters.get("cause", ""))
    heading = f"What follows from: {cause.finding.summary}" if cause else "Problems"
    checks = {check.id: check for check in CHECKS}
    content = [
        h.h1[heading],
        _filters(state, report, choice),
        h.p("#shown", role="status")[
            counted(len(found), "finding"), f" in {counted(len(groups), 'group')}" if grouped else ""
        ],
        h.section(aria_labelledby="findings")[
            h.h2("#findings.unseen")["Findings"],
            [group_card(group, report, place, checks) for group in part.items]
            or h.div(".card")["No finding matches." if choice.filters else "No problems found."],
        ],
        pages(place, PATH, choice.filters, part.page, part.pages),
    ]
    return state.page(heading if cause else "Problems", content, PATH)


def _filters(state: PageState, report: Report, choice: FindingChoice) -> h.Node:
    chosen = choice.filters
    checks = sorted({finding.check for finding in report.findings} | set(filter(None, (chosen.get("check"),))))
    severities = [("", "All"), *((severity, severity.capitalize()) for severity in reversed(SEVERITIES))]
    shows = [] if "cause" in chosen else [select("show", "Show", _SHOWS, chosen.get("show", ""))]
    return filters(
        state.place,
        PATH,
        "Problems",
        (
            search("q", "Search", chosen.get("q", "")),
            select("severity", "Severity", severities, chosen.get("severity", "")),
            select("check", "Check", [("", "All"), *((check, check) for check in checks)], chosen.get("check", "")),
            shows,
        ),
        {"cause": chosen.get("cause", "")},
        active=bool(chosen),
    )
