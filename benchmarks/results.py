"""Results: everything that one run has measured, by subject."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from benchmarks.findings import ToFinding
from benchmarks.measure import Events, Gaps, Latencies, Relist, Scrapes


@dataclass(frozen=True, slots=True)
class Sync:
    """From the start of a process until it serves all series; memory after a few scrapes."""

    wall: float
    cpu: float
    peak: float
    steady: float


@dataclass(slots=True)
class Results:
    """One run."""

    machines: int
    crons: int
    runs: int
    in_cluster: bool = False
    drains: dict[int, list[dict[str, float]]] = field(default_factory=dict)
    syncs: dict[str, dict[int, list[Sync]]] = field(default_factory=dict)
    scrapes: dict[str, Scrapes] = field(default_factory=dict)
    events: dict[str, Events] = field(default_factory=dict)
    latencies: dict[str, Latencies] = field(default_factory=dict)
    findings: dict[str, ToFinding] = field(default_factory=dict)
    """Of programs that make findings."""
    served: dict[str, tuple[float, float]] = field(default_factory=dict)
    """Peak and present memory after scrapes, events and changes."""
    crd_gaps: dict[str, Gaps] = field(default_factory=dict)
    relists: dict[str, Relist] = field(default_factory=dict)
    relisted: dict[str, tuple[float, float]] = field(default_factory=dict)

    def to_json(self) -> str:
        return json.dumps(_rounded(asdict(self)), separators=(",", ":")) + "\n"


def _rounded(value: Any) -> Any:  # noqa: ANN401  (JSON)
    if isinstance(value, float):
        return round(value, 5)
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items()}
    return [_rounded(each) for each in value] if isinstance(value, list | tuple) else value
