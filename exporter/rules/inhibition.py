"""Which alerts of the platform keep ours from being sent: those that say the same about the same object.

None of ours inhibits another one: see continuity. What the platform's alerts inhibit ends later than they do, since ours
go on for a quarter of an hour, so that the end of an alert that was sent before is sent, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from exporter.report import SEVERITIES, Severity
from exporter.rules import ALERTS

Matcher = tuple[str, str, str]
"""Label, operator as Alertmanager writes it, value."""
CLUSTER: Final = ("cluster", "managed_cluster")
"""The labels that name a cluster: external labels, or an exporter that watches several, and Red Hat ACM. Of two alerts
without such labels both are of the one cluster that there is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inhibition:
    """While an alert of the source fires, those of the target with equal labels are not sent."""

    why: str
    source: tuple[Matcher, ...]
    target: tuple[Matcher, ...]
    equal: tuple[str, ...]


def inhibitions() -> Iterator[Inhibition]:
    """All of them."""
    for alert in ALERTS:
        for relation in alert.relations:
            if relation.mutes and relation.severity is not None:
                yield Inhibition(
                    why=f"{relation.platform} says the same as {alert.name}.",
                    source=(("alertname", "=", relation.platform), ("severity", "=", relation.severity.value)),
                    target=(
                        ("alertname", "=", alert.name),
                        ("check", *_any(relation.mutes)),
                        ("severity", *_any(_up_to(relation.severity))),
                    ),
                    equal=CLUSTER,
                )


def _any(values: tuple[str, ...]) -> tuple[str, str]:
    return ("=", values[0]) if len(values) == 1 else ("=~", "|".join(values))


def _up_to(severity: Severity) -> tuple[str, ...]:
    """The severities of alerts that are not worse than this one."""
    return tuple(s.value for s in SEVERITIES[1 : SEVERITIES.index(severity) + 1])
