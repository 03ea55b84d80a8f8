"""Boot source detail: one boot source along its chain, from the HyperConverged to virtual machines."""

from __future__ import annotations

from typing import Final

from exporter.generate.dashboards import history
from exporter.generate.dashboards.history import CRON, GONE, INTERVAL, SOURCE, THIS, polled_in_time
from exporter.generate.dashboards.kit import (
    FINDINGS,
    IMPORTS,
    RESTARTS,
    Column,
    Dashboard,
    Panel,
    Query,
    Row,
    Variable,
    Word,
    of,
    proven,
    top,
)
from exporter.generate.dashboards.overview import CHECK_PAGE, FRESH, SEVERITIES


def _step(step: str, says: str, good: str) -> str:
    """One link of the chain: the label that says how it is, and 1 if that is as it should be."""
    said = f'label_replace({good}, "says", "$1", "{says}", "(.*)")'
    return f'max by (cluster, step, says) (label_replace({said}, "step", "{step}", "", ""))'


def _good(metric: str, told: str, *matchers: str) -> str:
    """1 if what a label tells is good, else 0, of a metric that is always 1."""
    bad = told.replace("=", "!=", 1) if "!=" not in told else told.replace("!=", "=", 1)
    return f"({of(metric, told, *matchers)} or 0 * {of(metric, bad, *matchers)})"


def _ago(title: str, description: str, event: str) -> Panel:
    """How long ago something last happened to the DataImportCron."""
    return Panel(
        kind="stat",
        title=title,
        description=description,
        queries=(Query(f"time() - {top(f'{CRON}{event}_timestamp_seconds', THIS)}"),),
        width=4,
        height=4,
        unit="s",
        decimals=0,
        empty="Never",
        steps=FRESH,
    )


_KEY: Final = "cluster, object_namespace, dataimportcron"
_INTERVAL: Final = top(CRON + INTERVAL, THIS, by=_KEY)
_INFO: Final = of(f"{CRON}info", THIS)
_IN_TIME: Final = f"({_INFO} * on ({_KEY}) group_left () ({polled_in_time(_KEY)}) or (0 * {_INFO} and on ({_KEY}) {_INTERVAL}) or {_INFO})"
"""1 if polled within two intervals of its schedule, 0 if not or never; 1 where no schedule asks for polls."""
_CHAIN: Final = " or ".join(
    (
        _step(
            "1 Listed by HyperConverged",
            "state",
            _good("bootsource_boot_source_info", 'state="enabled"', 'boot_source="$dataimportcron"'),
        ),
        _step("2 Schedule", "state", of(f"{CRON}schedule_fires", THIS)),
        _step("3 Polled in time, by", "polling", _IN_TIME),
        _step("4 Newest image", "reason", proven(THIS, _KEY, f"{_KEY}, reason", 4)),
        _step("5 Import", "reason", f"2 + {of(f'{CRON}progressing', THIS)}"),
        _step("6 StorageClass", "storageclass", _good(f"{CRON}storageclass_info", 'storageclass!=""', THIS)),
        _step("7 DataSource", "reason", of("bootsource_datasource_ready", SOURCE)),
        _step("8 Source of the DataSource", "source", _good("bootsource_datasource_info", 'source!="none"', SOURCE)),
    )
)
_LINK: Final = (
    Word("1", "good", "green"),
    Word("0", "not good", "red"),
    Word("2", "idle", "text"),
    Word("3", "runs", "blue"),
    Word("4", "not proven", "orange"),
)

_FIRST: Final = (
    Panel(
        kind="stat",
        title="Can machines use it?",
        description="Condition Ready of its DataSource.",
        queries=(Query(f"min({of('bootsource_datasource_ready', SOURCE)})"),),
        width=4,
        height=4,
        empty="The DataSource has not said",
        words=(Word("1", "Ready", "green"), Word("0", "Not ready", "red")),
    ),
    Panel(
        kind="stat",
        title="Is its image the newest?",
        description="Condition UpToDate of the DataImportCron. Not proven: CDI says so, but the last poll is older than the freshness target.",
        queries=(Query(proven(THIS, "", "", 2)),),
        width=4,
        height=4,
        empty="CDI has not said",
        words=(
            Word("1", "Newest", "green"),
            Word("2", "Not proven", "red"),
            Word("0", "Not newest", "orange"),
        ),
    ),
    _ago("Proven newest", "How long ago a poll showed that nothing is newer than its image.", "proven_newest"),
    _ago("Last polled", "How long ago its source was polled with success.", "last_execution"),
    Panel(
        kind="stat",
        title="Polls again in",
        description="Time until its schedule fires next.",
        queries=(Query(f"clamp_min({top(f'{CRON}schedule_next_timestamp_seconds', THIS)} - time(), 0)"),),
        width=4,
        height=4,
        unit="s",
        decimals=0,
        empty="Its schedule never fires",
        steps=((0, "text"),),
    ),
    Panel(
        kind="stat",
        title="What depends on it",
        description="Templates that make machines from its DataSource, and machines that wait for a volume from it.",
        queries=(
            Query(
                f"sum({top('bootsource_datasource_templates', SOURCE, by='cluster, object_namespace')})", "Templates"
            ),
            Query(
                f"sum({top('bootsource_datasource_virtualmachines', SOURCE, by='cluster, object_namespace')})",
                "Machines waiting",
            ),
        ),
        width=4,
        height=4,
        empty="Templates and machines are not known",
        steps=((0, "text"),),
    ),
)
_CHAIN_TABLE: Final = Panel(
    kind="table",
    title="Its chain, from the HyperConverged to the DataSource",
    description="Each link as its object tells it. A link that is missing has not said anything, or does not exist: with "
    "multi-architecture the entry of the HyperConverged has another name than the DataImportCron.",
    queries=(Query(_CHAIN),),
    width=12,
    height=10,
    empty=GONE,
    columns=(
        Column(field="step", title="Link"),
        Column(field="says", title="Says", width=190),
        Column(field="Value", title="Is", width=100, words=_LINK),
        Column(field="cluster", title="Cluster", width=100),
    ),
)
_ITS_FINDINGS: Final = Panel(
    kind="table",
    title="Its findings",
    description="Problems of the DataImportCron and its DataSource. Hanging on it: for root causes, the objects that fail or "
    "wait; empty for what follows from another problem. The check leads to cause and remedy.",
    queries=(
        Query(
            top(
                "bootsource_finding",
                'object=~"$dataimportcron|$datasource_name"',
                by="cluster, check, severity, kind, object",
            )
        ),
        Query(
            top(
                "bootsource_finding_root_dependents",
                'object=~"$dataimportcron|$datasource_name"',
                by="cluster, check, severity, kind, object",
            )
        ),
        Query(
            "time() - "
            + top(
                "bootsource_finding_since_timestamp_seconds",
                'object=~"$dataimportcron|$datasource_name"',
                by="cluster, check, severity, kind, object",
            )
        ),
    ),
    width=12,
    height=10,
    empty="Nothing found, or no exporter is scraped",
    columns=(
        Column(field="severity", title="Severity", width=90, words=SEVERITIES),
        Column(field="check", title="Check", link=CHECK_PAGE, link_title="Cause and remedy"),
        Column(field="kind", title="Kind", width=135),
        Column(field="Value #C", title="For", width=95, unit="s"),
        Column(field="Value #B", title="Hanging on it", width=115, unit="none"),
        Column(field="cluster", title="Cluster", width=100),
    ),
    worst="Hanging on it",
    sparse="it is healthy",
)
DETAIL: Final = Dashboard(
    uid="bootsource-detail",
    title="Boot source detail",
    description="One boot source along its chain, from the HyperConverged to virtual machines.",
    rows=(
        Row("Answer", _FIRST),
        Row("Chain and findings", (_CHAIN_TABLE, _ITS_FINDINGS)),
        Row("History", history.PANELS),
    ),
    annotations=(FINDINGS, IMPORTS, RESTARTS),
    more=(
        Variable(
            name="dataimportcron",
            title="Boot source",
            metric="bootsource_dataimportcron_info",
            matchers=('job=~"$job"', 'instance=~"$instance"', 'cluster=~"$cluster"'),
            label="dataimportcron",
            every="",
        ),
        Variable(
            name="datasource_name",
            title="DataSource",
            metric="bootsource_dataimportcron_info",
            matchers=('job=~"$job"', 'instance=~"$instance"', 'cluster=~"$cluster"', THIS),
            label="datasource",
            every="",
            hidden=True,
        ),
    ),
)
