"""Root causes that are the same problem of several objects, shown together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from exporter.output.outline import FindingNode
from exporter.report import Finding, FixText


@dataclass(frozen=True, slots=True)
class FindingGroup:
    """Roots of one check and one severity, in the order of the report."""

    nodes: tuple[FindingNode, ...]

    @property
    def first(self) -> Finding:
        """The finding that stands for all."""
        return self.nodes[0].finding

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All of them."""
        return tuple(node.finding for node in self.nodes)

    def steps(self) -> list[tuple[FixText, tuple[FixText, ...]]]:
        """What to do, step by step: a step, and the same step for all objects, as far as their commands differ."""
        by_label: dict[tuple[str, str, str], dict[str, FixText]] = {}
        for finding in self.findings:
            for fix in finding.offered:
                by_label.setdefault((fix.kind, fix.risk, fix.note), {}).setdefault(fix.command, fix)
        return [(next(iter(fixes.values())), tuple(fixes.values())) for fixes in by_label.values()]


def group_roots(roots: Sequence[FindingNode]) -> list[FindingGroup]:
    """The roots, equal ones together where the first of them stands."""
    groups: dict[tuple[str, str], list[FindingNode]] = {}
    for root in roots:
        groups.setdefault((root.finding.check, root.finding.severity), []).append(root)
    return [FindingGroup(tuple(nodes)) for nodes in groups.values()]
