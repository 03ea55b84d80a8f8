"""The page of one finding, and what is said when it is gone."""

from __future__ import annotations

import htpy as h

from exporter.output.html.document import Page
from exporter.output.html.findings import finding_facts, finding_link, fixes, symptoms
from exporter.output.html.parts import severity_pill
from exporter.output.outline import FindingNode
from exporter.output.phrases import describe_suppressed
from exporter.report import Finding, Report
from exporter.web.pages.state import PageState

_PATH = "/findings/"


def finding_page(state: PageState, report: Report, finding: Finding) -> Page:
    """Everything that is known of the finding: what causes it, what to do, what follows from it."""
    place, nodes = state.place, state.joined.nodes if state.joined else {}
    node = nodes.get(finding.fingerprint, FindingNode(finding))
    causes = [nodes[cause].finding for cause in finding.caused_by if cause in nodes]
    content = [
        h.div(".stack")[h.p[severity_pill(finding.severity)], h.h1[finding.summary]],
        finding.suppressed and h.div(".card")[h.p["Suppressed: ", describe_suppressed(finding)]],
        h.section(".card.stack", aria_label="What is known")[finding_facts(finding, report, place)],
        causes
        and h.section(".card.stack", aria_labelledby="causes")[
            h.h2("#causes")["Fix the cause first"],
            h.ul(".plain")[(h.li[finding_link(cause, report, place)] for cause in causes)],
        ],
        h.section(".card.stack", aria_labelledby="fix")[
            h.h2("#fix")["What to do"],
            fixes(finding) or h.p[h.a(href=place.check(finding.check))["The check explains what to look at."]],
        ],
        node.symptoms
        and h.section(".card.stack", aria_labelledby="effects")[
            h.h2("#effects")["What follows from it"], symptoms(node, report, place)
        ],
    ]
    return state.page(finding.summary, content, "", state.home(), (place.page(_PATH), "Problems"))


def gone_page(state: PageState) -> Page:
    """What is said of a finding that the report does not have."""
    title = "This problem is gone"
    content = [
        h.h1[title],
        h.div(".card.stack")[
            h.p["The exporter does not find it now: it is fixed, or what it is about cannot be seen at present."],
            h.p[h.a(href=state.place.page("/coverage"))["See what could not be checked"]],
        ],
    ]
    return state.page(title, content, "", state.home(), (state.place.page(_PATH), "Problems"))
