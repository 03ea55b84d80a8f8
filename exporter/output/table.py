"""The report for a terminal: the worst root cause first, its effect, its fix, and the objects that it affects."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Final

from exporter.base.durations import format_age
from exporter.base.excerpts import list_some
from exporter.base.terminal import Style, clean_block, clean_line
from exporter.output.groups import RootGroup, group_roots
from exporter.output.outline import (
    FindingNode,
    ReportOutline,
    build_tree,
    conclusion,
    describe_difference,
    side_notes,
    still_open,
)
from exporter.output.phrases import (
    describe_age,
    describe_dependents,
    describe_evidence,
    format_time,
    label_of,
    object_name,
)
from exporter.output.unchecked import describe_unchecked
from exporter.report import Finding

_SYMPTOMS: Final = 10
"""How many are shown under one root."""
_LISTED: Final = 30
_OBJECTS: Final = 5
_COMMANDS: Final = 5
"""Commands of one step for several objects: who has more uses --output json."""
_MORE: Final = "... and {} more; use --output json to see all"
_LABELS: Final = {"critical": "CRITICAL", "warning": "WARNING", "info": "INFO"}
_VERDICTS: Final = {"FAIL": "critical", "UNKNOWN": "warning", "PASS": "good"}
_LEFT_TO_UNCHECKED: Final = "Not collected"
"""The note about kinds that a dump does not hold, which the paragraph of what was not checked names too."""


def render_table(finished: ReportOutline, style: Style) -> str:
    """The whole report."""
    return _joined([_header(finished, style), *_groups(finished, style), *_notes(finished, style)], finished, style)


def render_summary(finished: ReportOutline, style: Style) -> str:
    """A line for each check that found something, and the verdict."""
    groups = group_roots(build_tree(finished.report))
    titles = _titles(finished)
    column = max((len(group.check) for group in groups), default=0)
    lines = []
    for group in groups:
        label, number = _LABELS[group.severity], len(group.roots)
        start = f"{label:8}  {group.check:{column}}  {number:4}  "
        title = titles.get(group.check) or clean_line(group.findings[0].summary)
        lines.append(_paint(_wrap(title, style, " " * len(start), start), group.findings[0], style))
    return _joined([_header(finished, style), "\n".join(lines)], finished, style)


def _joined(blocks: Sequence[str], finished: ReportOutline, style: Style) -> str:
    return "\n\n".join(block for block in (*blocks, _conclusion(finished, style)) if block) + "\n"


def _titles(finished: ReportOutline) -> Mapping[str, str]:
    return {check.id: check.summary for check in finished.checks}


def _wrap(text: str, style: Style, indent: str, first: str | None = None) -> str:
    lines = textwrap.wrap(
        clean_line(text),
        style.width,
        initial_indent=indent if first is None else first,
        subsequent_indent=indent,
        break_on_hyphens=False,
    )
    return "\n".join(lines)


def _field(name: str, text: str, style: Style) -> str:
    """A labelled part of a finding; "" without a text."""
    return _wrap(f"{name}: {text}", style, "    ", "  ") if text else ""


def _header(finished: ReportOutline, style: Style) -> str:
    report = finished.report
    taken = f"Boot sources as of {format_time(report.at)} ({report.at_source})"
    return "\n".join(
        [
            style.paint(_wrap(taken, style, "  ", ""), "bold"),
            *(_wrap(fact, style, "  ", "") for fact in finished.facts),
        ]
    )


def _groups(finished: ReportOutline, style: Style) -> Iterator[str]:
    effects = {check.id: check.impact.split("\n\n")[0] for check in finished.checks}
    titles = _titles(finished)
    for group in group_roots(build_tree(finished.report)):
        effect = effects.get(group.check, "")
        lines = [
            *(_single(group, finished, style) if len(group.roots) == 1 else _several(group, titles, finished, style)),
            _field("effect", effect, style),
            *_fixes(group, style),
            *(line for node in group.roots for line in _symptoms(node, finished, style)),
        ]
        yield "\n".join(line for line in lines if line)


def _single(group: RootGroup, finished: ReportOutline, style: Style) -> Iterator[str]:
    finding = group.findings[0]
    yield _paint(_wrap(f"{_LABELS[finding.severity]}  {finding.summary}", style, "  ", ""), finding, style)
    identity = (object_name(finding), finding.check, describe_age(finding, finished.report.at))
    yield _wrap(", ".join(filter(None, identity)), style, "  ")
    yield _wrap(describe_difference(finished.report, finding), style, "  ")
    yield _wrap(describe_dependents(finding), style, "  ")
    yield _field("seen", describe_evidence(finding), style)


def _several(group: RootGroup, titles: Mapping[str, str], finished: ReportOutline, style: Style) -> Iterator[str]:
    """The title of the check with all objects that it fails for, each with its own sentence as far as there is room."""
    first, number = group.findings[0], len(group.roots)
    title = titles.get(first.check) or first.summary
    yield _paint(_wrap(f"{_LABELS[first.severity]}  {title} ({number} times)", style, "  ", ""), first, style)
    since = min((f.since for f in group.findings if f.since), default=None)
    oldest = f"the oldest for {format_age(since, finished.report.at)}" if since else ""
    yield _wrap(", ".join(filter(None, (first.check, oldest))), style, "  ")
    for finding in group.findings[:_OBJECTS]:
        change = describe_difference(finished.report, finding)
        yield _wrap(f"{finding.summary}{f' ({change})' if change else ''}", style, "    ", "  - ")
    if number > _OBJECTS:
        yield _field("and", list_some((object_name(f) for f in group.findings[_OBJECTS:]), _LISTED), style)


def _paint(text: str, finding: Finding, style: Style) -> str:
    word = _LABELS[finding.severity]
    return text.replace(word, style.paint(word, finding.severity.value), 1)


def _fixes(group: RootGroup, style: Style) -> Iterator[str]:
    """Commands stand alone on their lines and are never wrapped: they are there to be copied."""
    for alike in group.steps():
        fix = alike[0]
        yield _wrap(f"{label_of(fix)}:" if fix.command else label_of(fix), style, "    ", "  ")
        for each in alike[:_COMMANDS]:
            yield from _command(each.command, style)
        if len(alike) > _COMMANDS:
            yield _wrap(_MORE.format(len(alike) - _COMMANDS), style, "    ")
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


def _notes(finished: ReportOutline, style: Style) -> Iterator[str]:
    report = finished.report
    for title, lines in side_notes(report):
        if title != _LEFT_TO_UNCHECKED:
            yield _render_list(title, lines, style)
    sentences = describe_unchecked(report)
    if sentences:
        yield style.paint("Not checked", "bold") + "\n" + _wrap(" ".join(sentences), style, "  ")
    if report.baseline is not None:
        left = [f"{_LABELS[f.severity]}  {f.summary} ({f.check})" for f in still_open(report)]
        yield _render_list("Still open", left, style)


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
