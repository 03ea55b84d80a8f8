"""Counts: what is counted of the work on one cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Final, Protocol

from exporter.kube.stats import OUTCOMES
from exporter.metrics.exporter_families import FRESHNESS_TARGET, THREAD_ALIVE, WATCH, ExporterValues


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


def _add_counts(numbers: ExporterValues, resource: str, counts: WatchCounts) -> None:
    for outcome, count in counts.requests.items():
        numbers.add(WATCH + "requests_total", count, resource, outcome)
    numbers.add(WATCH + "lists_total", counts.lists, resource)
    numbers.add(WATCH + "starts_total", counts.watches, resource)
    numbers.add(WATCH + "events_total", counts.events, resource)


class ClusterCounts:
    """Counts of one cluster. Safe to call from any thread."""

    def __init__(
        self,
        *,
        resources: Iterable[str],
        alive_at: Callable[[str], datetime | None],
        threads: Callable[[], Mapping[str, bool]] = dict,
        cluster: str = "",
    ) -> None:
        """`alive_at` tells when the watch of a resource last received anything, `threads` which threads are alive."""
        self.cluster = cluster
        """"" for the only one."""
        self._lock = Lock()
        self._alive_at = alive_at
        self._threads = threads
        self._resources = tuple(resources)
        self._watches: list[tuple[str, WatchCounts]] = []
        self._numbers = ExporterValues()
        self._numbers.observe("bootsource_exporter_evaluation_duration_seconds", None)

    def register_checks(self, checks: Iterable[str]) -> None:
        """These checks are evaluated: none of them has failed yet."""
        with self._lock:
            for check in checks:
                self._numbers.add("bootsource_exporter_check_failures_total", 0, check)

    def watch(self, resource: str, counts: WatchCounts) -> None:
        """Expose what this reflector counts, from now on."""
        with self._lock:
            self._watches.append((resource, counts))

    def unwatch(self, resource: str, counts: WatchCounts) -> None:
        """The reflector has ended. What it has counted stays in the sums: a counter never goes back."""
        with self._lock:
            self._watches = [(name, each) for name, each in self._watches if each is not counts]
            _add_counts(self._numbers, resource, counts)

    def count_evaluation(self, seconds: float, at: datetime, crashed: Iterable[str]) -> None:
        """An evaluation is done; these checks crashed in it."""
        with self._lock:
            self._numbers.observe("bootsource_exporter_evaluation_duration_seconds", seconds)
            self._numbers.set("bootsource_exporter_last_evaluation_timestamp_seconds", at.timestamp())
            for check in crashed:
                self._numbers.add("bootsource_exporter_check_failures_total", 1, check)

    def promises(self, target: timedelta) -> None:
        """How old the last proof that a boot source holds the newest image may be."""
        with self._lock:
            self._numbers.set(FRESHNESS_TARGET, target.total_seconds())

    def numbers(self) -> ExporterValues:
        """All of it, as of this moment."""
        with self._lock:
            numbers = self._numbers.copy()
            watches = list(self._watches)
        for resource in self._resources:
            _add_counts(numbers, resource, _NOTHING)
            alive_at = self._alive_at(resource)
            if alive_at is not None:
                numbers.set(WATCH + "last_alive_timestamp_seconds", alive_at.timestamp(), resource)
        for resource, counts in watches:
            _add_counts(numbers, resource, counts)
        for thread, alive in self._threads().items():
            numbers.set(THREAD_ALIVE, alive, thread)
        return numbers
