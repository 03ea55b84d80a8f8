"""The page of what is watched, and what could not be checked."""

from __future__ import annotations

from typing import Final

import htpy as h

from exporter.output.html.coverage import describe_checks, gap_list, resource_table
from exporter.output.html.document import Page
from exporter.web.pages.state import PageState

PATH: Final = "/coverage"


def coverage_page(state: PageState) -> Page:
    """What the exporter sees of the cluster, and what follows where it sees nothing."""
    report = state.report
    if report is None:
        return state.page("Coverage", [h.h1["Coverage"], h.div(".card")["Nothing has been read yet."]], PATH)
    content = [
        h.h1["Coverage"],
        h.section(aria_labelledby="gaps")[
            h.h2("#gaps")["What could not be checked"],
            h.div(".card.stack")[h.p[describe_checks(report)], gap_list(report) or h.p["Nothing is left open."]],
        ],
        h.section(aria_labelledby="resources")[h.h2("#resources")["What is watched"], resource_table(report)],
    ]
    return state.page("Coverage", content, PATH)
