"""Runs the checks over a ClusterSnapshot: verdicts, grace, and the report. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Final

from exporter.base.excerpts import excerpt
from exporter.checks.check import Afterwards, Check, Failed
from exporter.checks.policy import DEFAULT, Policy
from exporter.checks.problems import Dependents, Fingerprint, Problem, Uses, findings_of, rate_by_effect
from exporter.checks.reuse import Past, Reuse
from exporter.checks.runner import CheckOutcome, Statements, run_check
from exporter.checks.suppression import all_statements, match_statements
from exporter.cluster.resource import Ref, Resource
from exporter.cluster.snapshot import ClusterSnapshot
from exporter.joins.platform import Platform
from exporter.model.bounds import LONGEST_TEXT
from exporter.report import CheckStatus, Report, ResourceStatus, Status, with_verdict
from exporter.schedule.timetable import Timetable

UNWATCHED: Final = datetime.min.replace(tzinfo=UTC)
"""First seen when we started to look: of unknown age."""

_MOST_REASONS: Final = 100
"""Reasons per check and resource why something was not judged; further ones are counted."""


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

    def run(check: Check, statements: Statements | None) -> CheckOutcome:
        progress()
        return run_check(check, cluster, now, timetable, platform, policy, statements, reuse)

    outcomes, statements = _run_all(checks, run, cluster, now, policy)
    problems, first_seen = _past_grace(outcomes, now, memory, policy)
    progress()
    problems = [rate_by_effect(problem, policy, dependents, uses) for problem in problems]
    findings = tuple(map(reuse.keep, findings_of(problems, dependents, statements)))
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


def _run_all(
    checks: tuple[Check, ...],
    run: Callable[[Check, Statements | None], CheckOutcome],
    cluster: ClusterSnapshot,
    now: datetime,
    policy: Policy,
) -> tuple[list[CheckOutcome], Statements]:
    """The outcomes in the order of the checks. Checks of suppressions run last, on what the others found."""
    early = [run(check, None) for check in checks if not isinstance(check.over, Afterwards)]
    statements = _collect_statements(checks, early, cluster, now, policy)
    late = [run(check, statements) for check in checks if isinstance(check.over, Afterwards)]
    return sorted((*early, *late), key=lambda outcome: checks.index(outcome.check)), statements


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
) -> tuple[list[Problem], dict[Fingerprint, datetime]]:
    """The failures older than their grace, and when every failure was first seen."""
    problems: list[Problem] = []
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
                problems.append(Problem(mark, outcome.check, ref, failed, severity, since))
    return problems, first_seen


def _is_past_grace(failed: Failed, first_seen: datetime, now: datetime) -> bool:
    if failed.since is not None and now - failed.since >= failed.grace:
        return True
    return first_seen == UNWATCHED or now - first_seen >= failed.grace


def _since(failed: Failed, first_seen: datetime) -> datetime | None:
    known = [at for at in (failed.since, first_seen) if at is not None and at != UNWATCHED]
    return min(known, default=None)


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
