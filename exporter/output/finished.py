"""Finished: a report with what a reader of it needs besides, and the order in which people want to read it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from exporter.checks.kit import SEVERITIES, Check, Severity
from exporter.output.words import counted
from exporter.report import Finding, Report


@dataclass(frozen=True, slots=True)
class Finished:
    """A report, ready to be rendered."""

    report: Report
    facts: tuple[str, ...] = ()
    """What cluster it is about: lines for people."""
    problems: tuple[str, ...] = ()
    """Input that could not be read."""
    checks: tuple[Check, ...] = ()
    """The declarations behind the report: descriptions for formats that carry them."""
    fail_on: Severity = Severity.WARNING
    version: str = ""

    @property
    def failing(self) -> tuple[Finding, ...]:
        """Findings that make the audit fail."""
        least = SEVERITIES.index(self.fail_on)
        open_ones = (f for f in self.report.findings if f.suppressed is None)
        return tuple(f for f in open_ones if SEVERITIES.index(f.severity) >= least)

    @property
    def undecided(self) -> bool:
        """Something could not be judged: no all-clear."""
        report = self.report
        return (
            bool(self.problems)
            or any(c.status in ("blind", "unknown") or c.unknown for c in report.checks)
            or any(r.rejected for r in report.resources)
        )


@dataclass(frozen=True, slots=True)
class Node:
    """A finding with its symptoms."""

    finding: Finding
    symptoms: list[Node] = field(default_factory=list)

    def count(self) -> int:
        """All symptoms below."""
        return sum(1 for _ in self.below())

    def below(self) -> Iterator[tuple[int, Finding]]:
        """Symptoms and their depth, in the order of the tree."""
        todo = [(0, child) for child in reversed(self.symptoms)]
        while todo:
            depth, one = todo.pop()
            yield depth, one.finding
            todo.extend((depth + 1, child) for child in reversed(one.symptoms))


def tree(report: Report) -> list[Node]:
    """Roots, worst first, with their symptoms. A symptom of several causes stands once, nearest to a root."""
    nodes = {f.fingerprint: Node(f) for f in report.findings if f.suppressed is None}
    effects: dict[str, list[Node]] = {mark: [] for mark in nodes}
    roots = []
    for node in nodes.values():
        causes = [mark for mark in node.finding.caused_by if mark in nodes]
        if not causes:
            # Nothing explains it, or only what is muted.
            roots.append(node)
        for mark in causes:
            effects[mark].append(node)
    placed = {root.finding.fingerprint for root in roots}
    todo = deque(roots)
    while todo:
        node = todo.popleft()
        for effect in effects[node.finding.fingerprint]:
            if effect.finding.fingerprint not in placed:
                placed.add(effect.finding.fingerprint)
                node.symptoms.append(effect)
                todo.append(effect)
    return roots


@dataclass(frozen=True, slots=True)
class Gap:
    """One reason why something was not judged."""

    what: str
    why: str


def gaps(finished: Finished) -> Iterator[Gap]:
    """What could not be judged, most far-reaching first: input, resources, objects, subjects."""
    report = finished.report
    for problem in finished.problems:
        yield Gap("input", problem)
    waiting: dict[str, list[str]] = {}
    for status in report.checks:
        for resource in status.blind_on:
            waiting.setdefault(resource, []).append(status.check)
    details = {r.resource: f"{r.state}, {r.detail}" if r.detail else r.state for r in report.resources}
    for resource, checks in sorted(waiting.items(), key=lambda pair: (-len(pair[1]), pair[0])):
        yield Gap(resource, f"{details.get(resource, 'not known')}; blind for it: {', '.join(checks)}")
    for resource_status in report.resources:
        for rejection in resource_status.rejections:
            yield Gap(f"{resource_status.resource}: object not readable", rejection)
    for status in report.checks:
        for why in status.unknown:
            yield Gap(status.check, why)


def conclusion(finished: Finished) -> str:
    """The verdict in one sentence."""
    report = finished.report
    roots = tree(report)
    shown = sum(1 + root.count() for root in roots)
    muted = sum(f.suppressed is not None for f in report.findings)
    extra = f"; {counted(muted, 'finding')} muted" if muted else ""
    if finished.undecided:
        reasons = sum(1 for _ in gaps(finished))
        extra += f"; not everything could be judged ({counted(reasons, 'reason')} above)"
    if not shown:
        word = "UNKNOWN" if finished.undecided else "PASS"
        return f"{word}: nothing wrong found by {counted(len(report.checks), 'check')}{extra}"
    by_severity = [f"{number} {severity}" for severity in reversed(SEVERITIES) if (number := _of(roots, severity))]
    word = "FAIL" if finished.failing else "UNKNOWN" if finished.undecided else "PASS"
    explained = f" behind {counted(shown, 'finding')}" if shown > len(roots) else ""
    return f"{word}: {counted(len(roots), 'root cause')} ({', '.join(by_severity)}){explained}{extra}"


def _of(roots: list[Node], severity: Severity) -> int:
    return sum(root.finding.severity is severity for root in roots)
