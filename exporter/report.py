"""The report: what `audit --output json` prints and /api/v1/findings serves. Its keys are a contract: only added to."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, Literal, TypeVar, dataclass_transform

from pydantic import ConfigDict, TypeAdapter
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticSerializationError

from exporter.base.terminal import escape_json

T = TypeVar("T")
SCHEMA: Final = "bootsource.report/v1"


class Severity(StrEnum):
    """How bad a finding is."""

    INFO = "info"
    """Hygiene: nothing breaks."""
    WARNING = "warning"
    """Updates are broken or will break, or nobody uses what cannot be used."""
    CRITICAL = "critical"
    """Virtual machines cannot be created now from something that somebody uses, or its image is lost."""


SEVERITIES: Final = tuple(Severity)
"""From the mildest to the worst."""


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(field,))
def document(cls: type[T]) -> type[T]:
    """Declare a part of a published JSON document: frozen, camelCase keys, described by its docstrings.

    An ordinary dataclass: pydantic writes it, but has nothing to check, and is prepared when the first one is written.
    Weak references to it can be made: what is worked out from a report can be dropped with it.
    """
    config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, use_attribute_docstrings=True, defer_build=True
    )
    declared = dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)(cls)
    declared.__pydantic_config__ = config  # type: ignore[attr-defined]
    return declared


@document
class ObjectRef:
    """The object that a finding is about."""

    kind: str
    namespace: str
    name: str


class FixKind(StrEnum):
    """What a fix does to what is there."""

    SAFE = "safe"
    """Nothing is deleted, imported again or restarted, and it can be undone."""
    COSTS = "costs"
    """Something is deleted, imported again or restarted; `risk` says what."""
    NONE = "none"
    """No command is right: `note` says what to do."""


@document
class FixText:
    """What to run or to do, how to see that it worked, and what it costs."""

    command: str
    """"" if no command is right."""
    verify: str
    risk: str
    """What the command costs; "" if nothing."""
    kind: FixKind = FixKind.COSTS
    """A report of a version that does not tell is read as if its fixes cost something."""
    note: str = ""
    """What to know or to do besides."""


@document
class Suppression:
    """Why, by whom and until when a finding is muted."""

    reason: str
    owner: str
    until: datetime | None
    """The last instant at which it is muted; null: for ever."""
    source: Literal["configuration", "annotation", "cause"] = "configuration"
    """Where it is stated: in the configuration, on the object, or at all findings that cause this one."""


@document
class Finding:
    """One problem. An empty causedBy marks a root cause."""

    fingerprint: str
    check: str
    severity: Severity
    object: ObjectRef
    field: str
    summary: str
    observed: str
    expected: str
    since: datetime | None
    caused_by: tuple[str, ...]
    dependents: dict[str, int]
    """How many objects of each kind depend on the object, or fail because of it."""
    fix: FixText | None
    """The first of `fixes` that has a command."""
    suppressed: Suppression | None
    fixes: tuple[FixText, ...] = ()
    """Alternatives and steps: the safe ones first, then what to do by hand, then those that cost something."""

    @property
    def offered(self) -> tuple[FixText, ...]:
        """All fixes; a report of a version before there could be several has at most one."""
        return self.fixes or ((self.fix,) if self.fix else ())

    @property
    def root(self) -> bool:
        """Nothing else that we found explains it."""
        return not self.caused_by


Verdict = Literal["pass", "fail", "unknown"]
Status = Literal["pass", "fail", "unknown", "blind", "disabled"]


@document
class CheckStatus:
    """Whether a check could judge, and has found something that is not suppressed.

    `unknown`: some subject has not said; `blind`: a resource it reads is not known; `disabled`: by configuration.
    """

    check: str
    status: Status
    blind_on: tuple[str, ...]
    """Resources that it could not see. With another status than `blind` it has judged what else there is."""
    unknown: tuple[str, ...] = ()
    """Per subject that could not be judged: which, and why."""


@document
class ResourceStatus:
    """What is known of a resource."""

    resource: str
    state: str
    rows: int
    rejected: int
    detail: str = ""
    rejections: tuple[str, ...] = ()
    """Per object that could not be decoded: which, which field, and what is wrong with it."""
    hidden_namespaces: dict[str, str] = field(default_factory=dict)
    """Namespaces that hold boot sources or their images and in which the resource is not visible, with the reason:
    `forbidden`, or `disabled` (left out of `--namespaces`). `*` stands for namespaces that cannot be told."""


NOTHING_TO_JUDGE: Final = "there is nothing to judge: the dump holds no DataImportCron and no DataSource"
"""The problem of a dump without any boot source: nothing wrong was found, and nothing was looked at."""
NOT_COLLECTED: Final = "not_collected"
"""The state of a resource that a dump does not hold and nothing in it needs."""


@document
class Change:
    """A finding that was there before and has changed."""

    fingerprint: str
    worse: bool
    """It is more severe than it was, or is not suppressed any more."""
    what: tuple[str, ...]
    """`severity: warning, now critical`."""


@document
class Comparison:
    """What has changed since a former report."""

    at: datetime
    """The instant of the former report."""
    new: tuple[str, ...]
    """Fingerprints of findings that were not there."""
    changed: tuple[Change, ...]
    fixed: tuple[Finding, ...]
    """Findings of the former report that are gone, by checks that could judge everything."""
    unknown: tuple[Finding, ...]
    """Findings of the former report that are not found, by checks that cannot tell."""


@document
class Report:
    """Everything that we say about a cluster at one instant."""

    schema: Literal["bootsource.report/v1"] = SCHEMA
    at: datetime
    at_source: str = "now"
    """Where `at` comes from: now, given, or what in a dump tells when it was taken."""
    verdict: Verdict = "unknown"
    """fail: a finding above info that is not suppressed; unknown: none, but not everything could be read and judged."""
    findings: tuple[Finding, ...]
    checks: tuple[CheckStatus, ...]
    resources: tuple[ResourceStatus, ...]
    problems: tuple[str, ...] = ()
    """What of a dump could not be read: whatever is said here is said without it."""
    skipped: tuple[str, ...] = ()
    """Files of a dump that were not looked into."""
    baseline: Comparison | None = None
    """The comparison with a former report, if one was asked for."""

    def worst(self) -> Severity | None:
        """The worst severity among findings that are not suppressed."""
        ranks = [SEVERITIES.index(f.severity) for f in self.findings if f.suppressed is None]
        return SEVERITIES[max(ranks)] if ranks else None


def failing_findings(
    report: Report, least: Severity = Severity.WARNING, *, compare: bool = False
) -> tuple[Finding, ...]:
    """Findings that make the verdict `fail`: those from `least` up that are not suppressed.

    With `compare` only those that are new or worse than in the baseline of the report, if it has one.
    """
    findings: Iterable[Finding] = (f for f in report.findings if f.suppressed is None)
    if compare and report.baseline is not None:
        marks = {*report.baseline.new, *(change.fingerprint for change in report.baseline.changed if change.worse)}
        findings = (f for f in findings if f.fingerprint in marks)
    return tuple(f for f in findings if SEVERITIES.index(f.severity) >= SEVERITIES.index(least))


def not_collected(report: Report) -> frozenset[str]:
    """The resources that a dump does not hold and that nothing in it needs."""
    return frozenset(r.resource for r in report.resources if r.state == NOT_COLLECTED)


def is_undecided(report: Report) -> bool:
    """Something could not be read or judged: input, an object, a check or one of its subjects.

    A check that is blind only on kinds which a dump does not hold, and nothing in it needs, leaves nothing open.
    """
    left_out = not_collected(report)
    return (
        bool(report.problems)
        or any(c.status == "unknown" or c.unknown or not left_out.issuperset(c.blind_on) for c in report.checks)
        or any(r.rejected for r in report.resources)
    )


def verdict_of(report: Report, least: Severity = Severity.WARNING, *, compare: bool = False) -> Verdict:
    """The one verdict, from which metric, API, pages and exit code follow. Findings go before doubts: they are certain.

    `least` and `compare` are what an audit is asked to fail on.
    """
    if failing_findings(report, least, compare=compare):
        return "fail"
    return "unknown" if is_undecided(report) else "pass"


def with_verdict(report: Report) -> Report:
    """The report with its verdict."""
    return replace(report, verdict=verdict_of(report))


REPORT: Final[TypeAdapter[Report]] = TypeAdapter(Report)


def to_json(report: Report, indent: int | None = None) -> bytes:
    """The report as JSON, keys as in the published schema; what is not printable is escaped."""
    try:
        return escape_json(REPORT.dump_json(report, by_alias=True, indent=indent).decode()).encode()
    except PydanticSerializationError:
        return json.dumps(REPORT.dump_python(report, by_alias=True, mode="json"), indent=indent).encode()
