"""Which alerts keep which others from being sent: causes mute what only follows from them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from exporter.rules import ALERTS
from exporter.rules.health import DOWN

Matcher = tuple[str, str, str]
"""Label, operator as Alertmanager writes it, value."""
_OBJECT: Final = ("cluster", "kind", "object_namespace", "object")
_FRESHNESS: Final = "BootSourceFreshnessBudgetBurning"
_WHOLE_CLUSTER: Final = ("BootSourceMachineCreationBroken", "BootSourceOperatorStalled", "BootSourceStorageAmbiguous")


@dataclass(frozen=True, slots=True, kw_only=True)
class Inhibition:
    """While an alert of the source fires, those of the target with equal labels are not sent."""

    why: str
    source: tuple[Matcher, ...]
    target: tuple[Matcher, ...]
    equal: tuple[str, ...] = ()


def _named(*names: str) -> Matcher:
    return ("alertname", "=", names[0]) if len(names) == 1 else ("alertname", "=~", "|".join(names))


def inhibitions() -> Iterator[Inhibition]:
    """All of them, ours first."""
    roots = [alert.name for alert in ALERTS if alert.checks]
    yield Inhibition(
        why="Nothing is known while the exporter is down.",
        source=(_named(DOWN),),
        target=(("alertname", "=~", "BootSource.+"), ("alertname", "!=", DOWN)),
    )
    yield Inhibition(
        why="A resource that cannot be read is why checks are blind.",
        source=(_named("BootSourcePermissionMissing", "BootSourceWatchStale"),),
        target=(_named("BootSourceAuditBlind"),),
        equal=("cluster",),
    )
    yield Inhibition(
        why="What is critical about an object comes before what else is wrong with it.",
        source=(_named(roots[0]), ("severity", "=", "critical")),
        target=(_named(*roots[1:]), ("severity", "=", "warning")),
        equal=_OBJECT,
    )
    yield Inhibition(
        why="A cron with a problem is known not to be fresh.",
        source=(_named(*roots),),
        target=(_named(_FRESHNESS),),
        equal=_OBJECT,
    )
    yield Inhibition(
        why="Nothing stays fresh while operators or storage are broken for all.",
        source=(_named(*_WHOLE_CLUSTER),),
        target=(_named(_FRESHNESS),),
        equal=("cluster",),
    )
    for alert in ALERTS:
        for relation in alert.relations:
            if relation.mutes:
                checks = "|".join(relation.mutes)
                yield Inhibition(
                    why=f"{relation.platform} says the same as {alert.name}, or its cause.",
                    source=(_named(relation.platform),),
                    target=(_named(alert.name), ("check", "=~" if "|" in checks else "=", checks)),
                    equal=("cluster",),
                )
