"""The report for machines: SARIF 2.1.0 for code review, JUnit XML for pipelines."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from exporter.base.terminal import clean_block, clean_line, escape_json
from exporter.base.version import installed_version
from exporter.lint.report import LintFinding, LintReport, counts
from exporter.lint.rule import Rule
from exporter.lint.rules.catalogue import RULES
from exporter.lint.run import page_of
from exporter.output.sarif import LEVELS, SARIF_SCHEMA

_INDEX = {rule.id: number for number, rule in enumerate(RULES)}


def render_sarif(report: LintReport) -> str:
    """A rule for each of ours, a result per finding, a notification for whatever was not linted."""
    notes = [
        *({"level": "error", "message": {"text": clean_line(problem)}} for problem in report.problems),
        *(
            {"level": "note", "message": {"text": clean_line(f"{s.file}:{s.line}: skipped, {s.why}")}}
            for s in report.skipped
        ),
    ]
    driver = {
        "name": "bootsource-exporter",
        "version": installed_version() or "0",
        "rules": [_rule(rule) for rule in RULES],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": not report.problems, "toolExecutionNotifications": notes}],
        "results": [_result(finding) for finding in report.findings],
    }
    document = {"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}
    return escape_json(json.dumps(document, indent=2, ensure_ascii=False)) + "\n"


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.meaning},
        "help": {"text": rule.mitigation},
        "helpUri": page_of(rule.id),
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
    }


def _result(finding: LintFinding) -> dict[str, Any]:
    uri = quote(clean_line(finding.file).replace("\\", "/"), safe="/")
    region = {"startLine": finding.line, "startColumn": finding.column}
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": _INDEX[finding.rule],
        "level": LEVELS[finding.severity],
        "message": {"text": clean_block(f"{finding.summary}\n{finding.remedy}")},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": uri}, "region": region}}],
        "partialFingerprints": {"bootsource/lint/v1": finding.fingerprint},
    }
    if finding.suppressed is not None:
        result["suppressions"] = [{"kind": "inSource", "justification": clean_line(finding.suppressed)}]
    if finding.baseline is not None:
        result["baselineState"] = finding.baseline
    return result


def render_junit(report: LintReport) -> str:
    """A test case per file with findings, and one for all others."""
    suite = Element("testsuite", name="bootsource-lint")
    by_file: dict[str, list[LintFinding]] = {}
    for finding in report.findings:
        if counts(finding):
            by_file.setdefault(finding.file, []).append(finding)
    for file, findings in by_file.items():
        case = SubElement(suite, "testcase", classname="bootsource-lint", name=clean_line(file))
        for finding in findings:
            message = clean_line(f"{finding.line}:{finding.column}: {finding.summary}")
            failure = SubElement(case, "failure", type=finding.rule, message=message)
            failure.text = clean_block(f"{finding.severity.value}: {finding.summary}\n{finding.remedy}\n{finding.page}")
    for problem in report.problems:
        case = SubElement(suite, "testcase", classname="bootsource-lint", name="readable-input")
        SubElement(case, "error", type="not-read", message=clean_line(problem))
    if not len(suite):
        SubElement(suite, "testcase", classname="bootsource-lint", name="all-files")
    for tag, total in (("failure", "failures"), ("error", "errors")):
        suite.set(total, str(sum(case.find(tag) is not None for case in suite)))
    suite.set("tests", str(len(suite)))
    root = Element("testsuites")
    root.append(suite)
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"
