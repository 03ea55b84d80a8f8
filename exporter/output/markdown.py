"""The report as Markdown, for tickets and chats."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final

from exporter.base.terminal import clean_block, clean_line
from exporter.output.gaps import find_gaps
from exporter.output.outline import FindingNode, ReportOutline, build_tree, conclusion, describe_difference, side_notes
from exporter.output.phrases import (
    describe_age,
    describe_dependents,
    describe_evidence,
    format_time,
    label_of,
    object_name,
)
from exporter.report import FixText

_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]<>#+!|~&])")
_MENTION: Final = re.compile(r"@(?=\w)")
_SYMPTOMS: Final = 50


def render_markdown(finished: ReportOutline) -> str:
    """The whole report."""
    report = finished.report
    lines = ["# Boot sources", "", f"As of {format_time(report.at)} ({escape_markdown(report.at_source)})."]
    lines += [f"{escape_markdown(fact)}." for fact in finished.facts]
    lines += ["", f"**{escape_markdown(conclusion(finished))}**"]
    for node in build_tree(report):
        lines += ["", *_root(node, finished)]
    for title, told in side_notes(report):
        if told:
            lines += ["", f"## {title}", "", *(f"- {escape_markdown(line)}" for line in told)]
    found = list(find_gaps(finished.report))
    if found:
        lines += ["", "## Not checked", "", "| What | Why |", "| --- | --- |"]
        lines += [f"| {escape_markdown(gap.what)} | {escape_markdown(gap.why)} |" for gap in found]
    return "\n".join(lines) + "\n"


def escape_markdown(text: str) -> str:
    """Escape text so that Markdown shows it unchanged on one line; `@name` notifies no user."""
    return _MENTION.sub("@\u200b", _SPECIAL.sub(r"\\\1", clean_line(text)))


def fence_code(text: str) -> str:
    """A code block that its content cannot end."""
    text = clean_block(text)
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}sh\n{text}\n{fence}"


def _fix(fix: FixText) -> Iterator[str]:
    label = escape_markdown(label_of(fix)[0].upper() + label_of(fix)[1:])
    yield from ("", f"{label}:" if fix.command else label)
    if fix.command:
        yield from ("", fence_code(fix.command))
    if fix.verify:
        yield from ("", "Verify:", "", fence_code(fix.verify))


def _root(node: FindingNode, finished: ReportOutline) -> Iterator[str]:
    finding = node.finding
    yield f"## {finding.severity.upper()}: {escape_markdown(finding.summary)}"
    yield ""
    lasted = describe_age(finding, finished.report.at)
    compared = describe_difference(finished.report, finding)
    told = (
        object_name(finding),
        f"check {finding.check}",
        lasted,
        compared,
        describe_evidence(finding),
        describe_dependents(finding),
    )
    yield from (f"- {escape_markdown(text)}" for text in told if text)
    for fix in finding.offered:
        yield from _fix(fix)
    shown = list(islice(node.below(), _SYMPTOMS))
    if shown:
        yield from ("", "Follows from it:", "")
        yield from (f"{'  ' * depth}- {f.severity.upper()}: {escape_markdown(f.summary)}" for depth, f in shown)
        if node.count() > len(shown):
            yield f"- and {node.count() - len(shown)} more"
