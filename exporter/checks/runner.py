"""Runs one check: over all its subjects, with what it may see, and without letting it cost more than itself. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from exporter.base.isolate import Crash, run_isolated
from exporter.checks.check import Afterwards, Check, Context, Failed, Passed, Unknown, Verdict
from exporter.checks.policy import Policy
from exporter.checks.reuse import Pair, Reuse
from exporter.checks.suppression import Statement
from exporter.cluster.resource import Ref, Resource
from exporter.cluster.snapshot import ClusterSnapshot, RestrictedView, UndecodableError
from exporter.joins.platform import Platform
from exporter.kube.contract import State
from exporter.schedule.timetable import Timetable

CLUSTER: Final = Ref("Cluster", "", "")
"""The subject of checks that judge the cluster as a whole."""
_WHOLE_CLUSTER: Final[Sequence[Pair]] = ((CLUSTER, None),)
MOST_FINDINGS: Final = 200
"""Findings of one check about one object: one object must not decide how much is judged, kept and shown."""
Statements = Mapping[Ref, tuple[Statement, ...]]
"""Suppressions by the object at which they stand."""


@dataclass(slots=True)
class CheckOutcome:
    """What one check said."""

    check: Check
    disabled: bool = False
    blind_on: tuple[str, ...] = ()
    """Resources without which it does not judge."""
    unseen: tuple[str, ...] = ()
    """Resources that it sees in part or, if it judges afterwards, not at all: it judges the rest."""
    unknown: list[str] = field(default_factory=list)
    failed: list[tuple[Ref, Failed]] = field(default_factory=list)
    crash: str = ""


def run_check(
    check: Check,
    cluster: ClusterSnapshot,
    now: datetime,
    timetable: Timetable,
    platform: Platform,
    policy: Policy,
    statements: Statements | None = None,
    reuse: Reuse | None = None,
) -> CheckOutcome:
    """What the check says; `statements` are the subjects of one that judges afterwards."""
    if check.id in policy.disabled:
        return CheckOutcome(check, disabled=True)
    outcome = _run_visible(check, cluster, now)
    if outcome.blind_on:
        return outcome
    unknown = frozenset(cluster.unknown(check.wishes, now))
    view = RestrictedView(cluster, (check.tables | check.wishes) - unknown, unknown)
    if isinstance(check.over, Resource):
        table = cluster[check.over]
        outcome.unknown += [str(UndecodableError(check.over.kind, r)) for _, r in sorted(table.rejected.items())]
    base = Context(now, CLUSTER, view, timetable, platform, policy.limits_of(check))
    result = run_isolated(lambda: _judge_all(outcome, base, statements or {}, reuse or Reuse(cluster, now)))
    if isinstance(result, Crash):
        outcome.crash = result.trace
        outcome.unknown.append("the check itself failed; this is a defect of the exporter")
    _bound_findings(outcome)
    return outcome


def _bound_findings(outcome: CheckOutcome) -> None:
    """Keep the first MOST_FINDINGS of each object, and say what is left out."""
    counts = Counter(ref for ref, _ in outcome.failed)
    if not counts or counts.most_common(1)[0][1] <= MOST_FINDINGS:
        return
    seen: Counter[Ref] = Counter()
    kept = []
    for ref, failed in outcome.failed:
        seen[ref] += 1
        if seen[ref] <= MOST_FINDINGS:
            kept.append((ref, failed))
    outcome.failed = kept
    outcome.unknown += [
        f"{ref}: {count - MOST_FINDINGS} of {count} findings are left out"
        for ref, count in sorted(counts.items())
        if count > MOST_FINDINGS
    ]


def _run_visible(check: Check, cluster: ClusterSnapshot, now: datetime) -> CheckOutcome:
    """What the check can see. Suppressions may stand on any object: only where none can be seen is it blind."""
    if not isinstance(check.over, Afterwards):
        blind_on = tuple(map(str, cluster.unknown(check.tables, now)))
        return CheckOutcome(check, blind_on=blind_on, unseen=tuple(map(str, cluster.partly_hidden(check.tables))))
    # What a dump does not hold, and nothing in it needs, has no suppressions to look at.
    every = frozenset(table.resource for table in cluster if table.state is not State.NOT_COLLECTED)
    unknown = cluster.unknown(every, now)
    if len(unknown) == len(every):
        return CheckOutcome(check, blind_on=tuple(map(str, unknown)))
    return CheckOutcome(check, unseen=tuple(sorted({*map(str, unknown), *map(str, cluster.partly_hidden(every))})))


def _judge_all(outcome: CheckOutcome, base: Context, statements: Statements, reuse: Reuse) -> None:
    try:
        pairs = _subjects(outcome.check, statements, reuse)
    except UndecodableError as error:
        # A joint that names the subjects met an object that cannot be read.
        outcome.unknown.append(str(error))
        return

    def judge(ref: Ref, subject: object) -> tuple[Verdict, set[Any]]:
        base.view.seen.clear()
        return _verdict(outcome.check, subject, base.about(ref)), base.view.seen

    made_with = (base.view.allowed, base.view.unknown, base.platform, base.limits)
    for (ref, _), verdict in reuse.run(outcome.check, pairs, made_with, judge):
        _note(outcome, ref, verdict)


def _subjects(check: Check, statements: Statements, reuse: Reuse) -> Sequence[Pair]:
    if check.over is None:
        return _WHOLE_CLUSTER
    if isinstance(check.over, Afterwards):
        return tuple(statements.items())
    return reuse.pairs(check.over)


def _verdict(check: Check, subject: object, context: Context) -> Verdict:
    try:
        verdict: Verdict = check.judge(subject, context)
    except UndecodableError as error:
        return Unknown(str(error))
    return verdict


def _note(outcome: CheckOutcome, ref: Ref, verdict: Verdict) -> None:
    match verdict:
        case Passed():
            pass
        case Unknown(why):
            outcome.unknown.append(f"{ref}: {why}" if ref is not CLUSTER else why)
        case Failed():
            outcome.failed.append((verdict.about or ref, verdict))
        case several:
            outcome.failed.extend((failed.about or ref, failed) for failed in several)
