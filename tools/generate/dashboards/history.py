"""The part of Boot source detail that is about time: polls, imports, and how long nothing was proven."""

from __future__ import annotations

from typing import Final

from exporter.rules.freshness import BUDGET, OBJECTIVE, WINDOW
from tools.generate.dashboards.freshness import CRON, all_newest, is_polled_in_time, seconds_since_proof
from tools.generate.dashboards.model import Panel, Query, ValueMapping, select, select_newest

WITHIN: Final = 'object_namespace=~"$object_namespace"'
THIS: Final = f'{WITHIN},dataimportcron="$dataimportcron"'
SOURCE: Final = f'{WITHIN},datasource="$datasource_name"'
"""A DataSource is in the namespace of its DataImportCron."""
GONE: Final = "No data: the DataImportCron is gone, or no exporter is scraped"

DATASOURCE: Final = "cluster, object_namespace, datasource"
"""Labels that tell DataSources apart."""
_UNKNOWN: Final = 5


def worst_ready(unknown: int) -> str:
    """1 if its DataSource is ready in all clusters, 0 if it is not in one, else `unknown`: in one it has not said."""
    ready = f"min by ({DATASOURCE}) ({select('bootsource_datasource_ready', SOURCE)})"
    silent = f"{select_newest('bootsource_datasource_info', SOURCE, by=DATASOURCE)} unless {ready}"
    return f"min({ready}) == 0 or {unknown} + 0 * count({silent}) or min({ready})"


_UNPROVEN: Final = f"max({seconds_since_proof(THIS)})"
_TARGET: Final = f"max({select('bootsource_freshness_target_seconds')})"


def _changed(condition: str) -> str:
    return select(f"{CRON}condition_transition_timestamp_seconds", f'condition="{condition}"', THIS)


_HISTORY: Final = Panel(
    kind="state-timeline",
    title="Polling and import",
    description="Polled in time: the last poll is no older than two intervals of its schedule. Import: whether one runs. "
    "The worst of all clusters chosen.",
    queries=(
        Query(f"min({is_polled_in_time(THIS)})", "Polled in time"),
        Query(all_newest(4, _UNKNOWN, THIS), "Newest image"),
        Query(f"2 + {select_newest(f'{CRON}progressing', THIS)}", "Import"),
        Query(worst_ready(_UNKNOWN), "DataSource ready"),
    ),
    width=24,
    height=7,
    empty=GONE,
    words=(
        ValueMapping("1", "yes", "green"),
        ValueMapping("0", "no", "red"),
        ValueMapping("2", "idle", "text"),
        ValueMapping("3", "imports", "blue"),
        ValueMapping("4", "not proven", "orange"),
        ValueMapping(str(_UNKNOWN), "unknown", "purple"),
    ),
)
_AGES: Final = Panel(
    kind="timeseries",
    title="Hours since it was proven newest",
    description="Against the target that --freshness-target sets, in the cluster where it is longest ago. A cluster in "
    "which it was never proven is not in this graph; the first row says Never.",
    queries=(Query(f"{_UNPROVEN} / 3600", "Since proven"), Query(f"{_TARGET} / 3600", "Target")),
    width=12,
    height=8,
    unit="suffix: h",
    empty="It was never proven",
)
_BUDGET: Final = Panel(
    kind="timeseries",
    title="Freshness budget left",
    description=f"Share of the allowed staleness that is left: {OBJECTIVE:.0%} of up to {WINDOW.days} days are "
    "to be fresh, recent ones with more weight. 100 % is all, 0 % none.",
    queries=(Query(f'min({BUDGET}{{cluster=~"$cluster",{THIS}}})', "Left"),),
    width=12,
    height=8,
    unit="percentunit",
    empty="It was never proven, or the recording rules are not loaded",
)

_CHANGED: Final = Panel(
    kind="stat",
    title="How long",
    description="How long ago the conditions UpToDate and Progressing of the DataImportCron last changed, and how long the "
    "import of its newest image took, where it took longest. No import: one runs, or its DataVolume is gone.",
    queries=(
        Query(f"time() - max({_changed('UpToDate')})", "UpToDate changed"),
        Query(f"time() - max({_changed('Progressing')})", "Progressing changed"),
        Query(f"max({select('bootsource_import_duration_seconds', THIS)})", "Import took"),
    ),
    width=24,
    height=4,
    unit="s",
    decimals=0,
    empty="CDI has not said",
    steps=((0, "text"),),
    sparse="an import runs, or its DataVolume is gone",
)

PANELS: Final = (_HISTORY, _AGES, _BUDGET, _CHANGED)
