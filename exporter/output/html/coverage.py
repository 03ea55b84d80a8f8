"""What the report does not know: resources that could not be read, objects and checks that could not be evaluated."""

from __future__ import annotations

from typing import Final

import htpy as h

from exporter.base.phrases import counted
from exporter.output.gaps import find_gaps
from exporter.output.html.parts import cut, pill
from exporter.report import Report, ResourceStatus

_GAPS: Final = 100
_FEW: Final = 5
_TONES: Final = {"live": "good", "stale": "warn", "pending": "none", "not_served": "none", "disabled": "none"}
_STATES: Final = {
    "live": "Watched",
    "stale": "Watch lost, last state kept",
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


def gap_summary(report: Report, more: str) -> h.Node:
    """The first few reasons, and where the others stand."""
    listed = gap_list(report, _FEW, more)
    if listed is None:
        return None
    return h.section(aria_labelledby="gaps")[
        h.h2("#gaps")["What could not be checked"], h.div(".card.stack")[h.p[describe_checks(report)], listed]
    ]


def describe_checks(report: Report) -> str:
    """How many checks ran: `all 84 checks ran`, or `26 of 84 checks could not run`."""
    total = [status for status in report.checks if status.status != "disabled"]
    blind = sum(status.status == "blind" for status in total)
    disabled = len(report.checks) - len(total)
    ran = (
        f"{blind} of {counted(len(total), 'check')} could not run"
        if blind
        else f"All {counted(len(total), 'check')} ran"
    )
    return f"{ran}{f', {disabled} switched off' if disabled else ''}."


def resource_table(report: Report) -> h.Node:
    """What is watched, and how much of it there is."""
    heads = ("Kind of object", "State", "Objects", "Not readable")
    return h.div(".sheet")[
        h.table(".cards", role="table")[
            h.caption["Objects that the exporter reads. What is not read is reported as unknown, never as healthy."],
            h.thead(role="rowgroup")[
                h.tr(role="row")[(h.th(scope="col", role="columnheader")[name] for name in heads)],
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
