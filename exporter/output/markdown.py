"""The report as Markdown, for tickets and chats."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final

from exporter.base.terminal import clean, clean_block
from exporter.output.gaps import gaps
from exporter.output.outline import Finished, Node, asides, conclusion, difference, tree
from exporter.output.phrases import blast, evidence, label_of, lasting, named, stamp
from exporter.report import FixText

_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]<>#+!|~&])")
_MENTION: Final = re.compile(r"@(?=\w)")
_SYMPTOMS: Final = 50


def markdown(finished: Finished) -> str:
    """The whole report."""
    report = finished.report
    lines = ["# Boot sources", "", f"As of {stamp(report.at)} ({escaped(report.at_source)})."]
    lines += [f"{escaped(fact)}." for fact in finished.facts]
    lines += ["", f"**{escaped(conclusion(finished))}**"]
    for node in tree(report):
        lines += ["", *_root(node, finished)]
    for title, told in asides(report):
        if told:
            lines += ["", f"## {title}", "", *(f"- {escaped(line)}" for line in told)]
    found = list(gaps(finished.report))
    if found:
        lines += ["", "## Not judged", "", "| What | Why |", "| --- | --- |"]
        lines += [f"| {escaped(gap.what)} | {escaped(gap.why)} |" for gap in found]
    return "\n".join(lines) + "\n"


def escaped(text: str) -> str:
    """Text that Markdown shows as it is, on one line; nobody is notified by a name in it."""
    return _MENTION.sub("@\u200b", _SPECIAL.sub(r"\\\1", clean(text)))


def fenced(text: str) -> str:
    """A code block that its content cannot end."""
    text = clean_block(text)
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}sh\n{text}\n{fence}"


def _fix(fix: FixText) -> Iterator[str]:
    label = escaped(label_of(fix)[0].upper() + label_of(fix)[1:])
    yield from ("", f"{label}:" if fix.command else label)
    if fix.command:
        yield from ("", fenced(fix.command))
    if fix.verify:
        yield from ("", "Verify:", "", fenced(fix.verify))


def _root(node: Node, finished: Finished) -> Iterator[str]:
    finding = node.finding
    yield f"## {finding.severity.upper()}: {escaped(finding.summary)}"
    yield ""
    lasted = lasting(finding, finished.report.at)
    compared = difference(finished.report, finding)
    told = (named(finding), f"check {finding.check}", lasted, compared, evidence(finding), blast(finding))
    yield from (f"- {escaped(text)}" for text in told if text)
    for fix in finding.offered:
        yield from _fix(fix)
    shown = list(islice(node.below(), _SYMPTOMS))
    if shown:
        yield from ("", "Follows from it:", "")
        yield from (f"{'  ' * depth}- {f.severity.upper()}: {escaped(f.summary)}" for depth, f in shown)
        if node.count() > len(shown):
            yield f"- and {node.count() - len(shown)} more"
