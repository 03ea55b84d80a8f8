"""The rules as Prometheus reads them: groups of recordings and alerts, in the order in which they need each other."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any, Final

from exporter.base.durations import format_short
from exporter.base.project import DASHBOARDS, RUNBOOKS
from exporter.rules import ALERTS
from exporter.rules.alert import Alert, Recording
from exporter.rules.boot_sources import BOOT_SOURCES
from exporter.rules.continuity import SEEN_RECORDINGS
from exporter.rules.freshness import FRESHNESS, FRESHNESS_RECORDINGS, INTERVAL
from exporter.rules.health import HEALTH
from exporter.rules.roots import ROOT_RECORDINGS

Rule = dict[str, Any]
_GROUPS: Final[tuple[tuple[str, timedelta | None, tuple[Alert | Recording, ...]], ...]] = (
    ("bootsource-roots", None, (*SEEN_RECORDINGS, *ROOT_RECORDINGS, *BOOT_SOURCES)),
    ("bootsource-freshness", INTERVAL, (*FRESHNESS_RECORDINGS, *FRESHNESS)),
    ("bootsource-exporter", None, HEALTH),
)
"""Name, how often it is evaluated if not as often as Prometheus does by default, and the rules."""
_CLIENT: Final = re.compile(r"\boc (?=get|describe|logs|auth|adm)")


def build_groups(client: str = "kubectl", labels: Iterable[tuple[str, str]] = ()) -> Rule:
    """The document of a rule file. `client` is the program of commands; `labels` are added to every alert.

    An alert that has one of these labels by itself keeps its own.
    """
    more = tuple(labels)
    return {
        "groups": [
            {
                "name": name,
                **({"interval": format_short(interval)} if interval else {}),
                "rules": [_rule(rule, client, more) for rule in rules],
            }
            for name, interval, rules in _GROUPS
        ]
    }


def _rule(rule: Alert | Recording, client: str, more: tuple[tuple[str, str], ...]) -> Rule:
    if isinstance(rule, Recording):
        return {"record": rule.name, "expr": rule.expr}
    added = ((name, value) for name, value in more if name not in rule.labels)
    return {
        "alert": rule.name,
        "expr": rule.expr,
        "for": format_short(rule.for_),
        **({"keep_firing_for": format_short(rule.keep_firing_for)} if rule.keep_firing_for else {}),
        "labels": dict((*static_labels(rule), *added)),
        "annotations": dict(_annotations(rule, client)),
    }


def _annotations(alert: Alert, client: str) -> Iterator[tuple[str, str]]:
    yield "summary", alert.summary
    yield "description", alert.description
    if alert.since:
        yield "since", alert.since
    yield "command", _CLIENT.sub(f"{client} ", alert.command)
    if alert.page:
        yield "page_url", alert.page
    yield "runbook_url", f"{RUNBOOKS}/{alert.name}.md" + (f"#{alert.anchor}" if alert.anchor else "")
    yield "dashboard_url", f"{DASHBOARDS}/{'bootsource-exporter' if alert.ours else 'bootsource-overview'}"


def static_labels(alert: Alert) -> Iterator[tuple[str, str]]:
    """The labels that a rule sets: the same for all instances of the alert."""
    yield "severity", alert.severity.value
    yield "team", alert.team
    # HCO counts alerts with another impact into the health of the whole platform.
    yield "operator_health_impact", "none"
    yield from alert.static


def alert_by_name(name: str) -> Alert:
    """The alert of this name; raises StopIteration if there is none."""
    return next(alert for alert in ALERTS if alert.name == name)
