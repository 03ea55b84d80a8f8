"""The page of one check: what it finds now, with the fixes, and what it is about. Alerts link to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import islice
from typing import Final

from exporter.base.phrases import counted
from exporter.base.terminal import clean_block, clean_line
from exporter.checks.check import Check
from exporter.output.outline import FindingNode
from exporter.report import CheckStatus, Report, Status
from exporter.web.pages.page import PageContext, article, render_frame

_FINDINGS: Final = 100
_FENCE: Final = "```"
_WORDS: Final[dict[Status, tuple[str, str]]] = {
    "fail": ("bad", "This check has found problems"),
    "pass": ("good", "This check has found no problem"),
    "unknown": ("unsure", "Not every object could be checked"),
    "blind": ("unsure", "This check is blind: a resource that it reads is not known"),
    "disabled": ("unsure", "This check is disabled by configuration"),
}


def check_page(check: Check, reports: Iterable[tuple[str, Report | None]], version: str) -> str:
    """The whole document; reports by the name of their cluster, None for one that was not evaluated yet."""
    parts = [
        f"<p>{escape(check.summary)}.</p>",
        *(part for cluster, report in reports for part in _findings(check, cluster, report)),
        *_text("What it means", check.meaning),
        *_text("Effect", check.impact),
        *_text("How to look", check.diagnosis),
        *_text("How to fix it", check.mitigation),
        '<p><a href="/">All findings</a></p>',
    ]
    return render_frame(check.id, parts, PageContext(version))


def _findings(check: Check, cluster: str, report: Report | None) -> Iterator[str]:
    """What it finds in one cluster."""
    heading = f"<h2>{escape(clean_line(cluster))}</h2>" if cluster else ""
    if report is None:
        yield f"<section class=unsure>{heading}<p>The cluster was not evaluated yet.</p></section>"
        return
    status = next((status for status in report.checks if status.check == check.id), None)
    kind, words = _WORDS[status.status] if status else ("unsure", "This check was not evaluated")
    yield f"<section class={kind}>{heading}<p>{words}.</p>{_blind_on(status)}</section>"
    found = [finding for finding in report.findings if finding.check == check.id and finding.suppressed is None]
    yield from (article(FindingNode(finding), report) for finding in islice(found, _FINDINGS))
    if len(found) > _FINDINGS:
        yield f"<p>{counted(len(found) - _FINDINGS, 'more finding')}: see the findings as JSON.</p>"


def _blind_on(status: CheckStatus | None) -> str:
    blind_on: Sequence[str] = status.blind_on if status else ()
    return f"<p>Not known: {escape(clean_line(', '.join(blind_on)))}.</p>" if blind_on else ""


def _text(heading: str, text: str) -> Iterator[str]:
    """The paragraphs of a declaration; what is fenced is a block of commands."""
    yield f"<h2>{heading}</h2>"
    for number, part in enumerate(text.split(_FENCE)):
        if number % 2:
            yield f"<pre>{escape(clean_block(part.partition(chr(10))[2].rstrip()))}</pre>"
        else:
            yield from (f"<p>{escape(clean_line(each))}</p>" for each in part.split("\n\n") if each.strip())
