"""From failures that have outlasted their grace to findings: effect, causes, dependents, suppression and fixes. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Final

from exporter.base.excerpts import excerpt
from exporter.checks.causes import below as symptoms_of
from exporter.checks.causes import effects_of, without_cycles
from exporter.checks.check import Afterwards, Check, Failed
from exporter.checks.offers import Offers
from exporter.checks.policy import Policy
from exporter.checks.runner import Statements
from exporter.checks.suppression import SuppressedBy, SuppressionCase, find_suppressed
from exporter.cluster.resource import Ref
from exporter.model.bounds import LONGEST_TEXT
from exporter.report import SEVERITIES, Finding, FixText, ObjectRef, Severity, Suppression

_MOST_CAUSES: Final = 20
"""Causes of one finding. More are no help, and where many failures name many others each could be followed from each."""
Fingerprint = str
Dependents = Callable[[Collection[Ref]], Iterable[Ref]]
"""Tells which objects depend on these, directly and indirectly."""
Uses = Callable[[Collection[Ref]], bool]
"""Tells whether somebody uses one of these."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A failure that has outlasted its grace."""

    fingerprint: Fingerprint
    check: Check
    ref: Ref
    failed: Failed
    severity: Severity
    since: datetime | None


def rate_by_effect(problem: Problem, policy: Policy, dependents: Dependents, uses: Uses) -> Problem:
    """Critical only if somebody uses what cannot be used: else it can wait. What the configuration says stays."""
    if problem.severity is not Severity.CRITICAL or problem.check.id in policy.severities:
        return problem
    involved = {problem.ref, *problem.failed.affects}
    return problem if uses(involved.union(dependents(involved))) else replace(problem, severity=Severity.WARNING)


def findings_of(problems: list[Problem], dependents: Dependents, statements: Statements) -> tuple[Finding, ...]:
    """The findings, roots first and worst first; what is suppressed comes last."""
    causes = _link_causes(problems)
    effects, by_mark = effects_of(causes), {p.fingerprint: p for p in problems}
    below = {mark: [by_mark[effect] for effect in symptoms_of(mark, effects)] for mark in by_mark}
    # What watches over suppressions cannot be suppressed, or anything could be forgotten. What was accepted is the
    # cause as it is by itself: a symptom that is worse still counts.
    ordinary = [p for p in problems if not isinstance(p.check.over, Afterwards)]
    quiet = find_suppressed(
        (SuppressionCase(p.fingerprint, p.check.id, p.ref, p.severity, causes[p.fingerprint]) for p in ordinary),
        statements,
    )
    loud = {mark: [b for b in found if b.fingerprint not in quiet] for mark, found in below.items()}
    offers = Offers(problems)
    findings = [
        _finding(
            _as_severe(p, loud[p.fingerprint]),
            causes[p.fingerprint],
            _count_dependents(p, below[p.fingerprint], dependents),
            quiet.get(p.fingerprint),
            offers.fixes(p, [by_mark[m] for m in causes[p.fingerprint]], below[p.fingerprint]),
        )
        for p in problems
    ]
    return tuple(sorted(findings, key=_sort_key))


def _sort_key(finding: Finding) -> tuple[object, ...]:
    where = finding.object
    weight = -sum(finding.dependents.values())
    severity = -SEVERITIES.index(finding.severity)
    quiet = finding.suppressed is not None
    return (
        quiet,
        not finding.root,
        severity,
        weight,
        finding.check,
        where.kind,
        where.namespace,
        where.name,
        finding.field,
    )


def _link_causes(problems: list[Problem]) -> dict[Fingerprint, tuple[Fingerprint, ...]]:
    """Per problem those that explain it, without cycles: of two that name each other the first found is the cause."""
    index: dict[tuple[str, Ref | None, str], list[Fingerprint]] = {}
    for p in problems:
        entry = p.failed.part.partition("/")[0]
        for ref in (None, p.ref):
            for part in dict.fromkeys(("", entry)):
                index.setdefault((p.check.id, ref, part), []).append(p.fingerprint)
    return without_cycles(
        {
            p.fingerprint: dict.fromkeys(
                islice((m for c in p.failed.causes for m in index.get((c.check, c.ref, c.part), ())), _MOST_CAUSES)
            )
            for p in problems
        }
    )


def _as_severe(problem: Problem, below: Iterable[Problem]) -> Problem:
    """A cause is as bad as the worst that it leads to and that counts, or a mild one would hide a bad symptom."""
    worst = max((p.severity for p in (problem, *below)), key=SEVERITIES.index)
    return problem if worst is problem.severity else replace(problem, severity=worst)


def _count_dependents(problem: Problem, below: Iterable[Problem], dependents: Dependents) -> dict[str, int]:
    """How many objects of each kind hang on the problem: subjects of its symptoms, and what depends on any of them."""
    involved = {ref for each in (problem, *below) for ref in (each.ref, *each.failed.affects)}
    hit = involved.union(dependents(involved))
    hit.discard(problem.ref)
    counts: dict[str, int] = {}
    for ref in hit:
        counts[ref.kind] = counts.get(ref.kind, 0) + 1
    return dict(sorted(counts.items()))


def _finding(
    problem: Problem,
    caused_by: tuple[Fingerprint, ...],
    blast: dict[str, int],
    quiet: SuppressedBy | None,
    fixes: tuple[FixText, ...],
) -> Finding:
    failed, ref = problem.failed, problem.ref
    return Finding(
        fingerprint=problem.fingerprint,
        check=problem.check.id,
        severity=problem.severity,
        object=ObjectRef(kind=ref.kind, namespace=ref.namespace, name=ref.name),
        field=excerpt(failed.field, LONGEST_TEXT),
        summary=excerpt(failed.summary, LONGEST_TEXT),
        observed=excerpt(failed.observed, LONGEST_TEXT),
        expected=excerpt(failed.expected, LONGEST_TEXT),
        since=problem.since,
        caused_by=caused_by,
        dependents=blast,
        fix=next((fix for fix in fixes if fix.command), None),
        suppressed=Suppression(reason=quiet.reason, owner=quiet.owner, until=quiet.until, source=quiet.source)
        if quiet
        else None,
        fixes=fixes,
    )
