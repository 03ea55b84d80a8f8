"""Runs the checks over a ClusterSnapshot: verdicts, grace, causes, blast radius. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice
from typing import Final

from exporter.base.excerpts import excerpt
from exporter.checks.causes import below as symptoms_of
from exporter.checks.causes import effects_of, without_cycles
from exporter.checks.check import Afterwards, Check, Failed
from exporter.checks.offers import Offers
from exporter.checks.policy import DEFAULT, Policy
from exporter.checks.reuse import Past, Reuse
from exporter.checks.runner import CheckOutcome, Statements, run_check
from exporter.checks.suppression import SuppressedBy, SuppressionCase, all_statements, find_suppressed, match_statements
from exporter.cluster.resource import Ref, Resource
from exporter.cluster.snapshot import ClusterSnapshot
from exporter.joins.platform import Platform
from exporter.model.bounds import LONGEST_TEXT
from exporter.report import (
    SEVERITIES,
    CheckStatus,
    Finding,
    FixText,
    ObjectRef,
    Report,
    ResourceStatus,
    Severity,
    Status,
    Suppression,
    with_verdict,
)
from exporter.schedule.timetable import Timetable

UNWATCHED: Final = datetime.min.replace(tzinfo=UTC)
"""First seen when we started to look: of unknown age."""

_MOST_REASONS: Final = 100
"""Reasons per check and resource why something was not judged; further ones are counted."""

Fingerprint = str
Dependents = Callable[[Collection[Ref]], Iterable[Ref]]
"""Tells which objects depend on these, directly and indirectly."""
Uses = Callable[[Collection[Ref]], bool]
"""Tells whether somebody uses one of these."""


def fingerprint(check: str, ref: Ref, part: str = "") -> Fingerprint:
    """Identifies a finding for as long as it is about the same thing, over restarts and replicas."""
    text = "\0".join((check, *ref, part))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Memory:
    """When each failure was first seen. What failed at the first look may be of any age and gets no grace."""

    first_seen: Mapping[Fingerprint, datetime] = field(default_factory=dict)
    fresh: bool = True
    """Nothing has been evaluated before."""
    past: Past | None = field(default=None, compare=False, repr=False)
    """Saves work, and changes no result."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A report, what to remember for the next one, and what went wrong inside."""

    report: Report
    memory: Memory
    crashed: Mapping[str, str]
    """Per check that raised its traceback: a defect of ours, shown as unknown. The caller logs and counts it."""


@dataclass(frozen=True, slots=True)
class _Problem:
    """A failure that has outlasted its grace."""

    fingerprint: Fingerprint
    check: Check
    ref: Ref
    failed: Failed
    severity: Severity
    since: datetime | None


def evaluate(  # noqa: PLR0913  (each is an input of its own that tests vary)
    checks: Iterable[Check],
    cluster: ClusterSnapshot,
    now: datetime,
    *,
    timetable: Timetable,
    platform: Platform,
    dependents: Dependents,
    uses: Uses = lambda _: True,
    memory: Memory | None = None,
    policy: Policy = DEFAULT,
    progress: Callable[[], None] = lambda: None,
) -> Evaluation:
    """Judge the cluster as of `now`. The same arguments always give the same result.

    `progress` is called before each check and each further step: a large cluster takes long, but it goes on.
    """
    memory, checks = memory or Memory(), tuple(checks)
    reuse = Reuse(cluster, now, memory.past)

    def run(check: Check, statements: Statements | None = None) -> CheckOutcome:
        progress()
        return run_check(check, cluster, now, timetable, platform, policy, statements, reuse)

    early = [run(check) for check in checks if not isinstance(check.over, Afterwards)]
    statements = _collect_statements(checks, early, cluster, now, policy)
    late = [run(check, statements) for check in checks if isinstance(check.over, Afterwards)]
    outcomes = sorted((*early, *late), key=lambda outcome: checks.index(outcome.check))
    problems, first_seen = _past_grace(outcomes, now, memory, policy)
    progress()
    problems = [_by_effect(problem, policy, dependents, uses) for problem in problems]
    findings = tuple(map(reuse.keep, _findings(problems, dependents, statements)))
    progress()
    failing = {finding.check for finding in findings if finding.suppressed is None}
    statuses = tuple(_status(outcome, failing) for outcome in outcomes)
    report = with_verdict(
        Report(
            at=now,
            findings=findings,
            checks=statuses,
            resources=tuple(_resource(cluster, table.resource) for table in cluster),
        )
    )
    crashed = {o.check.id: o.crash for o in outcomes if o.crash}
    return Evaluation(report, Memory(first_seen, fresh=False, past=reuse.left), crashed)


def _collect_statements(
    checks: Iterable[Check], outcomes: list[CheckOutcome], cluster: ClusterSnapshot, now: datetime, policy: Policy
) -> Statements:
    """All suppressions, and what has come of them."""
    known = [check.id for check in checks if not isinstance(check.over, Afterwards)]
    failures = [(o.check.id, ref) for o in outcomes for ref, _ in o.failed]
    unsure = [o.check.id for o in outcomes if o.blind_on or o.unseen or o.unknown]
    return match_statements(all_statements(policy, cluster, known), failures, unsure, policy.disabled, now)


def _past_grace(
    outcomes: list[CheckOutcome], now: datetime, memory: Memory, policy: Policy
) -> tuple[list[_Problem], dict[Fingerprint, datetime]]:
    """The failures older than their grace, and when every failure was first seen."""
    problems: list[_Problem] = []
    first_seen: dict[Fingerprint, datetime] = {}
    for outcome in outcomes:
        configured = policy.severities.get(outcome.check.id)
        for ref, failed in outcome.failed:
            mark = fingerprint(outcome.check.id, ref, failed.part)
            # At the first look a failure without a date may be of any age; one with a date is watched from here on.
            undated = memory.fresh and failed.since is None
            first_seen[mark] = memory.first_seen.get(mark, UNWATCHED if undated else now)
            if _is_past_grace(failed, first_seen[mark], now):
                severity = configured or failed.severity or outcome.check.severity
                since = _since(failed, first_seen[mark])
                problems.append(_Problem(mark, outcome.check, ref, failed, severity, since))
    return problems, first_seen


def _is_past_grace(failed: Failed, first_seen: datetime, now: datetime) -> bool:
    if failed.since is not None and now - failed.since >= failed.grace:
        return True
    return first_seen == UNWATCHED or now - first_seen >= failed.grace


def _since(failed: Failed, first_seen: datetime) -> datetime | None:
    known = [at for at in (failed.since, first_seen) if at is not None and at != UNWATCHED]
    return min(known, default=None)


def _by_effect(problem: _Problem, policy: Policy, dependents: Dependents, uses: Uses) -> _Problem:
    """Critical only if somebody uses what cannot be used: else it can wait. What the configuration says stays."""
    if problem.severity is not Severity.CRITICAL or problem.check.id in policy.severities:
        return problem
    involved = {problem.ref, *problem.failed.affects}
    return problem if uses(involved.union(dependents(involved))) else replace(problem, severity=Severity.WARNING)


def _findings(problems: list[_Problem], dependents: Dependents, statements: Statements) -> tuple[Finding, ...]:
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


def _link_causes(problems: list[_Problem]) -> dict[Fingerprint, tuple[Fingerprint, ...]]:
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
                m for cause in p.failed.causes for m in index.get((cause.check, cause.ref, cause.part), ())
            )
            for p in problems
        }
    )


def _as_severe(problem: _Problem, below: Iterable[_Problem]) -> _Problem:
    """A cause is as bad as the worst that it leads to and that counts, or a mild one would hide a bad symptom."""
    worst = max((p.severity for p in (problem, *below)), key=SEVERITIES.index)
    return problem if worst is problem.severity else replace(problem, severity=worst)


def _count_dependents(problem: _Problem, below: Iterable[_Problem], dependents: Dependents) -> dict[str, int]:
    """How many objects of each kind hang on the problem: subjects of its symptoms, and what depends on any of them."""
    involved = {ref for each in (problem, *below) for ref in (each.ref, *each.failed.affects)}
    hit = involved.union(dependents(involved))
    hit.discard(problem.ref)
    counts: dict[str, int] = {}
    for ref in hit:
        counts[ref.kind] = counts.get(ref.kind, 0) + 1
    return dict(sorted(counts.items()))


def _finding(
    problem: _Problem,
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


def _limit_lines(lines: Collection[str]) -> tuple[str, ...]:
    """The first lines, each of bounded length, and how many more there are."""
    more = len(lines) - _MOST_REASONS
    first = tuple(excerpt(line, LONGEST_TEXT) for line in islice(lines, _MOST_REASONS))
    return (*first, f"and {more} more") if more > 0 else first


def _status(outcome: CheckOutcome, failing: set[str]) -> CheckStatus:
    name, unknown = outcome.check.id, _limit_lines(outcome.unknown)
    if outcome.disabled:
        return CheckStatus(check=name, status="disabled", blind_on=())
    if outcome.blind_on:
        return CheckStatus(check=name, status="blind", blind_on=outcome.blind_on)
    unsure = bool(unknown or outcome.unseen)
    told: Status = "fail" if name in failing else "unknown" if unsure else "pass"
    return CheckStatus(check=name, status=told, blind_on=outcome.unseen, unknown=unknown)


def _resource(cluster: ClusterSnapshot, resource: Resource[object]) -> ResourceStatus:
    table = cluster[resource]
    rejected = [r for _, r in sorted(table.rejected.items())]
    rejections = [": ".join(filter(None, (str(r.key), r.field, r.problem))) for r in rejected]
    return ResourceStatus(
        resource=str(resource),
        state=table.state.value,
        rows=len(table),
        rejected=len(table.rejected),
        detail=table.detail,
        rejections=_limit_lines(rejections),
        hidden_namespaces={name: state.value for name, state in table.hidden.items()},
    )
