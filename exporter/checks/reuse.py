"""Reuse: takes over verdicts of the evaluation before whose every input is still the same object. Pure.

A check sees its subject, the tables and joints that it looks at, the time, the platform and its thresholds, and nothing
else. Tables are immutable, and joints keep their results as long as those are equal, so "nothing has changed" is a
comparison of identities. What a verdict has looked at is noted while it is made, and from when on time alone may change
it. Without an evaluation before, everything is evaluated, with the same result.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from exporter.checks.check import PASSED, Check, Subjects, Verdict
from exporter.cluster.resource import Ref, Resource
from exporter.cluster.snapshot import ClusterSnapshot, Input
from exporter.report import Finding

Pair = tuple[Ref, Any]
"""A subject with its name. Evaluations in a row share the same pair for what has not changed."""
Said = tuple[Pair, Verdict]
Judge = Callable[[Ref, Any], tuple[Verdict, Collection[Any]]]
"""Makes a verdict, and tells the tables, joints and instants that it has looked at."""
Inputs = frozenset[Input]


@dataclass(slots=True)
class CheckRun:
    """All verdicts of one check. Lists side by side, since there are dozens of checks of thousands of subjects."""

    made_with: tuple[object, ...]
    """What all of them depend on."""
    pairs: Sequence[Pair]
    verdicts: list[Verdict] = field(default_factory=list)
    seen: list[Inputs] = field(default_factory=list)
    """What each has looked at."""
    until: list[datetime | None] = field(default_factory=list)
    """From when on time alone may change it; None: never."""
    inputs: dict[Inputs, Inputs] = field(default_factory=dict)
    """The different ones of `seen`, so that equal ones are one object."""
    loud: list[Said] = field(default_factory=list)
    """Those of the verdicts that are not PASSED."""
    soonest: datetime | None = None
    """From when on time alone may change any of them; known once the run is complete."""


@dataclass(frozen=True, slots=True)
class Past:
    """What an evaluation leaves for the next one."""

    cluster: ClusterSnapshot
    now: datetime
    pairs: dict[object, Sequence[Pair]]
    """By what checks are declared over."""
    runs: dict[str, CheckRun]
    """By check."""
    findings: dict[str, Finding]
    """By fingerprint."""


class Reuse:
    """The verdicts of one evaluation, as far as possible those of the one before."""

    def __init__(self, cluster: ClusterSnapshot, now: datetime, past: Past | None = None) -> None:
        # What time changes is noted for a clock that goes on; when it was set back everything is evaluated.
        self._past = past if past and past.now <= now else Past(cluster, now, {}, {}, {})
        self._valid: dict[Input, bool] = {}
        self.left = Past(cluster, now, {}, {}, {})
        """For the next evaluation, complete once all checks have been run."""

    def pairs(self, over: Resource[Any] | Subjects) -> Sequence[Pair]:
        """The subjects in the order of their names. Raises UndecodableError as the joint does."""
        known = self.left.pairs.get(over)
        if known is None:
            known = self.left.pairs[over] = self._ordered(over)
        return known

    def _ordered(self, over: Resource[Any] | Subjects) -> Sequence[Pair]:
        before = self._past.pairs.get(over)
        if before is not None and self._unchanged(over):
            return before
        cluster = self.left.cluster
        if isinstance(over, Resource):
            now: list[Pair] = [(over.ref(*key), row) for key, row in cluster[over]]
        else:
            now = sorted(cluster.join(over).items(), key=lambda pair: pair[0])
        known = {pair[0]: pair for pair in before or ()}
        return [pair if (pair := known.get(new[0], new))[1] is new[1] else new for new in now]

    def run(self, check: Check, pairs: Sequence[Pair], made_with: tuple[object, ...], judge: Judge) -> Iterator[Said]:
        """Subjects and their verdicts, those left out that passed; `judge` makes what cannot be taken over.

        `made_with` is what all verdicts depend on besides what `judge` tells.
        """
        old = self._past.runs.get(check.id)
        if old is None or old.made_with != (check, *made_with):
            old = CheckRun((check, *made_with), ())
        valid = {seen: all(map(self._unchanged, seen)) for seen in old.inputs}
        if old.pairs is pairs and all(valid.values()) and self._lasts(old.soonest):
            self.left.runs[check.id] = old
            yield from old.loud
            return
        run = CheckRun(old.made_with, pairs)
        for pair, verdict in self._fill(run, old, valid, judge):
            if verdict is not PASSED:
                run.loud.append((pair, verdict))
                yield pair, verdict
        run.soonest = min(filter(None, run.until), default=None)
        # The run of a check that raises is not kept.
        self.left.runs[check.id] = run

    def _fill(self, run: CheckRun, old: CheckRun, valid: Mapping[Inputs, bool], judge: Judge) -> Iterator[Said]:
        """Fill in the run, with verdicts taken over one by one. Both lists of pairs are in order."""
        before, at, end = old.pairs, 0, len(old.verdicts)
        for pair in run.pairs:
            while at < end and before[at] is not pair and before[at][0] < pair[0]:
                at += 1
            if at < end and before[at] is pair and valid[old.seen[at]] and self._lasts(old.until[at]):
                verdict, seen, until = old.verdicts[at], old.seen[at], old.until[at]
            else:
                verdict, looked = judge(*pair)
                until = min((instant for instant in looked if isinstance(instant, datetime)), default=None)
                seen = frozenset(read for read in looked if not isinstance(read, datetime))
            run.verdicts.append(verdict)
            run.seen.append(run.inputs.setdefault(seen, seen))
            run.until.append(until)
            yield pair, verdict

    def keep(self, finding: Finding) -> Finding:
        """The finding as an object, that of the evaluation before if it is equal: it needs no more memory."""
        old = self._past.findings.get(finding.fingerprint)
        kept = self.left.findings[finding.fingerprint] = old if old == finding and old else finding
        return kept

    def _unchanged(self, read: Input) -> bool:
        """It gives the same object as in the evaluation before."""
        if read not in self._valid:
            self._valid[read] = self.left.cluster.current(read) is self._past.cluster.current(read)
        return self._valid[read]

    def _lasts(self, until: datetime | None) -> bool:
        return until is None or self.left.now < until
