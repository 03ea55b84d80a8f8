"""Boot source detail: one boot source along its chain, from the HyperConverged to virtual machines."""

from __future__ import annotations

from typing import Final

from tools.generate.dashboards import chain, history, images
from tools.generate.dashboards.freshness import (
    CRON,
    FRESH,
    NEVER,
    OVERDUE,
    POLLED,
    PROVEN,
    all_newest,
    longest_since,
    next_poll,
)
from tools.generate.dashboards.history import SOURCE, THIS, worst_ready
from tools.generate.dashboards.model import (
    FINDINGS,
    IMPORTS,
    RESTARTS,
    Dashboard,
    Panel,
    Query,
    Row,
    ValueMapping,
    Variable,
    select_newest,
)


def _seconds_since(title: str, description: str, event: str) -> Panel:
    """How long ago something last happened to the DataImportCron."""
    return Panel(
        kind="stat",
        title=title,
        description=f"{description} In the cluster where it is longest ago. Never: not once, in one of them at least.",
        queries=(Query(longest_since(event, THIS)),),
        width=4,
        height=4,
        unit="s",
        decimals=0,
        empty="Never; no schedule asks for it",
        words=(NEVER,),
        steps=FRESH,
    )


_FIRST: Final = (
    Panel(
        kind="stat",
        title="Can machines use it?",
        description="Condition Ready of its DataSource, in the worst of all clusters chosen. Unknown: in one it has not said.",
        queries=(Query(worst_ready(2)),),
        width=4,
        height=4,
        empty="The DataSource has not said",
        words=(
            ValueMapping("1", "Ready", "green"),
            ValueMapping("0", "Not ready", "red"),
            ValueMapping("2", "Unknown", "purple"),
        ),
    ),
    Panel(
        kind="stat",
        title="Is its image the newest?",
        description="Condition UpToDate of the DataImportCron. Not proven: CDI says so, but the last poll is older than the "
        "freshness target, or there was none. The worst of all clusters chosen. Unknown: in one CDI has not said.",
        queries=(Query(all_newest(2, 3, THIS)),),
        width=4,
        height=4,
        empty="CDI has not said",
        words=(
            ValueMapping("1", "Newest", "green"),
            ValueMapping("2", "Not proven", "red"),
            ValueMapping("0", "Not newest", "orange"),
            ValueMapping("3", "Unknown", "purple"),
        ),
    ),
    _seconds_since("Proven newest", "How long ago a poll showed that nothing is newer than its image.", PROVEN),
    _seconds_since("Last polled", "How long ago its source was polled with success.", POLLED),
    Panel(
        kind="stat",
        title="Polls again in",
        description="Time until its schedule fires next, in the cluster where that is longest. Overdue: the last polls did not happen, "
        "so do not wait for the next one; look at the chain below.",
        queries=(Query(f"min({next_poll(THIS)} < 0) or max({next_poll(THIS)})"),),
        width=4,
        height=4,
        unit="s",
        decimals=0,
        empty="Its schedule never fires, or follows no clock",
        words=(OVERDUE,),
        steps=((0, "text"),),
    ),
    Panel(
        kind="stat",
        title="What depends on it",
        description="Templates that make machines from its DataSource, and machines that wait for a volume from it.",
        queries=(
            Query(
                f"sum({select_newest('bootsource_datasource_templates', SOURCE, by='cluster, object_namespace')})",
                "Templates",
            ),
            Query(
                f"sum({select_newest('bootsource_datasource_virtualmachines', SOURCE, by='cluster, object_namespace')})",
                "Machines waiting",
            ),
        ),
        width=4,
        height=4,
        empty="Templates and machines are not known",
        steps=((0, "text"),),
    ),
)
_CHOSEN: Final = ('job=~"$job"', 'instance=~"$instance"', 'cluster=~"$cluster"')
DETAIL: Final = Dashboard(
    uid="bootsource-detail",
    title="Boot source detail",
    description="One boot source along its chain, from the HyperConverged to virtual machines.",
    rows=(
        Row("Answer", _FIRST),
        Row("Chain and findings", chain.PANELS),
        Row("Image", images.PANELS),
        Row("History", history.PANELS),
    ),
    annotations=(FINDINGS, IMPORTS, RESTARTS),
    more=(
        Variable(
            name="dataimportcron",
            title="Boot source",
            metric=f"{CRON}info",
            matchers=_CHOSEN,
            label="dataimportcron",
            every="",
        ),
        Variable(
            name="object_namespace",
            title="Namespace",
            metric=f"{CRON}info",
            matchers=(*_CHOSEN, 'dataimportcron="$dataimportcron"'),
            label="object_namespace",
        ),
        Variable(
            name="datasource_name",
            title="DataSource",
            metric=f"{CRON}info",
            matchers=(*_CHOSEN, THIS),
            label="datasource",
            every="",
            hidden=True,
        ),
    ),
)
