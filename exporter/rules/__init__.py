"""ALERTS and RECORDINGS: what Prometheus evaluates. Rule files, runbooks and tables are generated from them.

What belongs here: expressions over our own metrics, and what the person on call needs to know. What does not:
anything that a check already says of itself, which the generated texts take from its declaration.
"""

from __future__ import annotations

from typing import Final

from exporter.rules.alert import Alert, Recording
from exporter.rules.boot_sources import BOOT_SOURCES
from exporter.rules.continuity import SEEN_RECORDINGS
from exporter.rules.freshness import FRESHNESS, FRESHNESS_RECORDINGS
from exporter.rules.health import HEALTH
from exporter.rules.roots import ROOT_RECORDINGS

ALERTS: Final[tuple[Alert, ...]] = (*BOOT_SOURCES, *FRESHNESS, *HEALTH)
"""At most fifteen: every one of them interrupts a person."""
RECORDINGS: Final[tuple[Recording, ...]] = (*SEEN_RECORDINGS, *ROOT_RECORDINGS, *FRESHNESS_RECORDINGS)
"""The few expressions that dashboards and alerts share, each after those that it uses."""
