"""The report: what `audit --output json` prints and /api/v1/findings serves. Its keys are a contract: only added to."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, Literal, TypeVar, dataclass_transform

from pydantic import ConfigDict, TypeAdapter
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticSerializationError

T = TypeVar("T")
SCHEMA: Final = "bootsource.report/v1"


class Severity(StrEnum):
    """How bad a finding is."""

    INFO = "info"
    """Hygiene: nothing breaks."""
    WARNING = "warning"
    """Updates are broken, or will break."""
    CRITICAL = "critical"
    """Virtual machines cannot be created now, or an image is lost."""


SEVERITIES: Final = tuple(Severity)
"""From the mildest to the worst."""


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(field,))
def document(cls: type[T]) -> type[T]:
    """Declare a part of a published JSON document: frozen, camelCase keys, described by its docstrings.

    An ordinary dataclass: pydantic writes it, but has nothing to check, and is prepared when the first one is written.
    """
    config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, use_attribute_docstrings=True, defer_build=True
    )
    declared = dataclass(frozen=True, slots=True, kw_only=True)(cls)
    declared.__pydantic_config__ = config  # type: ignore[attr-defined]
    return declared


@document
class ObjectRef:
    """The object that a finding is about."""

    kind: str
    namespace: str
    name: str


@document
class FixText:
    """What to run, how to see that it worked, and what it may cost."""

    command: str
    verify: str
    risk: str


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
    suppressed: Suppression | None

    @property
    def root(self) -> bool:
        """Nothing else that we found explains it."""
        return not self.caused_by


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
    verdict: Literal["pass", "fail", "unknown"]
    findings: tuple[Finding, ...]
    checks: tuple[CheckStatus, ...]
    resources: tuple[ResourceStatus, ...]
    problems: tuple[str, ...] = ()
    """What of a dump could not be read: whatever is said here is said without it."""
    baseline: Comparison | None = None
    """The comparison with a former report, if one was asked for."""

    def worst(self) -> Severity | None:
        """The worst severity among findings that are not suppressed."""
        ranks = [SEVERITIES.index(f.severity) for f in self.findings if f.suppressed is None]
        return SEVERITIES[max(ranks)] if ranks else None


REPORT: Final[TypeAdapter[Report]] = TypeAdapter(Report)


def to_json(report: Report, indent: int | None = None) -> bytes:
    """The report as JSON, keys as in the published schema. Text that is not valid Unicode is escaped."""
    try:
        return REPORT.dump_json(report, by_alias=True, indent=indent)
    except PydanticSerializationError:
        return json.dumps(REPORT.dump_python(report, by_alias=True, mode="json"), indent=indent).encode()
