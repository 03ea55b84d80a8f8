"""The whole of it: changes, operators, steps, and findings before and after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from exporter.checks import CHECKS
from exporter.checks.evaluate import evaluate_cluster
from exporter.checks.policy import DEFAULT, Policy
from exporter.cluster.resources import DATA_IMPORT_CRONS, PERSISTENT_VOLUME_CLAIMS, VOLUME_SNAPSHOTS
from exporter.cluster.snapshot import ClusterSnapshot
from exporter.report import Finding
from exporter.whatif.cdi import start_round
from exporter.whatif.changes import Change
from exporter.whatif.consumers import log_consumers, log_pauses
from exporter.whatif.document import Action, Actor, Foresight, Outage, Step, Summary
from exporter.whatif.draft import Draft
from exporter.whatif.hco import hco_reconciles
from exporter.whatif.imports import finish_round, settle_sources
from exporter.whatif.profiles import profiles_follow
from exporter.whatif.rules import RULES
from exporter.whatif.ssp import ssp_reconciles

_TOLD_BY_IMAGE: Final = "data-source-without-preference"
"""Its labels come from the image, which is not looked into."""


@dataclass(frozen=True, slots=True)
class _Course:
    """What happens to a cluster, and what it is in the end."""

    draft: Draft
    outages: tuple[Outage, ...]


def foresee(
    cluster: ClusterSnapshot,
    changes: Sequence[Change],
    at: datetime,
    policy: Policy = DEFAULT,
    *,
    at_source: str = "now",
    problems: tuple[str, ...] = (),
) -> Foresight:
    """What the operators will do after these changes, all made at the instant `at`. Raises ChangeError.

    What they have yet to do without them is told apart, by letting them act on the cluster as it is.
    """
    idle, course = _run(cluster, (), at), _run(cluster, changes, at)
    pending = {_identity(step) for step in idle.draft.steps}
    steps = [step for step in course.draft.steps if _identity(step) not in pending]
    steps = [replace(step, number=number) for number, step in enumerate(steps, 1)]
    anyway = [replace(step, number=0) for step in idle.draft.steps]
    appear, disappear = _compare(cluster, idle, course, at, policy)
    return Foresight(
        at=at,
        at_source=at_source,
        changes=tuple(map(str, changes)),
        steps=tuple(steps),
        anyway=tuple(anyway),
        outages=tuple(o for o in course.outages if o not in idle.outages),
        appear=appear,
        disappear=disappear,
        unknown=tuple(dict.fromkeys(course.draft.unknown)),
        rules=tuple(RULES[name] for name in dict.fromkeys(step.rule for step in (*steps, *anyway))),
        summary=_summarize(steps),
        problems=problems,
    )


def _run(cluster: ClusterSnapshot, changes: Sequence[Change], at: datetime) -> _Course:
    draft = Draft(cluster, at)
    for change in changes:
        change.apply(draft)
    settle_sources(draft)
    hco_reconciles(draft)
    ssp_reconciles(draft)
    profiles_follow(draft)
    works = start_round(draft)
    settle_sources(draft)
    interim = log_pauses(draft, works)
    finish_round(draft, works)
    return _Course(draft, log_consumers(draft, interim, works))


def run_changes(cluster: ClusterSnapshot, changes: Sequence[Change], at: datetime) -> ClusterSnapshot:
    """The cluster as the operators leave it after these changes. Raises ChangeError."""
    return _run(cluster, changes, at).draft.view()


def _identity(step: Step) -> tuple[object, ...]:
    return step.actor, step.action, step.object, step.summary


# -- findings -----------------------------------------------------------------------------------------------


def _compare(
    cluster: ClusterSnapshot, idle: _Course, course: _Course, at: datetime, policy: Policy
) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """The findings that the change adds, once graces are over, and those of today that it clears."""
    patient = _without_graces(policy)
    after = _findings(course.draft.view(), at, patient)
    without = _findings(idle.draft.view(), at, patient)
    today = _findings(cluster, at, policy)
    new = (f for mark, f in after.items() if mark not in without and mark not in today)
    appear = tuple(f for f in new if f.check != _TOLD_BY_IMAGE)
    disappear = tuple(f for mark, f in today.items() if mark not in after)
    return appear, disappear


def _findings(cluster: ClusterSnapshot, at: datetime, policy: Policy) -> dict[str, Finding]:
    report = evaluate_cluster(cluster, at, policy=policy).report
    return {f.fingerprint: f for f in report.findings if f.suppressed is None}


def _without_graces(policy: Policy) -> Policy:
    """The same policy with every grace at nothing: what lasts becomes a finding sooner or later."""
    limits = {
        check.id: {
            **policy.limits.get(check.id, {}),
            **{t.name: timedelta(0) for t in check.thresholds if t.name.endswith("grace")},
        }
        for check in CHECKS
    }
    return replace(policy, limits=limits)


# -- in numbers ---------------------------------------------------------------------------------------------


def _summarize(steps: Sequence[Step]) -> Summary:
    def count(action: Action, kind: str = "") -> int:
        return sum(s.action is action and kind in ("", s.object.kind) for s in steps)

    cron, images = DATA_IMPORT_CRONS.kind, (PERSISTENT_VOLUME_CLAIMS.kind, VOLUME_SNAPSHOTS.kind)
    imports = [s for s in steps if s.action is Action.IMPORT and not s.loss]
    sizes = [s.size_bytes for s in imports if s.size_bytes is not None]
    by_operators = [s for s in steps if s.actor is not Actor.YOU]
    return Summary(
        refused=count(Action.REFUSE),
        crons_created=count(Action.CREATE, cron),
        crons_replaced=count(Action.REPLACE, cron),
        crons_deleted=count(Action.DELETE, cron),
        images_deleted=sum(s.action is Action.DELETE and s.object.kind in images for s in by_operators),
        images_imported=len(imports),
        imported_bytes=sum(sizes),
        imports_of_unknown_size=len(imports) - len(sizes),
        sources_lost=count(Action.LOSE),
        consumers_losing=sum(s.affected_count for s in steps if s.action is Action.LOSE),
        consumers_gaining=sum(s.affected_count for s in steps if s.action is Action.GAIN),
        irreversible=sum(s.irreversible for s in steps),
    )
