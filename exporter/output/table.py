"""The report for a terminal: the worst root cause first, its fix, and the objects that it affects."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from exporter.base.terminal import Style, clean_block, clean_line
from exporter.output.gaps import find_gaps
from exporter.output.outline import FindingNode, ReportOutline, build_tree, conclusion, describe_difference, side_notes
from exporter.output.phrases import (
    describe_age,
    describe_dependents,
    describe_evidence,
    format_age,
    format_time,
    label_of,
    object_name,
)
from exporter.report import Finding

_SYMPTOMS: Final = 10
"""How many are shown under one root."""
_LISTED: Final = 30
_MORE: Final = "... and {} more; use --output json to see all"
_LABELS: Final = {"critical": "CRITICAL", "warning": "WARNING", "info": "INFO"}
_VERDICTS: Final = {"FAIL": "critical", "UNKNOWN": "warning", "PASS": "good"}


def render_table(finished: ReportOutline, style: Style) -> str:
    """The whole report."""
    blocks = [_header(finished, style)]
    blocks += [_root(node, finished, style) for node in build_tree(finished.report)]
    blocks += [_render_list(title, lines, style) for title, lines in side_notes(finished.report)]
    blocks += [_gaps(finished, style), _conclusion(finished, style)]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _wrap(text: str, style: Style, indent: str, first: str | None = None) -> str:
    lines = textwrap.wrap(
        clean_line(text),
        style.width,
        initial_indent=indent if first is None else first,
        subsequent_indent=indent,
        break_on_hyphens=False,
    )
    return "\n".join(lines)


def _header(finished: ReportOutline, style: Style) -> str:
    report = finished.report
    taken = f"Boot sources as of {format_time(report.at)} ({report.at_source})"
    return "\n".join(
        [
            style.paint(_wrap(taken, style, "  ", ""), "bold"),
            *(_wrap(fact, style, "  ", "") for fact in finished.facts),
        ]
    )


def _root(node: FindingNode, finished: ReportOutline, style: Style) -> str:
    finding = node.finding
    identity = (object_name(finding), finding.check, describe_age(finding, finished.report.at))
    lines = [
        _paint(_wrap(f"{_LABELS[finding.severity]}  {finding.summary}", style, "  ", ""), finding, style),
        _wrap(", ".join(filter(None, identity)), style, "  "),
        _wrap(describe_difference(finished.report, finding), style, "  "),
        _wrap(describe_dependents(finding), style, "  "),
        _wrap(describe_evidence(finding), style, "  "),
        *_fixes(finding, style),
        *_symptoms(node, finished, style),
    ]
    return "\n".join(line for line in lines if line)


def _paint(text: str, finding: Finding, style: Style) -> str:
    word = _LABELS[finding.severity]
    return text.replace(word, style.paint(word, finding.severity.value), 1)


def _fixes(finding: Finding, style: Style) -> Iterator[str]:
    """Commands stand alone on their lines and are never wrapped: they are there to be copied."""
    for fix in finding.offered:
        yield _wrap(f"{label_of(fix)}:" if fix.command else label_of(fix), style, "  ")
        yield from _command(fix.command, style)
        if fix.verify:
            yield "  verify:"
            yield from _command(fix.verify, style)


def _command(command: str, style: Style) -> Iterator[str]:
    yield from (f"    {style.paint(line, 'bold')}" for line in clean_block(command).splitlines())


def _symptoms(node: FindingNode, finished: ReportOutline, style: Style) -> Iterator[str]:
    shown = list(islice(node.below(), _SYMPTOMS))
    for depth, finding in shown:
        first = "  " + style.gap * depth + style.branch
        since = f" (for {format_age(finding.since, finished.report.at)})" if finding.since else ""
        text = f"{_LABELS[finding.severity]}  {finding.summary}{since}"
        yield _paint(_wrap(text, style, " " * (len(first) + 2), first), finding, style)
    left = node.count() - len(shown)
    if left:
        yield _wrap(_MORE.format(left), style, "  ")


def _gaps(finished: ReportOutline, style: Style) -> str:
    return _render_list("Not judged", [f"{gap.what}: {gap.why}" for gap in find_gaps(finished.report)], style)


def _render_list(title: str, found: Sequence[str], style: Style) -> str:
    if not found:
        return ""
    lines = [style.paint(title, "bold")]
    lines += [_wrap(line, style, "    ", "  ") for line in found[:_LISTED]]
    if len(found) > _LISTED:
        lines.append(_wrap(_MORE.format(len(found) - _LISTED), style, "  "))
    return "\n".join(lines)


def _conclusion(finished: ReportOutline, style: Style) -> str:
    text = conclusion(finished)
    word = text.partition(":")[0]
    return _wrap(text, style, "  ", "").replace(word, style.paint(word, _VERDICTS[word]), 1)
