"""Exporter health: whether what the other dashboards say can be relied on."""

from __future__ import annotations

from typing import Final

from tools.generate.dashboards.causes import CHECK_PAGE
from tools.generate.dashboards.model import (
    RESTARTS,
    Column,
    Dashboard,
    Panel,
    Query,
    Row,
    ValueMapping,
    match_label,
    select,
    select_newest,
)
from tools.generate.dashboards.work import WORK

_DOWN: Final = "No data: no exporter is scraped"
_UNREAD: Final = 'state!~"live|disabled"'
_UNSURE: Final = 'status=~"blind|unknown|disabled"'
_OWN: Final = "bootsource_exporter_"
_RESOURCE: Final = "cluster, resource"
_STATES: Final = (
    ("live", 0),
    ("disabled", 1),
    ("pending", 2),
    ("stale", 3),
    ("not_served", 4),
    ("failed", 5),
    ("forbidden", 6),
)


def _count(title: str, description: str, expr: str, *, none: str = "None", empty: str = _DOWN) -> Panel:
    """How many of something that should not be."""
    return Panel(
        kind="stat",
        title=title,
        description=description,
        queries=(Query(expr),),
        width=4,
        height=4,
        empty=empty,
        words=(ValueMapping("0", none, "green"),),
        steps=((0, "green"), (1, "orange")),
    )


_FIRST: Final = (
    Panel(
        kind="stat",
        title="Replicas that report",
        description="Exporters that Prometheus scrapes with success.",
        queries=(Query(f"count({select('bootsource_exporter_build_info')})"),),
        width=4,
        height=4,
        empty="None: nobody watches",
        steps=((0, "red"), (1, "green")),
    ),
    _count(
        "Blind checks",
        "Checks that are blind because a resource that they read is not known. They find nothing, and give no all-clear.",
        f"sum({select_newest('bootsource_check_status', match_label('status', 'blind'), by='cluster, check')})",
    ),
    _count(
        "Resources not read",
        "Resources that are neither live nor switched off: forbidden, not served, failed, stale or still pending.",
        f"sum({select_newest('bootsource_resource_state', _UNREAD, by='cluster, resource, state')})",
    ),
    _count(
        "Namespaces not visible",
        "Namespaces that hold boot sources and in which the exporter may not list some resource, or was told not to.",
        f"sum({select_newest('bootsource_resource_hidden_namespaces', by='cluster, resource, state')})",
    ),
    _count(
        "Objects not understood",
        "Objects that exist and cannot be decoded: what they say is unknown.",
        f"sum({select_newest('bootsource_resource_rejected_objects', by=_RESOURCE)})",
    ),
    _count(
        "Defects in the last hour",
        "Checks, metrics or parts of the HTTP server that crashed: a bug of the exporter. The log has the reason.",
        " + ".join(
            f"sum(increase({select(f'{_OWN}{part}_failures_total')}[1h]))" for part in ("check", "family", "http")
        ),
    ),
    Panel(
        kind="stat",
        title="Last judged",
        description="How long ago the checks were last evaluated, of the cluster where it is longest.",
        queries=(Query(f"time() - min({select_newest(f'{_OWN}last_evaluation_timestamp_seconds', by='cluster')})"),),
        width=24,
        height=3,
        unit="s",
        decimals=0,
        empty=_DOWN,
        steps=((0, "green"), (300, "red")),
    ),
)
_RESOURCES: Final = Panel(
    kind="table",
    title="Watched resources, worst first",
    description="What the exporter reads. Heard: how long ago its watch received anything; more than some minutes is too long. "
    "Forbidden and not served: the checks that need it are blind.",
    queries=(
        Query(
            " or ".join(
                f"{rank} + 0 * ({select_newest('bootsource_resource_state', match_label('state', state), by='cluster, resource, state')} == 1)"
                for state, rank in _STATES
            )
        ),
        Query(select_newest("bootsource_resource_objects", by=_RESOURCE)),
        Query(select_newest("bootsource_resource_rejected_objects", by=_RESOURCE)),
        Query(f"time() - min by ({_RESOURCE}) ({select(f'{_OWN}watch_last_alive_timestamp_seconds')})"),
    ),
    width=12,
    height=9,
    empty=_DOWN,
    columns=(
        Column(field="resource", title="Resource"),
        Column(
            field="state",
            title="State",
            width=110,
            words=(
                ValueMapping("live", "live", "green"),
                ValueMapping("disabled", "disabled", "text"),
                ValueMapping("pending", "pending", "orange"),
                ValueMapping("stale", "stale", "orange"),
                ValueMapping("not_served", "not served", "text"),
                ValueMapping("failed", "failed", "red"),
                ValueMapping("forbidden", "forbidden", "red"),
            ),
        ),
        Column(field="Value #B", title="Objects", width=90, unit="none"),
        Column(field="Value #C", title="Rejected", width=90, unit="none"),
        Column(field="Value #D", title="Heard", width=90, unit="s"),
        Column(field="cluster", title="Cluster", width=100),
        Column(field="Value #A", title="Rank", hidden=True),
    ),
    worst="Rank",
)
_STATUS: Final = f"{select_newest('bootsource_check_status', by='cluster, check, status')} == 1"
_SOME_UNKNOWN: Final = f"{select_newest('bootsource_check_unknown_objects', by='cluster, check')} > 0"
_TOLD: Final = (
    f"{select_newest('bootsource_check_status', _UNSURE, by='cluster, check, status')} == 1 "
    f"or ({_STATUS} and on (cluster, check) ({_SOME_UNKNOWN}))"
)
"""Status of the checks that are not sure, and of those that are, but not about all objects."""
_CHECKS: Final = Panel(
    kind="table",
    title="Checks that do not give a full answer",
    description="Blind: a resource is not known. Unknown: an object has not said. Disabled: by the configuration. Fails or "
    "passes: as far as it could judge. Then how many objects it could not judge, and how many findings are muted or left "
    "out of the metrics. The name leads to what the check needs.",
    queries=(
        Query(_TOLD),
        Query(_SOME_UNKNOWN),
        Query(select_newest("bootsource_findings_suppressed", by="cluster, check") + " > 0"),
        Query(select_newest("bootsource_findings_omitted", by="cluster, check") + " > 0"),
    ),
    width=12,
    height=9,
    empty="Every check can judge everything, or no exporter is scraped",
    columns=(
        Column(field="check", title="Check", link=CHECK_PAGE, link_title="What it needs"),
        Column(
            field="status",
            title="Status",
            width=110,
            words=(
                ValueMapping("blind", "blind", "red"),
                ValueMapping("unknown", "unknown", "purple"),
                ValueMapping("disabled", "disabled", "text"),
                ValueMapping("fail", "fails", "orange"),
                ValueMapping("pass", "passes", "green"),
            ),
        ),
        Column(field="Value #B", title="Unknown", width=90, unit="none"),
        Column(field="Value #C", title="Muted", width=80, unit="none"),
        Column(field="Value #D", title="Omitted", width=85, unit="none"),
        Column(field="cluster", title="Cluster", width=100),
    ),
    sparse="every check can judge everything, and nothing is muted",
)


_SETUP: Final = (
    Panel(
        kind="table",
        title="Replicas",
        description="Version of each exporter, for how long it runs, and whether its configuration and certificate are in use. "
        "Empty: it has none. Replicas with the same configuration have the same number.",
        queries=(
            Query(f"max by (instance, version, python) ({select('bootsource_exporter_build_info')})"),
            Query(f"time() - max by (instance) ({select('process_start_time_seconds')})"),
            Query(f"max by (instance) ({select('bootsource_config_last_reload_successful')})"),
            Query(f"time() - max by (instance) ({select('bootsource_config_last_reload_success_timestamp_seconds')})"),
            Query(f"max by (instance) ({select('bootsource_config_hash')})"),
            Query(f"max by (instance) ({select('bootsource_exporter_tls_last_reload_successful')})"),
            Query(
                f"max by (instance) ({select('bootsource_exporter_tls_certificate_expiry_timestamp_seconds')}) - time()"
            ),
        ),
        width=24,
        height=4,
        empty=_DOWN,
        columns=(
            Column(field="instance", title="Instance"),
            Column(field="version", title="Version", width=110),
            Column(field="python", title="Python", width=100),
            Column(field="Value #B", title="Runs for", width=110, unit="s"),
            Column(
                field="Value #C",
                title="Configuration",
                width=140,
                words=(ValueMapping("1", "in use", "green"), ValueMapping("0", "refused", "red")),
            ),
            Column(field="Value #D", title="Read", width=100, unit="s"),
            Column(field="Value #E", title="Its number", width=170, unit="none"),
            Column(
                field="Value #F",
                title="Certificate",
                width=120,
                words=(ValueMapping("1", "in use", "green"), ValueMapping("0", "refused", "red")),
            ),
            Column(field="Value #G", title="Expires in", width=120, unit="s"),
        ),
        sparse="there is no configuration file, or no TLS",
    ),
)

HEALTH: Final = Dashboard(
    uid="bootsource-exporter",
    title="Boot source exporter health",
    description="Can the other dashboards be relied on? What is not read, what cannot be judged, and what it costs.",
    rows=(
        Row("Answer", _FIRST),
        Row("What is read and judged", (_RESOURCES, _CHECKS)),
        Row("Work", WORK),
        Row("Replicas", _SETUP),
    ),
    annotations=(RESTARTS,),
    since="now-6h",
)
