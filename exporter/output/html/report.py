"""The report of an audit in one HTML file: the parts of the pages, without a server behind them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import htpy as h

from exporter.base.phrases import counted
from exporter.boot_sources.document import Row
from exporter.checks.check import Check
from exporter.output.groups import group_roots
from exporter.output.html.answer import answer_card
from exporter.output.html.boot_sources import boot_source_table
from exporter.output.html.coverage import resource_table, unchecked_summary
from exporter.output.html.document import Page, Place, render
from exporter.output.html.findings import group_card
from exporter.output.html.parts import glossary, paragraphs
from exporter.output.outline import ReportOutline, build_tree, side_notes

_ROWS: Final = 1000
"""Rows of the table; a file has no pages to turn."""
_NOTES: Final = 200


def render_report(outline: ReportOutline) -> str:
    """The whole file."""
    report, rows, place = outline.report, outline.rows, Place(served=False)
    roots, checks = build_tree(report), {check.id: check for check in outline.checks}
    found = {finding.check for finding in report.findings}
    content = [
        answer_card(report, [root.finding.severity for root in roots], rows, outline.facts),
        h.section(aria_labelledby="boot-sources")[
            h.h2("#boot-sources")["Boot sources"],
            boot_source_table(rows[:_ROWS], _caption(rows), report.at, place, one_namespace=_is_one_namespace(rows)),
        ],
        h.section(aria_labelledby="problems")[
            h.h2("#problems")["Problems"],
            [group_card(group, report, place, checks) for group in group_roots(roots)]
            or h.div(".card")[h.p["No problems found."]],
        ],
        unchecked_summary(report),
        [_note(title, lines) for title, lines in side_notes(report) if lines],
        h.section(aria_labelledby="checks")[
            h.h2("#checks")["About the checks that found something"],
            [_check(check) for check in outline.checks if check.id in found] or h.p["None did."],
        ],
        h.section(aria_labelledby="resources")[h.h2("#resources")["What was read"], resource_table(report)],
        h.section(aria_label="Explanations")[glossary()],
    ]
    return render(Page("Boot sources", content, place, outline.version))


def _is_one_namespace(rows: Sequence[Row]) -> bool:
    return len({row.namespace for row in rows}) == 1


def _caption(rows: Sequence[Row]) -> str:
    left = len(rows) - _ROWS
    where = f" in namespace {rows[0].namespace}" if _is_one_namespace(rows) else ""
    return f"{counted(len(rows), 'boot source')}{where}{f', of which {left} are left out here' if left > 0 else ''}"


def _note(title: str, lines: Sequence[str]) -> h.Node:
    left = len(lines) - _NOTES
    return h.details[
        h.summary[f"{title}: {len(lines)}"],
        h.ul(".plain")[(h.li[line] for line in lines[:_NOTES]), h.li[f"and {left} more"] if left > 0 else None],
    ]


def _check(check: Check) -> h.Node:
    return h.article(f"#check-{check.id}.card.stack")[
        h.h3[check.summary],
        h.p(".mono.dim")[check.id],
        list(paragraphs(check.meaning)),
        h.h4["How to fix it"],
        list(paragraphs(check.mitigation)),
    ]
