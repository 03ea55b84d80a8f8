"""The part of Boot source detail that is about time: polls, imports, and how long nothing was proven."""

from __future__ import annotations

from typing import Final

from exporter.generate.dashboards.kit import Panel, Query, Word, of, proven, top
from exporter.rules.freshness import OBJECTIVE, WINDOW

THIS: Final = 'dataimportcron="$dataimportcron"'
SOURCE: Final = 'datasource="$datasource_name"'
CRON: Final = "bootsource_dataimportcron_"
INTERVAL: Final = "schedule_interval_seconds"
GONE: Final = "No data: the DataImportCron is gone, or no exporter is scraped"


def polled_in_time(by: str = "") -> str:
    """1 if the last poll is no older than two intervals of the schedule, else 0; no sample where no schedule asks."""
    last, interval = (top(CRON + name, THIS, by=by) for name in ("last_execution_timestamp_seconds", INTERVAL))
    return f"time() - {last} <= bool 2 * {interval}"


_HISTORY: Final = Panel(
    kind="state-timeline",
    title="Polling and import",
    description="Polled in time: the last poll is no older than two intervals of its schedule. Import: whether one runs.",
    queries=(
        Query(polled_in_time(), "Polled in time"),
        Query(proven(THIS, "", "", 4), "Newest image"),
        Query(f"2 + {top(f'{CRON}progressing', THIS)}", "Import"),
        Query(f"min({of('bootsource_datasource_ready', SOURCE)})", "DataSource ready"),
    ),
    width=24,
    height=7,
    empty=GONE,
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
        Query(f"time() - {top(f'{CRON}proven_newest_timestamp_seconds', THIS)}", "Since proven"),
        Query(f"max({of('bootsource_freshness_target_seconds')})", "Target"),
    ),
    width=12,
    height=8,
    unit="s",
    empty="It was never proven",
)
_STALE: Final = f"time() - {top(f'{CRON}proven_newest_timestamp_seconds', THIS)} > bool max({of('bootsource_freshness_target_seconds')})"
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
