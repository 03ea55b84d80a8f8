"""The part of the overview that is about boot sources: how fresh each is, where they come from, findings over time."""

from __future__ import annotations

from typing import Final

from exporter.rules.freshness import BUDGET
from tools.generate.dashboards.causes import SEVERITIES
from tools.generate.dashboards.freshness import (
    CRON,
    EACH,
    FRESH,
    INTERVAL,
    OVERDUE,
    POLLED,
    is_newest,
    next_poll,
    seconds_since,
    seconds_since_proof,
    told_by,
)
from tools.generate.dashboards.model import Column, Panel, Query, ValueMapping, match_label, select_newest

_COUNTED_BY: Final = "cluster, check, severity, root"
_ON: Final = 'state!="disabled"'
_NOT_IN_PLACE: Final = 'state=~"not_deployed|not_propagated"'
_LINK: Final = (
    "/d/bootsource-detail?${__url_time_range}&${job:queryparam}&${instance:queryparam}"
    "&var-object_namespace=${__data.fields.Namespace}&${__data.fields.Scope:raw}&var-dataimportcron=${__value.text}"
)
"""Leads to one boot source: its cluster, namespace and name."""


def _with_cluster(expr: str) -> str:
    """With the cluster as a link names it. Where there is one cluster it has no label, and the column would be missing."""
    return f'label_replace({expr}, "scope", "var-cluster=$1", "cluster", "(.*)")'


_STALEST: Final = f"{seconds_since_proof()} or 1e12 + 0 * {select_newest(CRON + INTERVAL, by=EACH)} or 0 * {select_newest(f'{CRON}info', by=EACH)}"
"""Seconds since each was proven newest. One that never was comes first if it should be polled, else last."""

_FRESHNESS: Final = Panel(
    kind="table",
    title="Freshness of each boot source, stalest first",
    description="Proven: how long ago a poll showed that nothing is newer than the image. Not the age of the image: an old "
    "one is fresh if there is nothing newer. First those that were never polled and should be. Budget: share of the allowed staleness that is left, once the "
    "recording rules are loaded. The name leads to its details.",
    queries=(
        Query(_with_cluster(_STALEST)),
        Query(seconds_since_proof()),
        Query(is_newest(2)),
        Query(seconds_since(POLLED)),
        Query(seconds_since("last_import_timestamp_seconds")),
        Query(next_poll()),
        Query(f'max by ({EACH}) ({BUDGET}{{cluster=~"$cluster"}})'),
        Query(told_by("up_to_date_reason", f"{CRON}status_info", EACH)),
    ),
    width=24,
    height=12,
    empty="No boot source has a DataImportCron, or no exporter is scraped",
    columns=(
        Column(field="dataimportcron", title="Boot source", link=_LINK, link_title="Details of it"),
        Column(field="Value #B", title="Proven", width=100, unit="s", steps=FRESH, without="never"),
        Column(
            field="Value #C",
            title="Image",
            width=120,
            words=(
                ValueMapping("1", "newest", "green"),
                ValueMapping("2", "not proven", "red"),
                ValueMapping("0", "not newest", "orange"),
            ),
        ),
        Column(field="up_to_date_reason", title="Reason", width=150),
        Column(field="Value #D", title="Polled", width=95, unit="s", without="never"),
        Column(field="Value #E", title="Imported", width=95, unit="s", without="never"),
        Column(field="Value #F", title="Next poll in", width=115, unit="s", words=(OVERDUE,)),
        Column(field="Value #G", title="Budget", width=90, unit="percentunit"),
        Column(field="object_namespace", title="Namespace", width=280),
        Column(field="cluster", title="Cluster", width=100),
        Column(field="scope", title="Scope", hidden=True),
        Column(field="Value #A", title="Rank", hidden=True),
    ),
    worst="Rank",
)

_CLONED: Final = "bootsource_datasource_cloned_volumes"
_SOURCE: Final = "cluster, object_namespace, datasource"

_ORIGINS: Final = Panel(
    kind="stat",
    title="Boot sources by origin",
    description="Common: as delivered. Modified: delivered, changed by you. Custom: yours alone. Disabled: switched off in "
    "the HyperConverged. Not in place: listed, but not passed on to a DataImportCron.",
    queries=(
        *(
            Query(
                f"sum({select_newest('bootsource_boot_sources', match_label('origin', origin), _ON, by='cluster, origin, state')})",
                origin.capitalize(),
            )
            for origin in ("common", "modified", "custom")
        ),
        Query(
            f"sum({select_newest('bootsource_boot_sources', match_label('state', 'disabled'), by='cluster, origin, state')})",
            "Disabled",
        ),
        Query(
            f"sum({select_newest('bootsource_boot_sources', _NOT_IN_PLACE, by='cluster, origin, state')})",
            "Not in place",
        ),
    ),
    width=10,
    height=6,
    empty="The HyperConverged is not known",
    steps=((0, "text"),),
)

_IN_USE: Final = Panel(
    kind="table",
    title="Images that virtual machines came from",
    description="Finished DataVolumes, nearly always one for each virtual machine, by the image that the DataSource stood "
    "for. Current: the image of today. Kept: an older one that still exists. Gone: an older one that was deleted; what runs "
    "from it is not affected. Unknown: a DataVolume of its own, in which CDI keeps the reference.",
    queries=tuple(
        Query(select_newest(_CLONED, match_label("generation", each), by=_SOURCE))
        for each in ("current", "kept", "gone", "unknown")
    ),
    width=24,
    height=7,
    empty="There is no DataSource, or DataVolumes are not known",
    columns=(
        Column(field="datasource", title="DataSource"),
        Column(field="Value #A", title="Current", width=100, unit="none"),
        Column(field="Value #B", title="Kept", width=100, unit="none"),
        Column(field="Value #C", title="Gone", width=100, unit="none"),
        Column(field="Value #D", title="Unknown", width=100, unit="none"),
        Column(field="object_namespace", title="Namespace", width=300),
        Column(field="cluster", title="Cluster", width=110),
    ),
    worst="Gone",
)

_OVER_TIME: Final = Panel(
    kind="timeseries",
    title="Findings by severity",
    description="Everything that the checks have found, root causes and what follows from them.",
    queries=tuple(
        Query(
            f"sum({select_newest('bootsource_findings', match_label('severity', word.value), by=_COUNTED_BY)})",
            word.value,
        )
        for word in SEVERITIES
    ),
    width=14,
    height=6,
    unit="none",
    empty="No findings, or no exporter is scraped",
    words=SEVERITIES,
    sparse="nothing is broken",
)

PANELS: Final = (_FRESHNESS, _ORIGINS, _OVER_TIME, _IN_USE)
