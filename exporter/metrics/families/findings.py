"""What the checks say: findings by object, roots with their blast radius, and which checks could judge."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final, get_args

from exporter.checks import CHECKS
from exporter.metrics.family import Family, Sample, format_boolean, per_report, unix_seconds
from exporter.report import Finding, Report, Status

LIMIT: Final = 500
"""Series of one check; the worst findings are kept, the rest is counted."""
MACHINES_LIMIT: Final = 50
"""The same for findings about VirtualMachines: a cluster has thousands of them."""
_FINDING: Final = ("check", "severity", "kind", "object_namespace", "object")
_STATUSES: Final[tuple[str, ...]] = get_args(Status)
_VERDICTS: Final = ("pass", "fail", "unknown")


def _labels(finding: Finding) -> tuple[str, ...]:
    ref = finding.object
    return finding.check, finding.severity.value, ref.kind, ref.namespace, ref.name


def group_findings(report: Report) -> tuple[dict[tuple[str, ...], list[Finding]], Counter[str]]:
    """Findings by their labels, worst first, and per check how many are over its limit. Muted ones are left out."""
    shown: dict[tuple[str, ...], list[Finding]] = {}
    series: Counter[tuple[str, str]] = Counter()
    omitted: Counter[str] = Counter()
    for finding in report.findings:
        if finding.suppressed is not None:
            continue
        labels = _labels(finding)
        kind = finding.object.kind
        if labels not in shown:
            if series[finding.check, kind] >= (MACHINES_LIMIT if kind == "VirtualMachine" else LIMIT):
                omitted[finding.check] += 1
                continue
            series[finding.check, kind] += 1
        shown.setdefault(labels, []).append(finding)
    return shown, omitted


@per_report(
    "bootsource_finding",
    labels=_FINDING,
    help="Problems that the checks have found, always 1; none for a check that is blind or an object that is healthy. "
    "Several findings of one check about one object are one series.",
)
def _finding(report: Report) -> Iterator[Sample]:
    shown, _ = group_findings(report)
    yield from ((labels, 1) for labels in shown)


@per_report(
    "bootsource_finding_since_timestamp_seconds",
    labels=_FINDING,
    help="Since when a problem exists, as Unix time: told by the object, else when it was first seen. "
    "No sample if neither is known.",
)
def _since(report: Report) -> Iterator[Sample]:
    shown, _ = group_findings(report)
    for labels, findings in shown.items():
        at = unix_seconds(min((f.since for f in findings if f.since is not None), default=None))
        if at is not None:
            yield labels, at


@per_report(
    "bootsource_finding_root_dependents",
    labels=_FINDING,
    help="Root causes only: number of objects that fail or wait because of a problem that no other finding explains "
    "(muted ones do not count). 0: nothing depends on it. No sample for symptoms.",
)
def _roots(report: Report) -> Iterator[Sample]:
    shown, _ = group_findings(report)
    quiet = {f.fingerprint for f in report.findings if f.suppressed is not None}
    for labels, findings in shown.items():
        weights = [sum(f.dependents.values()) for f in findings if quiet.issuperset(f.caused_by)]
        if weights:
            yield labels, max(weights)


@per_report(
    "bootsource_findings",
    labels=("check", "severity", "root"),
    help="Number of findings of a check with this severity, with those that have no series of their own and without "
    "those that are muted. root: true if no other finding explains them. No sample where there are none, or while the "
    "check is blind.",
)
def _counts(report: Report) -> Iterator[Sample]:
    quiet = {f.fingerprint for f in report.findings if f.suppressed is not None}
    counts = Counter(
        (f.check, f.severity.value, format_boolean(quiet.issuperset(f.caused_by)))
        for f in report.findings
        if f.suppressed is None
    )
    yield from counts.items()


@per_report(
    "bootsource_check_info",
    labels=("check", "title", "area"),
    help="What each check finds, always 1. title: the problem in one line. area: operators, entries, storage, polling, "
    "imports, datasources, references or suppressions. Alerts take their texts and their area from it.",
)
def _check_info(report: Report) -> Iterator[Sample]:
    del report
    yield from (((check.id, check.summary, check.area), 1) for check in CHECKS)


@per_report(
    "bootsource_check_effect_info",
    labels=("check", "effect"),
    help="What a failure of each check leads to, always 1. effect: for people, as in the documentation of the check.",
)
def _check_effect(report: Report) -> Iterator[Sample]:
    del report
    yield from (((check.id, check.impact), 1) for check in CHECKS)


@per_report(
    "bootsource_findings_omitted",
    labels=("check",),
    help="Number of findings of a check that have no series because it has too many of one kind of object; "
    "the API lists them all. 0 is usual.",
)
def _omitted(report: Report) -> Iterator[Sample]:
    _, omitted = group_findings(report)
    yield from (((status.check,), omitted[status.check]) for status in report.checks)


@per_report(
    "bootsource_findings_suppressed",
    labels=("check",),
    help="Number of findings of a check that are muted by the configuration, by an annotation, or with all that causes "
    "them; they have no other series and do not count for the verdict. 0: none. Sum over checks for a total.",
)
def _suppressed(report: Report) -> Iterator[Sample]:
    quiet = Counter(f.check for f in report.findings if f.suppressed is not None)
    yield from (((status.check,), quiet[status.check]) for status in report.checks)


@per_report(
    "bootsource_check_status",
    labels=("check", "status"),
    help="1 for the status that a check has, 0 for the others: pass, fail, unknown (an object has not said), blind "
    "(a resource that it reads is not known) or disabled (by configuration). Findings that are muted are no failure.",
)
def _check_status(report: Report) -> Iterator[Sample]:
    for status in report.checks:
        yield from (((status.check, s), s == status.status) for s in _STATUSES)


@per_report(
    "bootsource_check_unknown_objects",
    labels=("check",),
    help="Number of objects that a check could not judge because they have not said or cannot be read. "
    "No sample for a check that is blind.",
)
def _unknown(report: Report) -> Iterator[Sample]:
    yield from (((s.check,), len(s.unknown)) for s in report.checks if s.status != "blind")


@per_report(
    "bootsource_verdict",
    labels=("verdict",),
    help="1 for the verdict on the whole cluster, 0 for the others: pass, fail (a finding above info), or unknown "
    "(nothing found, but not everything could be judged).",
)
def _verdict(report: Report) -> Iterator[Sample]:
    yield from (((verdict,), verdict == report.verdict) for verdict in _VERDICTS)


FINDINGS: Final[tuple[Family, ...]] = (
    _finding,
    _since,
    _roots,
    _counts,
    _check_info,
    _check_effect,
    _omitted,
    _suppressed,
    _check_status,
    _unknown,
    _verdict,
)
