"""The part of Boot source detail that is about time: polls, imports, and how long nothing was proven."""

from __future__ import annotations

from typing import Final

from exporter.generate.dashboards.kit import Panel, Query, Word, of, proven, top
from exporter.rules.freshness import OBJECTIVE, WINDOW

_THIS: Final = 'dataimportcron="$dataimportcron"'
_SOURCE: Final = 'datasource="$datasource_name"'
_CRON: Final = "bootsource_dataimportcron_"
_GONE: Final = "No data: the DataImportCron is gone, or no exporter is scraped"
_HISTORY: Final = Panel(
    kind="state-timeline",
    title="Polling and import",
    description="Polled in time: the last poll is no older than two intervals of its schedule. Import: whether one runs.",
    queries=(
        Query(
            f"time() - {top(f'{_CRON}last_execution_timestamp_seconds', _THIS)} <= bool "
            f"2 * {top(f'{_CRON}schedule_interval_seconds', _THIS)}",
            "Polled in time",
        ),
        Query(proven(_THIS, "", "", 4), "Newest image"),
        Query(f"2 + {top(f'{_CRON}progressing', _THIS)}", "Import"),
        Query(f"min({of('bootsource_datasource_ready', _SOURCE)})", "DataSource ready"),
    ),
    width=24,
    height=7,
    empty=_GONE,
    words=(
        Word("1", "yes", "green"),
        Word("0", "no", "red"),
        Word("2", "idle", "text"),
        Word("3", "imports", "blue"),
        Word("4", "not proven", "orange"),
    ),
)
_AGES: Final = Panel(
    kind="timeseries",
    title="Time since it was proven newest",
    description="Against the target that --freshness-target sets.",
    queries=(
        Query(f"time() - {top(f'{_CRON}proven_newest_timestamp_seconds', _THIS)}", "Since proven"),
        Query(f"max({of('bootsource_freshness_target_seconds')})", "Target"),
    ),
    width=12,
    height=8,
    unit="s",
    empty="It was never proven",
)
_STALE: Final = f"time() - {top(f'{_CRON}proven_newest_timestamp_seconds', _THIS)} > bool max({of('bootsource_freshness_target_seconds')})"
_BUDGET: Final = Panel(
    kind="timeseries",
    title="Freshness budget left",
    description=f"Share of the allowed staleness that is left: {OBJECTIVE:.0%} of the last {WINDOW.days} days shall be fresh. "
    "100 % is all, below 0 is overspent.",
    queries=(Query(f"1 - avg_over_time(({_STALE})[{WINDOW.days}d:1h]) / {1 - OBJECTIVE:.2f}", "Left"),),
    width=12,
    height=8,
    unit="percentunit",
    empty="It was never proven",
)

PANELS: Final = (_HISTORY, _AGES, _BUDGET)
