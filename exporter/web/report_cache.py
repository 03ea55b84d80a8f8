"""ReportCache: what is worked out once from a report, for as long as that report is the newest."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from exporter.report import Report


@dataclass(slots=True)
class ReportCache:
    """One value per cluster, report and minute. Safe to use from many threads.

    What is kept goes with the report: nobody may look for days, and an old report must not stay in memory for that.
    """

    _kept: dict[str, tuple[weakref.ref[Report], str, Any]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def get(self, cluster: str, report: Report, minute: str, make: Callable[[], Any]) -> Any:  # noqa: ANN401  (its maker knows the type)
        """The value of `make`, which must not hold the report itself."""
        with self._lock:
            kept = self._kept.get(cluster)
            if kept is not None and kept[0]() is report and kept[1] == minute:
                return kept[2]
            value = make()
            self._kept[cluster] = (weakref.ref(report, lambda gone: self._forget(cluster, gone)), minute, value)
            return value

    def _forget(self, cluster: str, gone: weakref.ref[Report]) -> None:
        # Without the lock: this runs wherever the report is dropped, also in a thread that holds it.
        kept = self._kept.get(cluster)
        if kept is not None and kept[0] is gone:
            self._kept.pop(cluster, None)
