"""The part of Exporter health that is about what the exporter does, and what that costs."""

from __future__ import annotations

from typing import Final

from tools.generate.dashboards.model import Panel, Query, select

_DOWN: Final = "No data: no exporter is scraped"
_OWN: Final = "bootsource_exporter_"


def _rate(metric: str, by: str) -> str:
    return f"sum by ({by}) (rate({select(metric)}[$__rate_interval]))"


def _mean(metric: str) -> str:
    return f"{_rate(f'{metric}_sum', 'instance')} / {_rate(f'{metric}_count', 'instance')}"


def _series(title: str, description: str, unit: str, *queries: Query, sparse: str = "", empty: str = _DOWN) -> Panel:
    return Panel(
        kind="timeseries",
        title=title,
        description=description,
        queries=queries,
        width=8,
        height=7,
        unit=unit,
        empty=empty,
        sparse=sparse,
    )


WORK: Final = (
    _series(
        "Requests to the API server",
        "Lists and watches, by outcome. Anything but ok is told by reason.",
        "reqps",
        Query(_rate(f"{_OWN}watch_requests_total", "cluster, outcome") + " > 0", "{{outcome}} {{cluster}}"),
    ),
    _series(
        "Lists and watches begun",
        "A watch lasts about five minutes. Lists beyond the first mean that watches could not be resumed.",
        "ops",
        Query(_rate(f"{_OWN}watch_starts_total", "cluster"), "watches {{cluster}}"),
        Query(_rate(f"{_OWN}watch_lists_total", "cluster"), "lists {{cluster}}"),
    ),
    _series(
        "Changes received",
        "Changes of objects that watches have delivered.",
        "ops",
        Query(_rate(f"{_OWN}watch_events_total", "cluster"), "changes {{cluster}}"),
    ),
    _series(
        "Time of an evaluation and a rendering",
        "Mean time to judge everything, and to write changed metrics for a scrape.",
        "s",
        Query(_mean(f"{_OWN}evaluation_duration_seconds"), "evaluation {{instance}}"),
        Query(_mean(f"{_OWN}render_duration_seconds"), "rendering {{instance}}"),
    ),
    _series(
        "Memory",
        "Resident memory of the process.",
        "bytes",
        Query(select("process_resident_memory_bytes"), "{{instance}}"),
    ),
    _series(
        "Processor",
        "Processor time used, 1 is one core.",
        "none",
        Query(_rate("process_cpu_seconds_total", "instance"), "{{instance}}"),
    ),
    _series(
        "Series and renderings",
        "Series about clusters in a scrape, and families rendered anew per second.",
        "none",
        Query(select(f"{_OWN}series"), "series {{instance}}"),
        Query(_rate(f"{_OWN}family_renders_total", "instance"), "families per second {{instance}}"),
    ),
    _series(
        "HTTP requests answered",
        "By route and status code; the route is empty if there is none of that name.",
        "reqps",
        Query(_rate(f"{_OWN}http_requests_total", "route, code") + " > 0", "{{route}} {{code}}"),
    ),
    _series(
        "Decisions on who may read",
        "Requests to guarded routes by outcome. All zero where nobody is asked who they are.",
        "reqps",
        Query(_rate(f"{_OWN}auth_decisions_total", "outcome"), "{{outcome}}"),
    ),
)
