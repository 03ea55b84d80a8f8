"""ReportOutline: a report with everything that its formats need, in the order in which it is shown."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from exporter.base.phrases import counted, joined
from exporter.checks.check import Check
from exporter.output.gaps import find_gaps
from exporter.output.phrases import describe_suppressed, format_time, object_name
from exporter.report import (
    NOTHING_TO_JUDGE,
    SEVERITIES,
    Comparison,
    Finding,
    Report,
    Severity,
    Verdict,
    failing_findings,
    is_undecided,
    not_collected,
    verdict_of,
)


@dataclass(frozen=True, slots=True)
class ReportOutline:
    """A report, ready to be rendered."""

    report: Report
    facts: tuple[str, ...] = ()
    """What cluster it is about: lines for people."""
    checks: tuple[Check, ...] = ()
    """The declarations behind the report: descriptions for formats that carry them."""
    fail_on: Severity = Severity.WARNING
    version: str = ""

    @property
    def problems(self) -> tuple[str, ...]:
        """Input that could not be read."""
        return self.report.problems

    @property
    def failing(self) -> tuple[Finding, ...]:
        """Findings that make the audit fail: with a baseline only what is new or has become worse."""
        return failing_findings(self.report, self.fail_on, compare=True)

    @property
    def verdict(self) -> Verdict:
        """What the exit code tells: the verdict by what the audit is asked to fail on."""
        return verdict_of(self.report, self.fail_on, compare=True)

    @property
    def is_undecided(self) -> bool:
        """Whether something could not be evaluated, so that the report gives no all-clear."""
        return is_undecided(self.report)


@dataclass(frozen=True, slots=True)
class FindingNode:
    """A finding with its symptoms."""

    finding: Finding
    symptoms: list[FindingNode] = field(default_factory=list)

    def count(self) -> int:
        """All symptoms below."""
        return sum(1 for _ in self.nodes()) - 1

    def nodes(self) -> Iterator[FindingNode]:
        """The finding itself and all symptoms below, in the order of the tree."""
        todo = [self]
        while todo:
            node = todo.pop()
            yield node
            todo.extend(reversed(node.symptoms))

    def below(self) -> Iterator[tuple[int, Finding]]:
        """Symptoms and their depth, in the order of the tree."""
        todo = [(0, child) for child in reversed(self.symptoms)]
        while todo:
            depth, one = todo.pop()
            yield depth, one.finding
            todo.extend((depth + 1, child) for child in reversed(one.symptoms))


def visible_findings(report: Report) -> list[Finding]:
    """The findings to show: those not suppressed and, with a baseline, only new and changed ones."""
    baseline = report.baseline
    findings = [f for f in report.findings if f.suppressed is None]
    if baseline is None:
        return findings
    different = {*baseline.new, *(change.fingerprint for change in baseline.changed)}
    return [f for f in findings if f.fingerprint in different]


def describe_difference(report: Report, finding: Finding) -> str:
    """How a finding differs from the baseline: `new`, or what has changed; "" without a baseline."""
    if report.baseline is None:
        return ""
    if finding.fingerprint in report.baseline.new:
        return "new"
    changes = {change.fingerprint: change for change in report.baseline.changed}
    changed = changes.get(finding.fingerprint)
    return f"changed: {'; '.join(changed.what)}" if changed else ""


def build_tree(report: Report) -> list[FindingNode]:
    """Roots, worst first, with their symptoms. A symptom of several causes stands once, nearest to a root."""
    nodes = {f.fingerprint: FindingNode(f) for f in visible_findings(report)}
    effects: dict[str, list[FindingNode]] = {mark: [] for mark in nodes}
    roots = []
    for node in nodes.values():
        causes = [mark for mark in node.finding.caused_by if mark in nodes]
        if not causes:
            # Nothing explains it, or only what is not shown.
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


def suppressed_findings(report: Report) -> list[Finding]:
    """Findings that are suppressed, in the order of the report."""
    return [finding for finding in report.findings if finding.suppressed is not None]


def _uncollected_kinds(report: Report) -> list[str]:
    """Kinds that a dump does not hold and nothing in it needs, with the checks that did not run without them."""
    left_out = not_collected(report)
    details = {r.resource: r.detail for r in report.resources}
    waiting: dict[str, list[str]] = {}
    for status in report.checks:
        for resource in left_out.intersection(status.blind_on):
            waiting.setdefault(resource, []).append(status.check)
    return [
        f"{resource}: {details[resource]}; {counted(len(checks), 'check')} did not run: {', '.join(checks)}"
        for resource, checks in sorted(waiting.items())
    ]


def side_notes(report: Report) -> Iterator[tuple[str, list[str]]]:
    """Titles and lines of what follows the findings: fixed, unknown and suppressed ones."""
    if report.baseline is not None:
        former = (("Fixed", report.baseline.fixed), ("Not known whether fixed", report.baseline.unknown))
        for title, findings in former:
            yield title, [f"{f.severity.upper()}  {f.summary} ({f.check} of {object_name(f)})" for f in findings]
    yield "Not collected", _uncollected_kinds(report)
    yield "Files not read", list(report.skipped)
    yield "Muted", [f"{f.severity.upper()}  {describe_suppressed(f)}" for f in suppressed_findings(report)]


def conclusion(finished: ReportOutline) -> str:
    """The verdict in one sentence."""
    report = finished.report
    roots = build_tree(report)
    found = sum(1 + root.count() for root in roots)
    quiet = len(suppressed_findings(report))
    extra = f"; {counted(quiet, 'finding')} muted" if quiet else ""
    disabled = sum(status.status == "disabled" for status in report.checks)
    extra += f"; {counted(disabled, 'check')} disabled" if disabled else ""
    if finished.is_undecided:
        reasons = sum(1 for _ in find_gaps(report))
        extra += f"; not everything could be judged ({counted(reasons, 'reason')} above)"
    word = finished.verdict.upper()
    if NOTHING_TO_JUDGE in report.problems and word == "UNKNOWN":
        return f"{word}: {NOTHING_TO_JUDGE}"
    if report.baseline is not None:
        return f"{word}: {_since(report.baseline)}{extra}"
    if not found:
        left_out = not_collected(report)
        idle = sum(c.status == "blind" and left_out.issuperset(c.blind_on) for c in report.checks)
        extra += f"; {counted(idle, 'check')} did not run (see Not collected)" if idle else ""
        return f"{word}: nothing wrong found by {counted(len(report.checks) - disabled - idle, 'check')}{extra}"
    by_severity = [
        f"{number} {severity}" for severity in reversed(SEVERITIES) if (number := _count_severity(roots, severity))
    ]
    explained = f" behind {counted(found, 'finding')}" if found > len(roots) else ""
    return f"{word}: {counted(len(roots), 'root cause')} ({', '.join(by_severity)}){explained}{extra}"


def _since(baseline: Comparison) -> str:
    parts = [
        f"{len(baseline.new)} new",
        f"{len(baseline.changed)} changed",
        f"{len(baseline.fixed)} fixed",
        *([f"{len(baseline.unknown)} that cannot be told"] if baseline.unknown else []),
    ]
    return f"{joined(parts)} since {format_time(baseline.at)}"


def _count_severity(roots: list[FindingNode], severity: Severity) -> int:
    return sum(root.finding.severity is severity for root in roots)
