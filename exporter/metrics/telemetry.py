"""Telemetry: what the exporter says of itself, on a registry of its own.

The numbers are kept here as plain integers and collected when they are exposed: nothing global, no `_created` series.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric, SummaryMetricFamily
from prometheus_client.exposition import generate_latest as as_text
from prometheus_client.openmetrics.exposition import generate_latest as as_openmetrics
from prometheus_client.registry import Collector

from exporter.metrics.counts import ClusterCounts
from exporter.metrics.exporter_families import CONFIG, OWN_FAMILIES, THREAD_ALIVE, TLS, ExporterValues, Kind
from exporter.metrics.family import CLUSTER

_METRICS: Final[Mapping[Kind, Callable[..., Metric]]] = {
    "gauge": GaugeMetricFamily,
    "counter": CounterMetricFamily,
    "summary": SummaryMetricFamily,
}


class Telemetry(Collector):
    """Counts what happens inside. Safe to call from any thread."""

    def __init__(
        self,
        version: str,
        *,
        clusters: Iterable[ClusterCounts],
        families: Iterable[str],
        routes: Iterable[str],
        outcomes: Iterable[str],
        parts: Iterable[str],
    ) -> None:
        """`outcomes` are those of authorization, `parts` those of the HTTP server that can fail.

        Several clusters have names, which their numbers are labelled with.
        """
        self._lock = Lock()
        self._clusters = tuple(clusters)
        self._threads: Callable[[], Mapping[str, bool]] = dict
        self._numbers = ExporterValues()
        self._enumerate(version, families, routes, outcomes, parts)
        self._registry = CollectorRegistry()
        self._registry.register(self)
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)

    def _enumerate(
        self,
        version: str,
        families: Iterable[str],
        routes: Iterable[str],
        outcomes: Iterable[str],
        parts: Iterable[str],
    ) -> None:
        """Start every counter whose label values are known at 0, so that its first increase is seen."""
        numbers = self._numbers
        numbers.set("bootsource_exporter_build_info", 1, version, platform.python_version())
        for family in families:
            numbers.add("bootsource_exporter_family_failures_total", 0, family)
        for route in routes:
            for code in (200, 500):
                numbers.add("bootsource_exporter_http_requests_total", 0, route, str(code))
        for code in (400, 404, 405, 408, 431, 500, 503):
            numbers.add("bootsource_exporter_http_requests_total", 0, "", str(code))
        numbers.add("bootsource_exporter_family_renders_total", 0)
        numbers.observe("bootsource_exporter_render_duration_seconds", None)
        for outcome in outcomes:
            numbers.add("bootsource_exporter_auth_decisions_total", 0, outcome)
        for part in parts:
            numbers.add("bootsource_exporter_http_failures_total", 0, part)

    def note_configuration(self, at: datetime, digest: str) -> None:
        """The configuration file with this SHA-256, in hexadecimal, counts from now on."""
        with self._lock:
            self._numbers.set(CONFIG + "last_reload_successful", 1)
            self._numbers.set(CONFIG + "last_reload_success_timestamp_seconds", at.timestamp())
            self._numbers.set(CONFIG + "hash", int(digest[:12], 16))

    def configuration_refused(self) -> None:
        """The configuration file as it is now has a mistake, or cannot be read."""
        with self._lock:
            self._numbers.set(CONFIG + "last_reload_successful", 0)

    def supervise(self, threads: Callable[[], Mapping[str, bool]]) -> None:
        """Expose which of these threads are alive, besides those of the clusters."""
        self._threads = threads

    def promises(self, target: timedelta) -> None:
        """How old the last proof that a boot source holds the newest image may be."""
        for cluster in self._clusters:
            cluster.promises(target)

    def note_rendering(self, seconds: float, families: int, series: int) -> None:
        """So many families were rendered; all families together now have so many series."""
        with self._lock:
            self._numbers.observe("bootsource_exporter_render_duration_seconds", seconds)
            self._numbers.add("bootsource_exporter_family_renders_total", families)
            self._numbers.set("bootsource_exporter_series", series)

    def family_failed(self, name: str) -> None:
        """A family could not be rendered: a defect."""
        with self._lock:
            self._numbers.add("bootsource_exporter_family_failures_total", 1, name)

    def count_answer(self, route: str, code: int) -> None:
        """A request was answered; `route` is "" if no route took it."""
        with self._lock:
            self._numbers.add("bootsource_exporter_http_requests_total", 1, route, str(code))

    def http_failed(self, part: str) -> None:
        """A part of the HTTP server failed by a bug of the exporter, and the rest went on."""
        with self._lock:
            self._numbers.add("bootsource_exporter_http_failures_total", 1, part)

    def count_decision(self, outcome: str) -> None:
        """It was decided whether a request may see a guarded route."""
        with self._lock:
            self._numbers.add("bootsource_exporter_auth_decisions_total", 1, outcome)

    def certificates(self, *, good: bool, expires: datetime) -> None:
        """Changed certificate files were read: they are in use, or they are no good and those before are."""
        with self._lock:
            for outcome in ("ok", "failed"):
                self._numbers.add(TLS + "reloads_total", outcome == ("ok" if good else "failed"), outcome)
            self._numbers.set(TLS + "last_reload_successful", good)
            self._numbers.set(TLS + "certificate_expiry_timestamp_seconds", expires.timestamp())

    def exposition(self, *, openmetrics: bool) -> bytes:
        """All of this as text; the OpenMetrics form ends with its end mark."""
        return (as_openmetrics if openmetrics else as_text)(self._registry)

    def collect(self) -> Iterator[Metric]:
        """For the registry: every family that is declared in OWN_FAMILIES."""
        with self._lock:
            own = self._numbers.copy()
        for thread, alive in self._threads().items():
            own.set(THREAD_ALIVE, alive, thread)
        clusters = [(each.cluster, each.numbers()) for each in self._clusters]
        for family in OWN_FAMILIES:
            named = family.of_cluster and any(cluster for cluster, _ in clusters)
            labels = (CLUSTER, *family.labels) if named else family.labels
            metric = _METRICS[family.kind](family.name, family.help, labels=labels)
            for cluster, numbers in [("", own), *clusters] if family.of_cluster else [("", own)]:
                for values, value in numbers.of(family.name):
                    family.add(metric, (cluster, *values) if named else values, value)
            yield metric

    def describe(self) -> Iterable[Metric]:
        """For the registry: no names are checked by collecting."""
        return ()
