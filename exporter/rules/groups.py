"""The rules as Prometheus reads them: groups of recordings and alerts, in the order in which they need each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from exporter.base.durations import short
from exporter.base.project import DASHBOARDS, RUNBOOKS
from exporter.rules import ALERTS
from exporter.rules.boot_sources import BOOT_SOURCES
from exporter.rules.freshness import FRESHNESS, FRESHNESS_RECORDINGS
from exporter.rules.health import HEALTH
from exporter.rules.kit import Alert, Recording
from exporter.rules.roots import ROOT_RECORDINGS

Rule = dict[str, Any]
_GROUPS: Final[tuple[tuple[str, tuple[Alert | Recording, ...]], ...]] = (
    ("bootsource-roots", (*ROOT_RECORDINGS, *BOOT_SOURCES)),
    ("bootsource-freshness", (*FRESHNESS_RECORDINGS, *FRESHNESS)),
    ("bootsource-exporter", HEALTH),
)


def groups(runbooks: str = RUNBOOKS, dashboards: str = DASHBOARDS, labels: Iterable[tuple[str, str]] = ()) -> Rule:
    """The document of a rule file. `labels` are added to every alert."""
    more = tuple(labels)
    return {
        "groups": [
            {"name": name, "rules": [_rule(rule, runbooks, dashboards, more) for rule in rules]}
            for name, rules in _GROUPS
        ]
    }


def _rule(rule: Alert | Recording, runbooks: str, dashboards: str, more: tuple[tuple[str, str], ...]) -> Rule:
    if isinstance(rule, Recording):
        return {"record": rule.name, "expr": rule.expr}
    return {
        "alert": rule.name,
        "expr": rule.expr,
        "for": short(rule.for_),
        **({"keep_firing_for": short(rule.keep_firing_for)} if rule.keep_firing_for else {}),
        "labels": dict((*static_labels(rule), *more)),
        "annotations": {
            "summary": rule.summary,
            "description": rule.description,
            "runbook_url": f"{runbooks}/{rule.name}.md" + (f"#{rule.anchor}" if rule.anchor else ""),
            "dashboard_url": f"{dashboards}/{'bootsource-exporter' if rule.ours else 'bootsource-overview'}",
        },
    }


def static_labels(alert: Alert) -> Iterator[tuple[str, str]]:
    """The labels that a rule sets: the same for all instances of the alert."""
    yield "severity", alert.severity.value
    yield "team", alert.team
    # HCO counts alerts with another impact into the health of the whole platform.
    yield "operator_health_impact", "none"
    yield from alert.static


def named(name: str) -> Alert:
    """The alert of this name; raises StopIteration if there is none."""
    return next(alert for alert in ALERTS if alert.name == name)
