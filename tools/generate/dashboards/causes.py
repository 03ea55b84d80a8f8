"""The part of the overview that answers: is anything broken, how many, since when, what next; and the table of causes."""

from __future__ import annotations

from typing import Final

from exporter.base.project import DOCS
from tools.generate.dashboards.freshness import with_label
from tools.generate.dashboards.model import Column, Panel, Query, ValueMapping, match_label, select, select_newest

OBJECT: Final = "cluster, check, severity, kind, object_namespace, object"
"""Labels that tell findings apart."""
ROOTS: Final = "bootsource_finding_root_dependents"
SINCE: Final = "bootsource_finding_since_timestamp_seconds"
CHECK_PAGE: Final = f"{DOCS}/checks/${{__value.text}}.md"
SEVERITIES: Final = (
    ValueMapping("critical", "critical", "red"),
    ValueMapping("warning", "warning", "orange"),
    ValueMapping("info", "info", "blue"),
)
_BAD: Final = 'severity=~"critical|warning"'
_DOWN: Final = "No data: no exporter is scraped"


def rank_roots(*matchers: str) -> str:
    """Root causes, the worst first: by severity, then by how much hangs on them."""
    levels = (("critical", 2_000_000), ("warning", 1_000_000), ("info", 0))
    return " or ".join(
        f"{weight} + {select_newest(ROOTS, match_label('severity', severity), *matchers, by=OBJECT)}"
        for severity, weight in levels
    )


CHECK: Final = "cluster, check"
CHECK_INFO: Final = "bootsource_check_info"
_COUNTED: Final = select_newest(
    "bootsource_findings", match_label("root", "true"), _BAD, by="cluster, check, severity, root"
)
_FIRST_CAUSE: Final = with_label(f"({rank_roots()})", "title", CHECK_INFO, CHECK)
_BEGUN: Final = f"{select_newest(SINCE, _BAD, by=OBJECT)} and on ({OBJECT}) {select_newest(ROOTS, _BAD, by=OBJECT)}"
FIRST: Final = (
    Panel(
        kind="stat",
        title="Is anything broken?",
        description="The verdict of all checks, of the worst cluster chosen. Unknown: nothing was found, but not everything "
        "could be judged; Exporter health tells what is missing.",
        queries=(
            Query(
                f"max(2 * {select('bootsource_verdict', match_label('verdict', 'fail'))} or {select('bootsource_verdict', match_label('verdict', 'unknown'))})"
            ),
        ),
        width=4,
        height=4,
        empty=_DOWN,
        words=(
            ValueMapping("0", "Nothing broken", "green"),
            ValueMapping("1", "Unknown", "purple"),
            ValueMapping("2", "Broken", "red"),
        ),
    ),
    Panel(
        kind="stat",
        title="How many root causes?",
        description="Problems above info that no other problem explains. Mend these; the others go away with them.",
        queries=(Query(f"sum({_COUNTED}) or 0 * {select_newest('bootsource_verdict')}"),),
        width=4,
        height=4,
        empty=_DOWN,
        words=(ValueMapping("0", "None", "green"),),
        steps=((0, "green"), (1, "red")),
    ),
    Panel(
        kind="stat",
        title="What hangs on them?",
        description="Objects that fail or wait because of root causes: boot sources, templates, virtual machines. One that "
        "has several causes counts for each.",
        queries=(Query(f"sum({select_newest(ROOTS, _BAD, by=OBJECT)}) or 0 * {select_newest('bootsource_verdict')}"),),
        width=4,
        height=4,
        empty=_DOWN,
        words=(ValueMapping("0", "Nothing", "green"),),
        steps=((0, "green"), (1, "orange")),
    ),
    Panel(
        kind="stat",
        title="Since when?",
        description="How long ago the oldest root cause above info began, as its object tells, or when it was first seen. "
        "No date: there is none, or none with a date.",
        queries=(Query(f"time() - min({_BEGUN}) or 0 * {select_newest('bootsource_verdict')} - 1"),),
        width=4,
        height=4,
        unit="s",
        decimals=0,
        empty=_DOWN,
        words=(ValueMapping("-1", "No date", "blue"),),
        steps=((0, "orange"), (86400, "red")),
    ),
    Panel(
        kind="stat",
        title="What next?",
        description="The root cause to begin with: the most severe, then the one with the most hanging on it. The page of its "
        "check, linked in the table below, has the remedy.",
        queries=(Query(f"topk(1, {_FIRST_CAUSE})", "Fix: {{title}}. {{kind}} {{object}} {{cluster}}"),),
        width=8,
        height=4,
        empty="Nothing found to do",
        names=True,
        steps=((0, "blue"), (1_000_000, "orange"), (2_000_000, "red")),
        sparse="nothing is broken",
    ),
)

CAUSES: Final = Panel(
    kind="table",
    title="Root causes, worst first",
    description="Every problem that no other problem explains. Hanging on it: objects that fail or wait because of it. "
    "The name of the check leads to its page: cause, effect and remedy.",
    queries=(
        Query(rank_roots()),
        Query(with_label(select_newest(ROOTS, by=OBJECT), "title", CHECK_INFO, CHECK)),
        Query(f"time() - ({select_newest(SINCE, by=OBJECT)} and on ({OBJECT}) {select_newest(ROOTS, by=OBJECT)})"),
    ),
    width=24,
    height=15,
    empty="No root causes, or no exporter is scraped: the first row tells which",
    columns=(
        Column(field="severity", title="Severity", width=85, words=SEVERITIES),
        Column(field="Value #B", title="Hanging on it", width=115, unit="none"),
        Column(field="Value #C", title="For", width=85, unit="s"),
        Column(field="title", title="Problem", width=610),
        Column(field="check", title="Check", width=280, link=CHECK_PAGE, link_title="Cause and fix"),
        Column(field="kind", title="Kind", width=150),
        Column(field="object", title="Object", width=220),
        Column(field="object_namespace", title="Namespace", width=290),
        Column(field="cluster", title="Cluster", width=90),
        Column(field="Value #A", title="Rank", hidden=True),
    ),
    worst="Rank",
    sparse="nothing is broken",
)
