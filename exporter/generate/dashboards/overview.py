"""Boot sources overview: is anything broken, how many, since when, what next."""

from __future__ import annotations

from typing import Final

from exporter.generate.dashboards import platform
from exporter.generate.dashboards.kit import (
    FINDINGS,
    IMPORTS,
    RESTARTS,
    Column,
    Dashboard,
    Panel,
    Query,
    Row,
    Word,
    is_,
    of,
    proven,
    top,
)
from exporter.project import DOCS
from exporter.rules.freshness import BUDGET

OBJECT: Final = "cluster, check, severity, kind, object_namespace, object"
_ROOTS: Final = "bootsource_finding_root_dependents"
_SINCE: Final = "bootsource_finding_since_timestamp_seconds"
_BAD: Final = 'severity=~"critical|warning"'
_ON: Final = 'state!="disabled"'
_NOT_IN_PLACE: Final = 'state=~"not_deployed|not_propagated"'
_CRON: Final = "cluster, object_namespace, dataimportcron"
_DOWN: Final = "No data: no exporter is scraped"
DETAIL: Final = (
    "/d/bootsource-detail?${__url_time_range}&${job:queryparam}&${instance:queryparam}&${cluster:queryparam}"
)
CHECK_PAGE: Final = f"{DOCS}/checks/${{__value.text}}.md"
SEVERITIES: Final = (
    Word("critical", "critical", "red"),
    Word("warning", "warning", "orange"),
    Word("info", "info", "blue"),
)
FRESH: Final = ((0, "green"), (86400, "orange"), (7 * 86400, "red"))


def ranked(*matchers: str) -> str:
    """Root causes, the worst first: by severity, then by how much hangs on them."""
    levels = (("critical", 2_000_000), ("warning", 1_000_000), ("info", 0))
    return " or ".join(
        f"{weight} + {top(_ROOTS, is_('severity', severity), *matchers, by=OBJECT)}" for severity, weight in levels
    )


def age(metric: str, by: str = "", *matchers: str) -> str:
    """Seconds since the instant that a metric tells."""
    return f"time() - {top(metric, *matchers, by=by)}"


_FIRST: Final = (
    Panel(
        kind="stat",
        title="Is anything broken?",
        description="The verdict of all checks, of the worst cluster chosen. Unknown: nothing was found, but not everything "
        "could be judged; Exporter health tells what is missing.",
        queries=(
            Query(
                f"max(2 * {of('bootsource_verdict', is_('verdict', 'fail'))} or {of('bootsource_verdict', is_('verdict', 'unknown'))})"
            ),
        ),
        width=4,
        height=4,
        empty=_DOWN,
        words=(Word("0", "Nothing broken", "green"), Word("1", "Unknown", "orange"), Word("2", "Broken", "red")),
    ),
    Panel(
        kind="stat",
        title="How many root causes?",
        description="Problems above info that no other problem explains. Mend these; the others go away with them.",
        queries=(Query(f"count({top(_ROOTS, _BAD, by=OBJECT)}) or 0 * {top('bootsource_verdict')}"),),
        width=4,
        height=4,
        empty=_DOWN,
        words=(Word("0", "None", "green"),),
        steps=((0, "green"), (1, "red")),
    ),
    Panel(
        kind="stat",
        title="What hangs on them?",
        description="Objects that fail or wait because of root causes: boot sources, templates, virtual machines. One that "
        "has several causes counts for each.",
        queries=(Query(f"sum({top(_ROOTS, _BAD, by=OBJECT)}) or 0 * {top('bootsource_verdict')}"),),
        width=4,
        height=4,
        empty=_DOWN,
        words=(Word("0", "Nothing", "green"),),
        steps=((0, "green"), (1, "orange")),
    ),
    Panel(
        kind="stat",
        title="Since when?",
        description="How long ago the oldest root cause above info began, as its object tells, or when it was first seen.",
        queries=(
            Query(f"time() - min({top(_SINCE, _BAD, by=OBJECT)} and on ({OBJECT}) {top(_ROOTS, _BAD, by=OBJECT)})"),
        ),
        width=4,
        height=4,
        unit="s",
        decimals=0,
        empty="No problem has a date",
        steps=((0, "orange"), (86400, "red")),
        sparse="nothing is broken",
    ),
    Panel(
        kind="stat",
        title="What next?",
        description="The root cause to begin with: the most severe, then the one with the most hanging on it. The page of its "
        "check, linked in the table below, has the remedy.",
        queries=(Query(f"topk(1, {ranked()})", "{{check}}: {{kind}} {{object}} {{cluster}}"),),
        width=8,
        height=4,
        empty="Nothing found to do",
        names=True,
        steps=((0, "blue"), (1_000_000, "orange"), (2_000_000, "red")),
        sparse="nothing is broken",
    ),
)

_CAUSES: Final = Panel(
    kind="table",
    title="Root causes, worst first",
    description="Every problem that no other problem explains. Hanging on it: objects that fail or wait because of it. "
    "The name of the check leads to its page: cause, effect and remedy.",
    queries=(
        Query(ranked()),
        Query(top(_ROOTS, by=OBJECT)),
        Query(f"time() - ({top(_SINCE, by=OBJECT)} and on ({OBJECT}) {top(_ROOTS, by=OBJECT)})"),
    ),
    width=24,
    height=11,
    empty="No root causes, or no exporter is scraped: the first row tells which",
    columns=(
        Column(field="severity", title="Severity", width=85, words=SEVERITIES),
        Column(field="Value #B", title="Hanging on it", width=115, unit="none"),
        Column(field="Value #C", title="For", width=85, unit="s"),
        Column(field="check", title="Check", width=300, link=CHECK_PAGE, link_title="Cause and remedy"),
        Column(field="kind", title="Kind", width=130),
        Column(field="object", title="Object"),
        Column(field="object_namespace", title="Namespace", width=260),
        Column(field="cluster", title="Cluster", width=110),
        Column(field="Value #A", title="Rank"),
    ),
    worst="Rank",
    sparse="nothing is broken",
)

_FRESHNESS: Final = Panel(
    kind="table",
    title="Freshness of each boot source, stalest first",
    description="Proven: how long ago a poll showed that nothing is newer than the image. Not the age of the image: an old "
    "one is fresh if there is nothing newer. Budget: share of the allowed staleness that is left, once the "
    "recording rules are loaded. The name leads to its details.",
    queries=(
        Query(age("bootsource_dataimportcron_proven_newest_timestamp_seconds", _CRON)),
        Query(proven("", _CRON, f"{_CRON}, reason", 2)),
        Query(age("bootsource_dataimportcron_last_execution_timestamp_seconds", _CRON)),
        Query(age("bootsource_dataimportcron_last_import_timestamp_seconds", _CRON)),
        Query(f"clamp_min({top('bootsource_dataimportcron_schedule_next_timestamp_seconds', by=_CRON)} - time(), 0)"),
        Query(f'max by ({_CRON}) ({BUDGET}{{cluster=~"$cluster"}})'),
    ),
    width=24,
    height=12,
    empty="No boot source has been imported, or no exporter is scraped",
    columns=(
        Column(
            field="dataimportcron",
            title="Boot source",
            link=f"{DETAIL}&var-dataimportcron=${{__value.text}}",
            link_title="Details of it",
        ),
        Column(field="Value #A", title="Proven", width=100, unit="s", steps=FRESH),
        Column(
            field="Value #B",
            title="Image",
            width=120,
            words=(
                Word("1", "newest", "green"),
                Word("2", "not proven", "red"),
                Word("0", "not newest", "orange"),
            ),
        ),
        Column(field="reason", title="Reason", width=150),
        Column(field="Value #C", title="Polled", width=95, unit="s"),
        Column(field="Value #D", title="Imported", width=95, unit="s"),
        Column(field="Value #E", title="Polls in", width=95, unit="s"),
        Column(field="Value #F", title="Budget", width=90, unit="percentunit"),
        Column(field="cluster", title="Cluster", width=100),
    ),
    worst="Proven",
)

_ORIGINS: Final = Panel(
    kind="stat",
    title="Boot sources by origin",
    description="Common: as delivered. Modified: delivered, changed by you. Custom: yours alone. Disabled: switched off in "
    "the HyperConverged. Not in place: listed, but not passed on to a DataImportCron.",
    queries=(
        *(
            Query(
                f"sum({top('bootsource_boot_sources', is_('origin', origin), _ON, by='cluster, origin, state')})",
                origin.capitalize(),
            )
            for origin in ("common", "modified", "custom")
        ),
        Query(
            f"sum({top('bootsource_boot_sources', is_('state', 'disabled'), by='cluster, origin, state')})", "Disabled"
        ),
        Query(
            f"sum({top('bootsource_boot_sources', _NOT_IN_PLACE, by='cluster, origin, state')})",
            "Not in place",
        ),
    ),
    width=10,
    height=6,
    empty="The HyperConverged is not known",
    steps=((0, "text"),),
)

_OVER_TIME: Final = Panel(
    kind="timeseries",
    title="Findings by severity",
    description="Everything that the checks have found, root causes and what follows from them.",
    queries=(
        Query(
            f"count by (severity) ({top('bootsource_finding', by=OBJECT)})",
            "{{severity}}",
        ),
    ),
    width=14,
    height=6,
    unit="none",
    empty="No findings, or no exporter is scraped",
    words=SEVERITIES,
    sparse="nothing is broken",
)

OVERVIEW: Final = Dashboard(
    uid="bootsource-overview",
    title="Boot sources overview",
    description="Will the next virtual machine boot the right image? If not: why, since when, and what to mend first.",
    rows=(
        Row("Answer", _FIRST),
        Row("Causes", (_CAUSES,)),
        Row("Boot sources", (_FRESHNESS, _ORIGINS, _OVER_TIME)),
        Row("Platform", platform.PANELS),
    ),
    annotations=(FINDINGS, IMPORTS, RESTARTS),
)
