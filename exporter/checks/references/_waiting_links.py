"""How findings speak of the VirtualMachines and DataVolumes that wait for the same thing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Final, Protocol

from exporter.checks.references._missing_targets import reference_field
from exporter.cluster.resource import Ref
from exporter.cluster.resources import DATA_VOLUMES
from exporter.joins.references import Link

_SHOWN: Final = 3
"""Names in a summary; the report counts all of them by kind."""


class Waiting(Protocol):
    """What has a consumer, and a time since when that waits."""

    @property
    def by(self) -> Ref: ...
    @property
    def since(self) -> datetime | None: ...


def consumers(links: Sequence[Waiting]) -> list[Ref]:
    """Who waits, each once, by name."""
    return sorted({link.by for link in links})


def alone(links: Sequence[Waiting]) -> bool:
    """One only waits."""
    return len(consumers(links)) == 1


def who(links: Sequence[Waiting]) -> str:
    """`VirtualMachine web-1`, or `12 VirtualMachines`."""
    refs = consumers(links)
    if len(refs) == 1:
        return f"{refs[0].kind} {refs[0].name}"
    counts = Counter(ref.kind for ref in refs)
    return " and ".join(f"{count} {kind}{'s' if count > 1 else ''}" for kind, count in sorted(counts.items()))


def names(links: Sequence[Waiting]) -> str:
    """`: web-1, web-2, web-3 and 9 more` where `who` gives a number; "" where it gives the name."""
    refs = consumers(links)
    if len(refs) == 1:
        return ""
    rest = f" and {len(refs) - _SHOWN} more" if len(refs) > _SHOWN else ""
    return ": " + ", ".join(ref.name for ref in refs[:_SHOWN]) + rest


def affected(links: Sequence[Waiting]) -> tuple[Ref, ...]:
    """All that wait, for the number of affected objects."""
    return tuple(consumers(links))


def since(links: Sequence[Waiting]) -> datetime | None:
    """Since when the first of them waits, as far as objects tell."""
    return min((link.since for link in links if link.since), default=None)


def field_of_link(link: Link, about: Ref) -> str:
    """The path of a reference, after the object that holds it if the finding is about another one."""
    holder = DATA_VOLUMES.ref(link.by.namespace, link.reference.volume) if link.in_volume else link.by
    path = "spec.sourceRef" if link.in_volume else reference_field(link.reference)
    return path if holder == about else f"{holder}: {path}"
