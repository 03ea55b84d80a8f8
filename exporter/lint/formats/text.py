"""The report for people: in a terminal, in Markdown, and as annotations on GitHub."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Final

from exporter.base.phrases import counted, joined
from exporter.base.terminal import Style, clean_line
from exporter.lint.report import LintFinding, LintReport, counts
from exporter.output.github import annotation
from exporter.output.markdown import escape_markdown as escape
from exporter.report import SEVERITIES, Severity

_LISTED: Final = 20
"""Skipped documents that are named."""


def render_table(report: LintReport, style: Style) -> str:
    """A block per finding: the place as editors open it, what is wrong, what to do."""
    shown = [f for f in report.findings if counts(f)]
    blocks = ["\n".join(_block(finding, style)) for finding in shown]
    notes = [*_notes(report)]
    if notes:
        blocks.append("\n".join(line for note in notes for line in _wrap(note, style, "")))
    blocks.append(conclusion(report))
    return "\n\n".join(blocks) + "\n"


def _block(finding: LintFinding, style: Style) -> Iterator[str]:
    severity = style.paint(finding.severity.value, finding.severity.value)
    place = clean_line(f"{finding.file}:{finding.line}:{finding.column}")
    fixable = ", --fix corrects it" if finding.fixable else ""
    yield f"{style.paint(place, 'bold')}: {severity} [{finding.rule}{fixable}]"
    yield from _wrap(finding.summary, style, "  ")
    yield from _wrap(finding.remedy, style, "  -> ")


def _wrap(text: str, style: Style, first: str) -> list[str]:
    return textwrap.wrap(
        clean_line(text),
        style.width,
        initial_indent=first,
        subsequent_indent=" " * len(first),
        break_on_hyphens=False,
        break_long_words=False,
    )


def _notes(report: LintReport) -> Iterator[str]:
    for problem in report.problems:
        yield f"not read: {problem}"
    for skipped in report.skipped[:_LISTED]:
        yield f"skipped: {skipped.file}:{skipped.line}: {skipped.why}"
    if len(report.skipped) > _LISTED:
        yield f"skipped: {len(report.skipped) - _LISTED} more documents; --output json lists all"


def conclusion(report: LintReport) -> str:
    """One line: what was linted, what was found, what was fixed, suppressed and skipped."""
    found = [f for f in report.findings if counts(f)]
    by_severity = [
        f"{number} {severity.value}"
        for severity in reversed(SEVERITIES)
        if (number := sum(f.severity is severity for f in found))
    ]
    scope = joined([counted(report.objects, "object"), counted(report.files, "file")])
    told = f"{counted(len(found), 'finding')} ({', '.join(by_severity)})" if found else "no findings"
    parts = [f"{told} in {scope} for OpenShift Virtualization {report.target}"]
    for number, what in (
        (sum(f.fixable for f in found), "can be corrected by --fix"),
        (report.fixed, "corrected"),
        (sum(f.suppressed is not None for f in report.findings), "suppressed"),
        (sum(f.baseline == "unchanged" for f in report.findings), "in the baseline"),
    ):
        if number:
            parts.append(f"{number} {what}")
    return "; ".join(parts)


def render_markdown(report: LintReport) -> str:
    """A table of all findings that count, for a comment of a review."""
    lines = [f"**{escape(conclusion(report))}**"]
    found = [f for f in report.findings if counts(f)]
    if found:
        lines += ["", "| Place | Severity | Rule | What is wrong | What to do |", "| --- | --- | --- | --- | --- |"]
    for finding in found:
        place = escape(clean_line(f"{finding.file}:{finding.line}"))
        rule = f"[{finding.rule}]({finding.page})"
        told = (escape(clean_line(text)) for text in (finding.summary, finding.remedy))
        lines.append(f"| {' | '.join((place, finding.severity.value, rule, *told))} |")
    notes = [f"- {escape(clean_line(note))}" for note in _notes(report)]
    return "\n".join([*lines, *([""] if notes else []), *notes]) + "\n"


def render_github(report: LintReport) -> str:
    """A workflow command for each finding that counts, at its line."""
    lines = [
        annotation(f.severity, f.rule, f"{f.summary}\n{f.remedy}", f.file, f.line, f.column)
        for f in report.findings
        if counts(f)
    ]
    lines += [annotation(Severity.WARNING, "not read", problem) for problem in report.problems]
    lines += [annotation(Severity.INFO, "skipped", s.why, s.file, s.line) for s in report.skipped[:_LISTED]]
    return "".join(f"{line}\n" for line in lines)
