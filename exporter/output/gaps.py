"""What could not be evaluated, and why: each reason once, however many checks it affects."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from exporter.cluster.resources import WATCHED
from exporter.report import Report, ResourceStatus, not_collected

_KINDS = {str(resource): resource.kind for resource in WATCHED}


@dataclass(frozen=True, slots=True)
class Gap:
    """One reason why something was not evaluated."""

    what: str
    why: str


def find_gaps(report: Report) -> Iterator[Gap]:
    """The gaps of a report, those that affect most first: input, resources, objects, subjects of checks."""
    for problem in report.problems:
        yield Gap("input", problem)
    yield from _unread_resources(report)
    yield from subject_gaps(report)


def subject_gaps(report: Report) -> Iterator[Gap]:
    """The gaps that are about single objects: those that could not be decoded, and subjects of checks."""
    explained: set[tuple[str, str]] = set()
    for status in report.resources:
        for rejection in status.rejections:
            stopped = _stopped_checks(report, status, rejection)
            explained.update(stopped)
            if not _is_reported(report, rejection):
                checks = f"; checks that depend on it: {_names(stopped)}" if stopped else ""
                yield Gap(f"{status.resource}: object not readable", f"{rejection}{checks}")
    for check in report.checks:
        for why in check.unknown:
            if (check.check, why) not in explained:
                yield Gap(check.check, why)


def _unread_resources(report: Report) -> Iterator[Gap]:
    """Resources that could not be read, the one that stops most checks first."""
    left_out = not_collected(report)
    waiting: dict[str, list[str]] = {}
    for status in report.checks:
        for resource in status.blind_on:
            if resource not in left_out:
                waiting.setdefault(resource, []).append(status.check)
    details = {r.resource: f"{r.state}, {r.detail}" if r.detail else r.state for r in report.resources}
    for resource, checks in sorted(waiting.items(), key=lambda pair: (-len(pair[1]), pair[0])):
        yield Gap(resource, f"{details.get(resource, 'not known')}; blind for it: {', '.join(checks)}")


def _stopped_checks(report: Report, status: ResourceStatus, rejection: str) -> set[tuple[str, str]]:
    """The checks that could not judge a subject because of this object, each with what it says."""
    start = f"{_KINDS.get(status.resource, status.resource)} {rejection.partition(':')[0]} cannot be read"
    return {(check.check, why) for check in report.checks for why in check.unknown if start in why}


def _is_reported(report: Report, rejection: str) -> bool:
    """The part of the input that held the object is named already, with the object."""
    reason = rejection.partition(": ")[2]
    return any(reason and problem.startswith(reason) for problem in report.problems)


def _names(stopped: set[tuple[str, str]]) -> str:
    return ", ".join(sorted({check for check, _ in stopped}))
