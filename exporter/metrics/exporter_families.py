"""OWN_FAMILIES: the exporter's metrics about itself, declared once like the families about the cluster."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

Kind = Literal["gauge", "counter", "summary"]
Values = tuple[str, ...]
Number = float | tuple[int, float]
"""A value; of a summary the count and the sum."""


@dataclass(frozen=True, slots=True)
class ExporterFamily:
    """One metric about the exporter."""

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...] = ()
    of_cluster: bool = False
    """It is about the work on one cluster: of several clusters each has its own, labelled with its name."""

    def add(self, metric: Any, values: Values, value: Number) -> None:  # noqa: ANN401  (the classes share no add_metric)
        """Add one sample to prometheus_client's metric."""
        if isinstance(value, tuple):
            metric.add_metric(values, count_value=value[0], sum_value=value[1])
        else:
            metric.add_metric(values, value)


class ExporterValues:
    """The values of own families by name and label values."""

    def __init__(self) -> None:
        self._values: dict[str, dict[Values, Number]] = {}

    def add(self, name: str, amount: float, *labels: str) -> None:
        """Increase a counter."""
        values = self._values.setdefault(name, {})
        before = values.get(labels, 0)
        assert not isinstance(before, tuple)
        values[labels] = before + amount

    def set(self, name: str, value: float, *labels: str) -> None:
        """Set a gauge."""
        self._values.setdefault(name, {})[labels] = value

    def observe(self, name: str, seconds: float | None) -> None:
        """Count a duration; None just makes it appear."""
        values = self._values.setdefault(name, {})
        before = values.get((), (0, 0.0))
        assert isinstance(before, tuple)
        values[()] = before if seconds is None else (before[0] + 1, before[1] + seconds)

    def of(self, name: str) -> Iterator[tuple[Values, Number]]:
        """The samples of a family."""
        return iter(self._values.get(name, {}).items())

    def copy(self) -> ExporterValues:
        """The values of this moment."""
        copied = ExporterValues()
        copied._values = {name: dict(values) for name, values in self._values.items()}
        return copied


WATCH: Final = "bootsource_exporter_watch_"
TLS: Final = "bootsource_exporter_tls_"
CONFIG: Final = "bootsource_config_"

THREAD_ALIVE: Final = "bootsource_exporter_thread_alive"
FRESHNESS_TARGET: Final = "bootsource_freshness_target_seconds"

OWN_FAMILIES: Final = (
    ExporterFamily(
        "bootsource_exporter_build_info", "gauge", "Version of this exporter, always 1.", ("version", "python")
    ),
    ExporterFamily(
        FRESHNESS_TARGET,
        "gauge",
        "How old the last proof that a boot source holds the newest image may be, in seconds: --freshness-target.",
        of_cluster=True,
    ),
    ExporterFamily(
        WATCH + "requests_total",
        "counter",
        "Lists and watches that the exporter has asked the API server for, by resource and outcome: ok, crashed (an "
        "unexpected error; the log has the traceback), or the reason for the failure.",
        ("resource", "outcome"),
        of_cluster=True,
    ),
    ExporterFamily(
        WATCH + "lists_total",
        "counter",
        "Complete lists of a resource, the first one included. All but virtual machines are listed again every few "
        "minutes, since a list alone shows what an etcd that was restored from a backup has lost.",
        ("resource",),
        of_cluster=True,
    ),
    ExporterFamily(
        WATCH + "starts_total",
        "counter",
        "Watches of a resource that have begun; each lasts about five minutes when all is well.",
        ("resource",),
        of_cluster=True,
    ),
    ExporterFamily(
        WATCH + "events_total",
        "counter",
        "Changes of objects that watches of a resource have delivered, bookmarks not counted.",
        ("resource",),
        of_cluster=True,
    ),
    ExporterFamily(
        WATCH + "last_alive_timestamp_seconds",
        "gauge",
        "When the watch of a resource last received anything, as Unix time; of several watches the oldest. "
        "No sample if one never has.",
        ("resource",),
        of_cluster=True,
    ),
    ExporterFamily(
        THREAD_ALIVE,
        "gauge",
        "1 as long as a thread of the exporter runs, 0 if it has ended by itself: then its work is not done until the "
        "exporter restarts. A resource that is watched in several namespaces has several threads; 0 if any has ended.",
        ("thread",),
        of_cluster=True,
    ),
    ExporterFamily(
        "bootsource_exporter_evaluation_duration_seconds",
        "summary",
        "Time that evaluations of all checks took, in seconds.",
        of_cluster=True,
    ),
    ExporterFamily(
        "bootsource_exporter_last_evaluation_timestamp_seconds",
        "gauge",
        "When the checks were last evaluated, as Unix time. No sample before the first time.",
        of_cluster=True,
    ),
    ExporterFamily(
        "bootsource_exporter_check_failures_total",
        "counter",
        "Evaluations in which a check crashed, by check: a defect of the exporter; the check counts as unknown.",
        ("check",),
        of_cluster=True,
    ),
    ExporterFamily(
        "bootsource_exporter_render_duration_seconds",
        "summary",
        "Time that rendering changed metrics for a scrape took, in seconds. Unchanged metrics are not rendered.",
    ),
    ExporterFamily(
        "bootsource_exporter_family_renders_total",
        "counter",
        "Metric families rendered because something they show may have changed.",
    ),
    ExporterFamily(
        "bootsource_exporter_family_failures_total",
        "counter",
        "Renderings in which a metric family crashed, by family: a defect of the exporter; the family has no samples.",
        ("family",),
    ),
    ExporterFamily(
        "bootsource_exporter_series",
        "gauge",
        "Number of series about the cluster in the last rendering. Those of the exporter about itself do not count.",
    ),
    ExporterFamily(
        CONFIG + "last_reload_successful",
        "gauge",
        "1 if the configuration file as it is now counts, 0 if it was refused and the last good one counts. "
        "No sample without a configuration file.",
    ),
    ExporterFamily(
        CONFIG + "last_reload_success_timestamp_seconds",
        "gauge",
        "When the configuration that counts was read, as Unix time. No sample without a configuration file.",
    ),
    ExporterFamily(
        CONFIG + "hash",
        "gauge",
        "First 48 bits of the SHA-256 of the configuration file that counts, as a number: replicas agree on it. "
        "No sample without a configuration file.",
    ),
    ExporterFamily(
        "bootsource_exporter_http_requests_total",
        "counter",
        "HTTP requests answered, by route (empty if none took the request) and status code.",
        ("route", "code"),
    ),
    ExporterFamily(
        "bootsource_exporter_http_failures_total",
        "counter",
        "Bugs of the exporter in its HTTP server, by the part that was lost: loop (one turn of the thread that waits "
        "for clients), connection, request, or certificates (one attempt to read them again). The rest goes on.",
        ("part",),
    ),
    ExporterFamily(
        "bootsource_exporter_auth_decisions_total",
        "counter",
        "Requests to guarded routes by outcome: allowed, unauthenticated, forbidden, or unavailable (the API server "
        "could not tell, or too many clients waited for its answer). All 0 where nobody is asked who they are.",
        ("outcome",),
    ),
    ExporterFamily(
        TLS + "reloads_total",
        "counter",
        "How often certificate files were read because they had changed, by outcome, ok or failed; the start is one. "
        "No sample without TLS.",
        ("outcome",),
    ),
    ExporterFamily(
        TLS + "last_reload_successful",
        "gauge",
        "1: the certificate files are in use. 0: they are no good, and those read before are. No sample without TLS.",
    ),
    ExporterFamily(
        TLS + "certificate_expiry_timestamp_seconds",
        "gauge",
        "When the certificate in use expires, as Unix time. No sample without TLS.",
    ),
)
