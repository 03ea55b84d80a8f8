"""Root causes that are equal, in one group: what one check has found at several objects, equally severe."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from exporter.base.phrases import counted, joined
from exporter.output.outline import FindingNode
from exporter.report import Finding, FixText, Severity


@dataclass(frozen=True, slots=True)
class RootGroup:
    """One problem, at one object or at many."""

    check: str
    severity: Severity
    roots: tuple[FindingNode, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All of them, the first one standing for the group."""
        return tuple(node.finding for node in self.roots)

    def steps(self) -> list[tuple[FixText, ...]]:
        """What to do, step by step: of each step what has another command, in the order of the objects."""
        by_label: dict[tuple[str, str, str], dict[str, FixText]] = {}
        for finding in self.findings:
            for fix in finding.offered:
                by_label.setdefault((fix.kind, fix.risk, fix.note), {}).setdefault(fix.command, fix)
        return [tuple(fixes.values()) for fixes in by_label.values()]

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
