"""Root causes that are equal, in one group: what one check has found at several objects, equally severe."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from exporter.base.phrases import counted, joined
from exporter.output.outline import FindingNode
from exporter.report import Severity


@dataclass(frozen=True, slots=True)
class RootGroup:
    """One problem, at one object or at many."""

    check: str
    severity: Severity
    roots: tuple[FindingNode, ...]

    def describe_dependents(self) -> str:
        """`12 DataSources and 74 Templates depend on them`, or ""; what depends on several objects counts for each."""
        total: Counter[str] = Counter()
        for node in self.roots:
            total.update(node.finding.dependents)
        parts = [counted(number, kind) for kind, number in total.items() if number]
        return f"{joined(parts)} depend on them" if parts else ""


def group_roots(roots: Iterable[FindingNode]) -> list[RootGroup]:
    """Groups in the order of their first root."""
    groups: dict[tuple[str, Severity], list[FindingNode]] = {}
    for node in roots:
        groups.setdefault((node.finding.check, node.finding.severity), []).append(node)
    return [RootGroup(check, severity, tuple(nodes)) for (check, severity), nodes in groups.items()]
