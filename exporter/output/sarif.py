"""The report as SARIF 2.1.0, for code scanning."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from exporter.base.terminal import clean_block, clean_line, escape_json
from exporter.checks.check import Check
from exporter.output.gaps import find_gaps
from exporter.output.outline import ReportOutline
from exporter.output.phrases import describe_evidence, object_name, told_fix
from exporter.report import CheckStatus, Finding, Report, Severity

SARIF_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS: Final[Mapping[Severity, str]] = {
    Severity.CRITICAL: "error",
    Severity.WARNING: "warning",
    Severity.INFO: "note",
}


def render_sarif(finished: ReportOutline) -> str:
    """The whole report: a rule per check, a result per finding, a notification for whatever was not judged."""
    report = finished.report
    declared = {check.id: check for check in finished.checks}
    index = {status.check: number for number, status in enumerate(report.checks)}
    notifications = [
        {"level": "warning", "message": {"text": clean_line(f"{gap.what}: {gap.why}")}}
        for gap in find_gaps(finished.report)
    ]
    run = {
        "tool": {
            "driver": {
                "name": "bootsource-exporter",
                "version": finished.version or "0",
                "rules": [_rule(status, declared.get(status.check)) for status in report.checks],
            }
        },
        "invocations": [
            {
                "executionSuccessful": not finished.is_undecided,
                "toolExecutionNotifications": notifications,
            }
        ],
        "results": _results(report, index),
        "properties": {
            "at": report.at.isoformat(),
            "atSource": clean_line(report.at_source),
            "verdict": report.verdict,
        },
    }
    document = {"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}
    return escape_json(json.dumps(document, indent=2, ensure_ascii=False)) + "\n"


def _rule(status: CheckStatus, check: Check | None) -> dict[str, Any]:
    if check is None:
        return {"id": status.check}
    return {
        "id": check.id,
        "shortDescription": {"text": clean_line(check.summary)},
        "fullDescription": {"text": clean_block(check.meaning)},
        "help": {"text": clean_block(f"{check.impact}\n\n{check.diagnosis}\n\n{check.mitigation}")},
        "defaultConfiguration": {"level": LEVELS[check.severity]},
    }


def _results(report: Report, index: Mapping[str, int]) -> list[dict[str, Any]]:
    """All findings, with a baseline each with its state; what is fixed is absent, what cannot be told is left out."""
    results = [_result(finding, index) for finding in report.findings]
    if report.baseline is None:
        return results
    changed = {change.fingerprint for change in report.baseline.changed}
    for finding, result in zip(report.findings, results, strict=True):
        mark = finding.fingerprint
        state = "new" if mark in report.baseline.new else "updated" if mark in changed else "unchanged"
        result["baselineState"] = state
    return results + [{**_result(finding, index), "baselineState": "absent"} for finding in report.baseline.fixed]


def _result(finding: Finding, index: Mapping[str, int]) -> dict[str, Any]:
    told = [finding.summary, describe_evidence(finding), *map(told_fix, finding.offered)]
    result: dict[str, Any] = {
        "ruleId": finding.check,
        "level": LEVELS[finding.severity],
        "message": {"text": clean_block("\n".join(filter(None, told)))},
        "locations": [_location(finding)],
        "partialFingerprints": {"bootsource/v1": finding.fingerprint},
        "properties": {
            "causedBy": list(finding.caused_by),
            "dependents": {clean_line(kind): number for kind, number in finding.dependents.items()},
        },
    }
    if finding.check in index:
        result["ruleIndex"] = index[finding.check]
    if finding.suppressed is not None:
        why = finding.suppressed
        owner = {
            "owner": clean_line(why.owner),
            "until": why.until.isoformat() if why.until else None,
            "source": why.source,
        }
        muted = {"kind": "external", "justification": clean_line(why.reason), "properties": owner}
        result["suppressions"] = [muted]
    return result


def _location(finding: Finding) -> dict[str, Any]:
    """The object; code scanning asks for a file, so its path in the API stands in for one."""
    ref = finding.object
    path = "/".join(quote(clean_line(part), safe="") for part in ("cluster", ref.namespace, ref.kind, ref.name) if part)
    return {
        "physicalLocation": {"artifactLocation": {"uri": path}},
        "logicalLocations": [
            {"fullyQualifiedName": clean_line(object_name(finding)), "name": clean_line(ref.name), "kind": "object"}
        ],
    }
