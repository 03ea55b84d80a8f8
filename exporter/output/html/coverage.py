"""What the report does not know: resources that could not be read, objects and checks that could not be evaluated."""

from __future__ import annotations

from typing import Final

import htpy as h

from exporter.output.gaps import find_gaps
from exporter.output.html.parts import cut, pill
from exporter.output.unchecked import describe_coverage, describe_unchecked
from exporter.report import Report, ResourceStatus

_GAPS: Final = 100
_TONES: Final = {"live": "good", "stale": "warn", "pending": "none", "not_served": "none", "disabled": "none"}
_STATES: Final = {
    "live": "Read",
    "stale": "Connection lost, last state kept",
    "pending": "Not read yet",
    "not_served": "Not in this cluster",
    "disabled": "Switched off",
    "forbidden": "No permission",
    "failed": "Not readable",
    "not_collected": "Not in the dump",
}


def gap_list(report: Report, most: int = _GAPS, more: str = "") -> h.Node:
    """What could not be evaluated, each reason once; nothing if everything could be."""
    gaps = list(find_gaps(report))
    if not gaps:
        return None
    return cut(([h.strong[gap.what], ": ", gap.why] for gap in gaps), len(gaps), most, "reason", more)


def unchecked_summary(report: Report, more: str = "") -> h.Node:
    """What could not be checked, by what would have to be granted or collected; nothing if everything was."""
    sentences = describe_unchecked(report)
    if not sentences:
        return None
    return h.section(aria_labelledby="gaps")[
        h.h2("#gaps")["What could not be checked"],
        h.div(".card.stack")[
            h.p[coverage_sentence(report)],
            h.ul(".plain")[(h.li[sentence] for sentence in sentences)],
            h.p[h.a(href=more)["All of it"]] if more else None,
        ],
    ]


def coverage_sentence(report: Report) -> str:
    """How many checks ran, as a sentence."""
    told = describe_coverage(report)
    return f"{told[0].upper()}{told[1:]}."


def resource_table(report: Report) -> h.Node:
    """What is watched, and how much of it there is."""
    heads = (("Kind of object", False), ("State", False), ("Objects", True), ("Not readable", True))
    return h.div(".sheet")[
        h.table(".cards", role="table")[
            h.caption["Objects that the exporter reads. What is not read is reported as unknown, never as healthy."],
            h.thead(role="rowgroup")[
                h.tr(role="row")[
                    (
                        h.th(".number" if number else "", scope="col", role="columnheader")[name]
                        for name, number in heads
                    )
                ],
            ],
            h.tbody(role="rowgroup")[map(_resource_row, report.resources)],
        ]
    ]


def _resource_row(status: ResourceStatus) -> h.Node:
    listed = status.state in ("live", "stale")
    state = pill(_TONES.get(status.state, "bad"), _STATES.get(status.state, status.state))
    return h.tr(role="row", data_key=status.resource)[
        h.th(scope="row", role="rowheader")[status.resource],
        h.td(role="cell", data_label="State")[h.div[state, " ", h.span(".dim.small")[status.detail]]],
        h.td(".number", role="cell", data_label="Objects")[h.div[str(status.rows) if listed else "not known"]],
        h.td(".number", role="cell", data_label="Not readable")[h.div[str(status.rejected) if listed else "not known"]],
    ]
