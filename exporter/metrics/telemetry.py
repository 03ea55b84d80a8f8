"""Telemetry: what the exporter says of itself, on a registry of its own.

The numbers are kept here as plain integers and collected when they are exposed: nothing global, no `_created` series.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Final, Protocol

from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric, SummaryMetricFamily
from prometheus_client.exposition import generate_latest as as_text
from prometheus_client.openmetrics.exposition import generate_latest as as_openmetrics
from prometheus_client.registry import Collector

from exporter.kube.errors import REASONS
from exporter.metrics.own import FRESHNESS_TARGET, OWN_FAMILIES, WATCH, Kind, Numbers

OUTCOMES: Final = ("ok", "configuration", *REASONS)
"""How a list or a watch can end."""
_METRICS: Final[Mapping[Kind, Callable[..., Metric]]] = {
    "gauge": GaugeMetricFamily,
    "counter": CounterMetricFamily,
    "summary": SummaryMetricFamily,
}


class WatchCounts(Protocol):
    """What a reflector counts. Only ever grows."""

    @property
    def requests(self) -> dict[str, int]:
        """Lists and watches by outcome."""

    @property
    def lists(self) -> int:
        """Complete lists."""

    @property
    def watches(self) -> int:
        """Watches begun."""

    @property
    def events(self) -> int:
        """Changes delivered."""


@dataclass(frozen=True, slots=True)
class _Counts:
    requests: dict[str, int]
    lists: int = 0
    watches: int = 0
    events: int = 0


_NOTHING: Final = _Counts(dict.fromkeys(OUTCOMES, 0))


def _add_counts(numbers: Numbers, resource: str, counts: WatchCounts) -> None:
    for outcome, count in counts.requests.items():
        numbers.add(WATCH + "requests_total", count, resource, outcome)
    numbers.add(WATCH + "lists_total", counts.lists, resource)
    numbers.add(WATCH + "starts_total", counts.watches, resource)
    numbers.add(WATCH + "events_total", counts.events, resource)


class Telemetry(Collector):
    """Counts what happens inside. Safe to call from any thread."""

    def __init__(
        self,
        version: str,
        *,
        resources: Iterable[str],
        checks: Iterable[str],
        families: Iterable[str],
        routes: Iterable[str],
        alive_at: Callable[[str], datetime | None],
    ) -> None:
        self._lock = Lock()
        self._alive_at = alive_at
        self._resources = tuple(resources)
        self._watches: list[tuple[str, WatchCounts]] = []
        self._numbers = Numbers()
        self._enumerate(version, checks, families, routes)
        self._registry = CollectorRegistry()
        self._registry.register(self)
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)

    def _enumerate(self, version: str, checks: Iterable[str], families: Iterable[str], routes: Iterable[str]) -> None:
        """Start every counter whose label values are known at 0, so that its first increase is seen."""
        numbers = self._numbers
        numbers.set("bootsource_exporter_build_info", 1, version, platform.python_version())
        for check in checks:
            numbers.add("bootsource_exporter_check_failures_total", 0, check)
        for family in families:
            numbers.add("bootsource_exporter_family_failures_total", 0, family)
        for route in routes:
            for code in (200, 500):
                numbers.add("bootsource_exporter_http_requests_total", 0, route, str(code))
        for code in (400, 404, 405, 408, 431, 500, 503):
            numbers.add("bootsource_exporter_http_requests_total", 0, "", str(code))
        numbers.add("bootsource_exporter_family_renders_total", 0)
        for name in ("evaluation", "render"):
            numbers.observe(f"bootsource_exporter_{name}_duration_seconds", None)

    def watch(self, resource: str, counts: WatchCounts) -> None:
        """Expose what this reflector counts, from now on."""
        with self._lock:
            self._watches.append((resource, counts))

    def unwatch(self, resource: str, counts: WatchCounts) -> None:
        """The reflector has ended. What it has counted stays in the sums: a counter never goes back."""
        with self._lock:
            self._watches = [(name, each) for name, each in self._watches if each is not counts]
            _add_counts(self._numbers, resource, counts)

    def promises(self, target: timedelta) -> None:
        """How old the last proof that a boot source holds the newest image may be."""
        with self._lock:
            self._numbers.set(FRESHNESS_TARGET, target.total_seconds())

    def evaluated(self, seconds: float, at: datetime, crashed: Iterable[str]) -> None:
        """An evaluation is done; these checks crashed in it."""
        with self._lock:
            self._numbers.observe("bootsource_exporter_evaluation_duration_seconds", seconds)
            self._numbers.set("bootsource_exporter_last_evaluation_timestamp_seconds", at.timestamp())
            for check in crashed:
                self._numbers.add("bootsource_exporter_check_failures_total", 1, check)

    def rendered(self, seconds: float, families: int, series: int) -> None:
        """So many families were rendered; all families together now have so many series."""
        with self._lock:
            self._numbers.observe("bootsource_exporter_render_duration_seconds", seconds)
            self._numbers.add("bootsource_exporter_family_renders_total", families)
            self._numbers.set("bootsource_exporter_series", series)

    def family_failed(self, name: str) -> None:
        """A family could not be rendered: a defect."""
        with self._lock:
            self._numbers.add("bootsource_exporter_family_failures_total", 1, name)

    def answered(self, route: str, code: int) -> None:
        """A request was answered; `route` is "" if no route took it."""
        with self._lock:
            self._numbers.add("bootsource_exporter_http_requests_total", 1, route, str(code))

    def exposition(self, *, openmetrics: bool) -> bytes:
        """All of this as text; the OpenMetrics form ends with its end mark."""
        return (as_openmetrics if openmetrics else as_text)(self._registry)

    def collect(self) -> Iterator[Metric]:
        """For the registry: every family that is declared in OWN_FAMILIES."""
        with self._lock:
            numbers = self._numbers.copy()
            watches = list(self._watches)
        self._count_watches(numbers, watches)
        for family in OWN_FAMILIES:
            metric = _METRICS[family.kind](family.name, family.help, labels=family.labels)
            for values, value in numbers.of(family.name):
                family.add(metric, values, value)
            yield metric

    def _count_watches(self, numbers: Numbers, watches: list[tuple[str, WatchCounts]]) -> None:
        for resource in self._resources:
            _add_counts(numbers, resource, _NOTHING)
            alive_at = self._alive_at(resource)
            if alive_at is not None:
                numbers.set(WATCH + "last_alive_timestamp_seconds", alive_at.timestamp(), resource)
        for resource, counts in watches:
            _add_counts(numbers, resource, counts)

    def describe(self) -> Iterable[Metric]:
        """For the registry: no names are checked by collecting."""
        return ()
