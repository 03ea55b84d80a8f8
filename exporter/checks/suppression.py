"""Suppression: which findings are muted, by which statement, and which statements mute nothing. Pure.

A finding is muted by a statement that names its check and its object. What follows from muted findings alone is muted
with them, unless it is worse than what was accepted: whoever accepts an info has not accepted a critical.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Literal

from exporter.checks.annotation import FIELD, MOST_LINES, MalformedError, parse_rule, split_lines
from exporter.checks.check import Afterwards
from exporter.checks.policy import EVERY, Policy, RuleIndex, SuppressionRule
from exporter.cluster.resource import Ref, Resource
from exporter.cluster.resources import WATCHED
from exporter.cluster.snapshot import ClusterSnapshot, Joint, View, joint
from exporter.model.wire import SUPPRESS
from exporter.report import SEVERITIES, Severity

CONFIGURATION: Final = Ref("Configuration", "", "suppressions")
"""Stands for the configuration file, as the object of findings about it."""

LEFT_OUT: Final = "(what is left out)"
"""Stands for the lines of an annotation that are not read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One suppression as it is written somewhere, and what has come of it."""

    field: str
    """Where it is written, below its object."""
    text: str
    """In words; also tells several at one object apart."""
    rule: SuppressionRule | None
    """None if it is malformed."""
    problem: str = ""
    """Why it is malformed."""
    expired: bool = False
    matches: int = 0
    """Failures that it covers now, those included that have not outlasted their grace."""
    waits_for: tuple[str, ...] = ()
    """Checks that it names and that cannot tell at the moment."""
    dormant: bool = False
    """All checks that it names are switched off."""


STATEMENTS: Final[Afterwards[tuple[Statement, ...]]] = Afterwards("suppressions")
"""As what checks are declared over: the suppressions at one object, or in the configuration."""


@dataclass(frozen=True, slots=True)
class SuppressedBy:
    """Why a finding is muted."""

    reason: str
    owner: str
    until: datetime | None
    source: Literal["configuration", "annotation", "cause"]


@dataclass(frozen=True, slots=True)
class SuppressionCase:
    """What decides whether a finding is muted."""

    fingerprint: str
    check: str
    ref: Ref
    severity: Severity
    """Its own, not that of what follows from it."""
    causes: tuple[str, ...]


def annotated_objects(resource: Resource[Any]) -> Joint[Mapping[Ref, str]]:
    """The objects of a resource that carry the annotation, with its value."""

    @joint(resource)
    def found(view: View) -> Mapping[Ref, str]:
        rows = view[resource].rows.items()
        return {Ref(resource.kind, *key): text for key, row in rows if (text := _annotation(row))}

    return found


_MARKED: Final = tuple(annotated_objects(resource) for resource in WATCHED)
"""One joint per table: computed again only when that table changes."""


def _annotation(row: Any) -> str:  # noqa: ANN401  (of any model)
    meta = getattr(row, "metadata", None)
    text: str = row.suppress if meta is None else meta.annotations.get(SUPPRESS, "")
    return text


def all_statements(policy: Policy, cluster: ClusterSnapshot, known: Collection[str]) -> Iterator[tuple[Ref, Statement]]:
    """All suppressions: those of the configuration, then those on objects. `known` are the ids that can be named."""
    for number, rule in enumerate(policy.rules):
        text = f"{', '.join(rule.checks)} on {rule.selector}"
        yield CONFIGURATION, Statement(field=f"suppressions[{number}]", text=text, rule=rule)
    for table in _MARKED:
        for ref, text in sorted(cluster.join(table).items()):
            lines = split_lines(text)
            for line in lines.read:
                yield ref, _on_object(ref, Statement(field=FIELD, text=line, rule=None), known)
            if lines.left_out:
                yield ref, _overflow_statement(lines.left_out)


def _on_object(ref: Ref, statement: Statement, known: Collection[str]) -> Statement:
    try:
        return replace(statement, rule=parse_rule(statement.text, ref, known))
    except MalformedError as error:
        return replace(statement, problem=str(error))


def _overflow_statement(why: str) -> Statement:
    problem = f"goes on after what is read: {why}; at most {MOST_LINES} suppressions of an object count"
    return Statement(field=FIELD, text=LEFT_OUT, rule=None, problem=problem)


def match_statements(
    statements: Iterable[tuple[Ref, Statement]],
    failures: Collection[tuple[str, Ref]],
    unsure: Collection[str],
    disabled: Collection[str],
    now: datetime,
) -> dict[Ref, tuple[Statement, ...]]:
    """The statements by object, with what has come of them: `failures` are all, `unsure` the checks that cannot tell."""
    by_object: dict[Ref, list[Statement]] = {}
    for ref, statement in statements:
        by_object.setdefault(ref, []).append(statement)
    indexes, matches = {ref: _index(several) for ref, several in by_object.items()}, Counter[tuple[Ref, int]]()
    for check, of in failures:
        # What stands on an object is about that object.
        matches.update(
            (at, number) for at in {CONFIGURATION, of} & indexes.keys() for number in indexes[at].covering(check, of)
        )

    def matched(statement: Statement, count: int) -> Statement:
        rule = statement.rule
        return (
            statement
            if rule is None
            else replace(
                statement,
                expired=rule.is_expired(now),
                matches=count,
                waits_for=tuple(sorted(c for c in unsure if c in rule.checks or EVERY in rule.checks)),
                dormant=all(c in disabled for c in rule.checks),
            )
        )

    return {
        ref: tuple(matched(statement, matches[ref, number]) for number, statement in enumerate(several))
        for ref, several in by_object.items()
    }


def _index(statements: Iterable[Statement]) -> RuleIndex:
    return RuleIndex(statement.rule for statement in statements)


def find_suppressed(
    cases: Iterable[SuppressionCase], statements: Mapping[Ref, tuple[Statement, ...]]
) -> dict[str, SuppressedBy]:
    """By fingerprint: why a finding is muted. The first statement that covers it counts."""
    by_mark = {case.fingerprint: case for case in cases}
    accepted: dict[str, Severity] = {}
    found: dict[str, SuppressedBy] = {}
    indexes = {ref: _index(several) for ref, several in statements.items()}
    for mark, case in by_mark.items():
        own = _statement_about(case, statements, indexes)
        if own is not None:
            found[mark], accepted[mark] = own, case.severity
    effects: dict[str, list[str]] = {}
    for case in by_mark.values():
        for cause in case.causes:
            effects.setdefault(cause, []).append(case.fingerprint)
    # A case can become accepted only when a cause of it has, so each is looked at as often as it has causes.
    todo = list(accepted)
    for mark in todo:
        for effect in effects.get(mark, ()):
            case = by_mark[effect]
            if effect not in accepted and _is_accepted(case, accepted):
                found[effect] = _because_of(by_mark[case.causes[0]], found[case.causes[0]])
                accepted[effect] = max((accepted[cause] for cause in case.causes), key=SEVERITIES.index)
                todo.append(effect)
    return found


def _statement_about(
    case: SuppressionCase, statements: Mapping[Ref, tuple[Statement, ...]], indexes: Mapping[Ref, RuleIndex]
) -> SuppressedBy | None:
    for at in dict.fromkeys((CONFIGURATION, case.ref)):
        for number in indexes[at].covering(case.check, case.ref) if at in indexes else ():
            statement = statements[at][number]
            if statement.rule is not None and not statement.expired:
                rule, on_object = statement.rule, statement.field == FIELD
                return SuppressedBy(rule.reason, rule.owner, rule.until, "annotation" if on_object else "configuration")
    return None


def _is_accepted(case: SuppressionCase, accepted: Mapping[str, Severity]) -> bool:
    """Everything that causes it is muted, and something at least as bad was accepted."""
    if not all(mark in accepted for mark in case.causes):
        return False
    worst = max(SEVERITIES.index(accepted[mark]) for mark in case.causes)
    return SEVERITIES.index(case.severity) <= worst


def _because_of(cause: SuppressionCase, why: SuppressedBy) -> SuppressedBy:
    if why.source == "cause":
        return why
    return replace(why, source="cause", reason=f"follows from {cause.check} of {cause.ref}: {why.reason}")
