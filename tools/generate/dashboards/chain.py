"""The part of Boot source detail that is about one boot source now: its chain link by link, and its findings."""

from __future__ import annotations

from typing import Final

from tools.generate.dashboards.causes import CHECK_PAGE, OBJECT, SEVERITIES
from tools.generate.dashboards.freshness import CRON, EACH, is_newest, is_polled_in_time, with_label
from tools.generate.dashboards.history import DATASOURCE, GONE, SOURCE, THIS, WITHIN
from tools.generate.dashboards.model import Column, Panel, Query, ValueMapping, select, select_newest

_LINK: Final = (
    ValueMapping("1", "good", "green"),
    ValueMapping("0", "not good", "red"),
    ValueMapping("2", "idle", "text"),
    ValueMapping("3", "under way", "blue"),
    ValueMapping("4", "not proven", "orange"),
)


def _step(step: str, says: str, good: str) -> str:
    """One link of the chain: the label that says how it is, and 1 if that is as it should be."""
    said = f'label_replace({good}, "says", "$1", "{says}", "(.*)")'
    return f'max by (cluster, object_namespace, step, says) (label_replace({said}, "step", "{step}", "", ""))'


def _is_good(metric: str, told: str, *matchers: str) -> str:
    """1 if what a label tells is good, else 0, of a metric that is always 1."""
    bad = told.replace("=", "!=", 1) if "!=" not in told else told.replace("!=", "=", 1)
    return f"({select(metric, told, *matchers)} or 0 * {select(metric, bad, *matchers)})"


def _count_of(metric: str, *, waiting: str) -> str:
    """How many objects hang on the DataSource, as the label `count`.

    0 if there are some and it is not ready, `waiting` if there are some and it is, 1 if there are none.
    """
    ready = f"min by ({DATASOURCE}) ({select('bootsource_datasource_ready', SOURCE)})"
    some, none = (f"({select_newest(metric, SOURCE, by=DATASOURCE)} {sign} 0)" for sign in (">", "=="))
    labelled = f'count_values by ({DATASOURCE}) ("count", {{}})'
    return f"({waiting} * {labelled.format(some)} * on ({DATASOURCE}) group_left () {ready} or {labelled.format(none)})"


_OWN: Final = (
    ('kind="DataImportCron"', 'object="$dataimportcron"'),
    ('kind="DataSource"', 'object="$datasource_name"'),
    ('kind=~"DataVolume|PersistentVolumeClaim|VolumeSnapshot"', 'object=~"$datasource_name-[0-9a-f]+"'),
)
"""Objects of a boot source. CDI calls an image like its DataSource, with the beginning of its digest."""


def _own_findings(metric: str) -> str:
    """A metric of the findings about objects of this boot source."""
    return " or ".join(select_newest(metric, *matchers, WITHIN, by=OBJECT) for matchers in _OWN)


_INFO: Final = select(f"{CRON}info", THIS)
_IN_TIME: Final = f"({_INFO} * on ({EACH}) group_left () {is_polled_in_time(THIS)} or {_INFO})"
"""1 if polled within two intervals of its schedule, 0 if not or never; 1 where no schedule asks for polls."""
_IMPORTS: Final = f"(2 + {select_newest(f'{CRON}progressing', THIS, by=EACH)})"
_READY: Final = with_label(
    f"min by ({DATASOURCE}) ({select('bootsource_datasource_ready', SOURCE)})",
    *("reason", "bootsource_datasource_info", DATASOURCE, SOURCE),
)
_LISTED: Final = _is_good("bootsource_boot_source_info", 'state="enabled"')
_MADE_OF: Final = select_newest(f"{CRON}info", THIS, by="cluster, boot_source")
"""The entry of the HyperConverged; with multi-architecture it has another name than the DataImportCron."""


def _with_reason(value: str, label: str) -> str:
    return with_label(value, label, f"{CRON}status_info", EACH, THIS)


_CHAIN: Final = " or ".join(
    (
        _step(
            "1 Listed by HyperConverged",
            "state",
            f"{_LISTED} * on (cluster, boot_source) group_left () {_MADE_OF}",
        ),
        _step("2 Schedule", "schedule", _is_good(f"{CRON}status_info", 'schedule="valid"', THIS)),
        _step("3 Polled in time, by", "polling", _IN_TIME),
        _step("4 Newest image", "up_to_date_reason", _with_reason(is_newest(4, THIS), "up_to_date_reason")),
        _step("5 Import", "progressing_reason", _with_reason(_IMPORTS, "progressing_reason")),
        _step("6 StorageClass", "storageclass", _is_good(f"{CRON}storageclass_info", 'storageclass!=""', THIS)),
        _step("7 DataSource", "reason", _READY),
        _step("8 Source of the DataSource", "source", _is_good("bootsource_datasource_info", 'source!="none"', SOURCE)),
        _step("9 Templates that name it", "count", _count_of("bootsource_datasource_templates", waiting="1")),
        _step("10 Machines waiting", "count", _count_of("bootsource_datasource_virtualmachines", waiting="3")),
    )
)
_CHAIN_TABLE: Final = Panel(
    kind="table",
    title="Its chain, from the HyperConverged to machines",
    description="Each link as its object tells it. A link that is missing has not said anything, or does not exist. Templates and machines "
    "are not good if they cannot use it; a machine under way waits for its volume.",
    queries=(Query(_CHAIN),),
    width=12,
    height=12,
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
    description="Problems of the DataImportCron, its DataSource and its images. Hanging on it: for root causes, the objects that fail or "
    "wait; empty for what follows from another problem. The check leads to cause and remedy.",
    queries=(
        Query(_own_findings("bootsource_finding")),
        Query(_own_findings("bootsource_finding_root_dependents")),
        Query(f"time() - ({_own_findings('bootsource_finding_since_timestamp_seconds')})"),
    ),
    width=12,
    height=12,
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

PANELS: Final = (_CHAIN_TABLE, _ITS_FINDINGS)
