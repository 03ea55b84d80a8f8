"""What could not be checked, in a few sentences: by what would have to be granted or collected, not by check."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from exporter.base.excerpts import list_some
from exporter.base.phrases import counted
from exporter.cluster.resources import WATCHED
from exporter.output.gaps import subject_gaps
from exporter.report import Report, ResourceStatus, not_collected

_KINDS: Final = {str(resource): resource.kind for resource in WATCHED}
_REASONS: Final = 6
"""Sentences about single objects: more of them hide what has to be done first."""
_NAMES: Final = 30
"""Kinds in one sentence: all that there are."""
_NOT_IN_DUMP: Final = "the dump holds no "


def describe_unchecked(report: Report) -> list[str]:
    """Sentences, what stops most checks first; nothing if everything was checked."""
    reasons = [*_about_input(report), *_about_resources(report)]
    objects = [*_about_objects(report)]
    if len(objects) > _REASONS:
        objects = [*objects[:_REASONS], f"{counted(len(objects) - _REASONS, 'more reason')}: see --output json"]
    return [f"{sentence[0].upper()}{sentence[1:]}." for sentence in (*reasons, *objects)]


def describe_coverage(report: Report) -> str:
    """`all 84 checks ran`, `26 of 84 checks could not run`, and what is uncertain besides."""
    total = sum(check.status != "disabled" for check in report.checks)
    blind = sum(check.status == "blind" for check in report.checks)
    partly = sum(check.status != "blind" and bool(check.unknown or check.blind_on) for check in report.checks)
    parts = [f"{blind} of {counted(total, 'check')} could not run"] if blind else []
    if partly:
        parts.append(f"{partly} of {counted(total, 'check')} could not check everything")
    if not parts:
        parts.append(f"all {counted(total, 'check')} ran")
    if total < len(report.checks):
        parts.append(f"{counted(len(report.checks) - total, 'check')} disabled")
    return ", ".join(parts)


def _about_input(report: Report) -> Iterator[str]:
    for problem in report.problems[:_REASONS]:
        yield f"input: {problem}"
    if len(report.problems) > _REASONS:
        yield f"{len(report.problems) - _REASONS} more problems of the input: see --output json"


def _about_resources(report: Report) -> Iterator[str]:
    stopped = {resource for check in report.checks for resource in check.blind_on}
    unread = [status for status in report.resources if status.resource in stopped]
    spare = not_collected(report)
    missing = [s for s in unread if s.detail.startswith(_NOT_IN_DUMP) and s.resource not in spare]
    if missing:
        kinds = ", ".join(map(_kind_of, missing))
        yield f"collect {kinds} too, or pass --complete if the cluster has none of these"
    forbidden = [s for s in unread if s.state == "forbidden"]
    if forbidden:
        names = list_some((s.resource for s in forbidden), _NAMES)
        yield f"grant get, list and watch on {names} (`bootsource-exporter doctor` prints a Role)"
    disabled = [s for s in unread if s.state == "disabled"]
    if disabled:
        yield f"{list_some(map(_kind_of, disabled), _NAMES)}: {disabled[0].detail or 'disabled'}"
    told = (*missing, *forbidden, *disabled)
    yield from _about_failures([s for s in unread if s not in told and s.resource not in spare])
    left_out = [_kind_of(s) for s in unread if s.resource in spare]
    if left_out:
        yield f"the dump holds no {', '.join(left_out)}, and nothing in it needs them"


def _kind_of(status: ResourceStatus) -> str:
    return _KINDS.get(status.resource, status.resource)


def _about_failures(statuses: list[ResourceStatus]) -> Iterator[str]:
    """Each error once, with all resources that it concerns."""
    by_detail: dict[str, list[str]] = {}
    for status in statuses:
        hidden = ", ".join(f"{namespace}: {why}" for namespace, why in status.hidden_namespaces.items())
        by_detail.setdefault(hidden or f"{status.state}, {status.detail}".rstrip(", "), []).append(_kind_of(status))
    for detail, kinds in by_detail.items():
        yield f"{list_some(kinds, _NAMES)} could not be read ({detail})"


def _about_objects(report: Report) -> Iterator[str]:
    """Objects that could not be decoded or have not said enough; those with the same reason together."""
    by_reason: dict[str, list[str]] = {}
    for gap in subject_gaps(report):
        resource, _, unreadable = gap.what.partition(": ")
        if unreadable:
            yield f"{_KINDS.get(resource, resource)} {gap.why}"
            continue
        subject, _, reason = gap.why.partition(": ")
        by_reason.setdefault(reason or subject, []).append(subject if reason else gap.what)
    for reason, subjects in by_reason.items():
        names = list_some(dict.fromkeys(subjects), 2)
        yield f"{names}: {reason}"
