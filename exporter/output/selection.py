"""Selects findings of a report by namespace, check and severity."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from exporter.report import SEVERITIES, Finding, Report, Severity, with_verdict


def select_findings(
    report: Report, namespaces: Collection[str] = (), checks: Collection[str] = (), least: Severity = Severity.INFO
) -> Report:
    """The report with these findings and what causes them, and the verdict on these alone.

    Nothing given selects everything. A cause outside of the namespaces stays: it is what has to be fixed.
    """
    if not (namespaces or checks) and least is Severity.INFO:
        return report
    chosen = {f.fingerprint for f in report.findings if _is_selected(f, namespaces, checks, least)}
    by_mark = {finding.fingerprint: finding for finding in report.findings}
    kept, todo = set(chosen), list(chosen) if not checks else []
    while todo:
        causes = [mark for mark in by_mark[todo.pop()].caused_by if mark in by_mark and mark not in kept]
        kept.update(causes)
        todo += causes
    statuses = tuple(status for status in report.checks if not checks or status.check in checks)
    findings = tuple(finding for finding in report.findings if finding.fingerprint in kept)
    return with_verdict(replace(report, findings=findings, checks=statuses))


def _is_selected(finding: Finding, namespaces: Collection[str], checks: Collection[str], least: Severity) -> bool:
    return (
        (not namespaces or finding.object.namespace in namespaces)
        and (not checks or finding.check in checks)
        and SEVERITIES.index(finding.severity) >= SEVERITIES.index(least)
    )
