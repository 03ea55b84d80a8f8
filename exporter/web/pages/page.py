"""The page for people: what is wrong, what to run, and what could not be seen. One document, no scripts.

Everything out of the cluster is escaped; nothing is loaded from anywhere. What is not known yet never looks as if all
were well: without a report, or with blind checks, the page says so before anything else.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from html import escape
from itertools import islice
from typing import Final
from urllib.parse import quote

from exporter.base.durations import format_age
from exporter.base.phrases import counted
from exporter.base.terminal import clean_block, clean_line
from exporter.output.gaps import find_gaps
from exporter.output.outline import FindingNode, ReportOutline, build_tree, suppressed_findings
from exporter.output.phrases import (
    describe_age,
    describe_dependents,
    describe_evidence,
    describe_suppressed,
    format_time,
    label_of,
    object_name,
)
from exporter.report import FixText, Report, ResourceStatus
from exporter.web.pages.style import STYLE

TITLE: Final = "Boot sources"
_ROOTS: Final = 100
_SYMPTOMS: Final = 20
_GAPS: Final = 100
_MUTED: Final = 100
_REFRESH: Final = timedelta(minutes=1)
_WORDS: Final = {
    "fail": ("bad", "Something is wrong"),
    "unknown": ("unsure", "Not everything could be judged"),
    "pass": ("good", "Nothing is wrong"),
}
LINKS: Final = (
    ("/metrics", "metrics"),
    ("/api/v1/findings", "findings as JSON"),
    ("/api/v1/boot-sources", "boot sources as JSON"),
    ("/api/v1/clusters", "clusters as JSON"),
    ("/readyz", "ready?"),
    ("/healthz", "alive?"),
)
BY_CLUSTER: Final = ("/api/v1/findings", "/api/v1/boot-sources")
"""Where one of several clusters has to be chosen."""
POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        f"style-src 'sha256-{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
"""Content-Security-Policy: our one style sheet, by its hash, and nothing else."""


@dataclass(frozen=True, slots=True)
class PageContext:
    """What the page says of the exporter and of the cluster it looks at."""

    version: str
    facts: tuple[str, ...] = ()
    """Which cluster: lines for people."""
    cluster: str = ""
    """Its name, if it is one of several."""


def render_page(report: Report | None, pending: Iterable[str], about: PageContext, notices: Iterable[str] = ()) -> str:
    """The whole document."""
    waiting = tuple(pending)
    parts = list(render_notices(notices))
    parts += _waiting(waiting, begun=report is not None)
    if report is not None:
        finished = ReportOutline(report)
        parts += [
            *_verdict(finished, bool(waiting)),
            *_findings(report),
            *_suppressed(report),
            *_gaps(finished),
            *_resources(report),
        ]
    facts = (f"<p class=dim>{_text(fact)}</p>" for fact in about.facts)
    title = f"{TITLE}: {about.cluster}" if about.cluster else TITLE
    back = '<p><a href="/">All clusters</a></p>' if about.cluster else ""
    return render_frame(title, [back, *facts, *parts], about)


def render_notices(notices: Iterable[str]) -> Iterator[str]:
    """What people should know about the exporter itself."""
    yield from (f"<section class=unsure><p>{_text(notice)}</p></section>" for notice in notices)


def render_frame(title: str, parts: Iterable[str], about: PageContext) -> str:
    """A whole document with these parts."""
    head = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="refresh" content="{_REFRESH // timedelta(seconds=1)}">'
        f"<title>{_text(title)}</title><style>{STYLE}</style></head><body><main><h1>{_text(title)}</h1>"
    )
    return "".join([head, *parts, _footer(about), "</main></body></html>\n"])


def _text(text: str) -> str:
    """Text out of the cluster, harmless on one line."""
    return escape(clean_line(text))


def _waiting(pending: tuple[str, ...], *, begun: bool) -> Iterator[str]:
    """What is said as long as not everything has been read once."""
    if pending:
        yield (
            "<section class=unsure><h2>Still reading the cluster</h2>"
            f"<p>Not read yet: {_text(', '.join(pending))}. What depends on it is not judged.</p></section>"
        )
    elif not begun:
        yield "<section class=unsure><h2>Not judged yet</h2><p>The first look is under way.</p></section>"


def _verdict(finished: ReportOutline, waiting: bool) -> Iterator[str]:
    report = finished.report
    unsure = waiting or finished.is_undecided
    kind, words = _WORDS["unknown" if report.verdict == "pass" and unsure else report.verdict]
    roots = len(build_tree(report))
    if kind == "good" and roots:
        words = "Nothing is broken"
    blind = sum(status.status == "blind" for status in report.checks)
    disabled = sum(status.status == "disabled" for status in report.checks)
    facts = [
        f"{counted(roots, 'root cause')}" if roots else "nothing found",
        f"by {counted(len(report.checks) - blind - disabled, 'check')} that could judge",
        f"{counted(blind, 'check')} blind" if blind else "none blind",
    ]
    if disabled:
        facts.append(f"{counted(disabled, 'check')} disabled")
    yield f"<section class={kind}><h2>{words}</h2><p>{', '.join(facts)}; as of {format_time(report.at)}.</p></section>"


def _findings(report: Report) -> Iterator[str]:
    roots = build_tree(report)
    if not roots:
        return
    yield "<h2>Findings</h2><p class=dim>Root causes, worst first, each with what it brings about.</p>"
    yield from (article(node, report) for node in roots[:_ROOTS])
    if len(roots) > _ROOTS:
        yield f"<p>{counted(len(roots) - _ROOTS, 'more root cause')}: see the findings as JSON.</p>"


def article(node: FindingNode, report: Report) -> str:
    """A finding with its fix and its symptoms; its fingerprint is its anchor."""
    finding = node.finding
    lines = filter(None, (describe_age(finding, report.at), describe_dependents(finding), describe_evidence(finding)))
    severity = finding.severity
    check = f'<a href="/checks/{quote(finding.check)}">{_text(finding.check)}</a>'
    parts = [
        f'<article class={severity} id="{_text(finding.fingerprint)}">',
        f"<h3><span class=tag>{severity}</span> {_text(finding.summary)}</h3>",
        f"<p class=dim>{_text(object_name(finding))}, {check}</p>",
        *(f"<p>{_text(line)}</p>" for line in lines),
    ]
    parts += [part for fix in finding.offered for part in _fix(fix)]
    return "".join([*parts, *_symptoms(node, report), "</article>"])


def _fix(fix: FixText) -> Iterator[str]:
    yield f"<p>{_text(label_of(fix))}</p>"
    if fix.command:
        yield f"<pre>{escape(clean_block(fix.command))}</pre>"
    if fix.verify:
        yield f"<p>Verify:</p><pre>{escape(clean_block(fix.verify))}</pre>"


def _symptoms(node: FindingNode, report: Report) -> Iterator[str]:
    total = node.count()
    if not total:
        return
    yield f"<details><summary>Brings about {counted(total, 'finding')}</summary><ul>"
    for _, finding in islice(node.below(), _SYMPTOMS):
        since = f" (for {format_age(finding.since, report.at)})" if finding.since else ""
        yield f"<li><span class=tag>{finding.severity}</span> {_text(finding.summary)}{since}</li>"
    if total > _SYMPTOMS:
        yield f"<li>and {total - _SYMPTOMS} more</li>"
    yield "</ul></details>"


def _suppressed(report: Report) -> Iterator[str]:
    found = suppressed_findings(report)
    if not found:
        return
    yield f"<details><summary>{counted(len(found), 'finding')} muted</summary><ul>"
    yield from (f"<li><span class=tag>{f.severity}</span> {_text(describe_suppressed(f))}</li>" for f in found[:_MUTED])
    if len(found) > _MUTED:
        yield f"<li>and {len(found) - _MUTED} more</li>"
    yield "</ul></details>"


def _gaps(finished: ReportOutline) -> Iterator[str]:
    found = list(find_gaps(finished.report))
    if not found:
        return
    yield "<h2>What could not be judged</h2><ul>"
    yield from (f"<li><b>{_text(gap.what)}</b>: {_text(gap.why)}</li>" for gap in found[:_GAPS])
    if len(found) > _GAPS:
        yield f"<li>and {len(found) - _GAPS} more</li>"
    yield "</ul>"


def _resources(report: Report) -> Iterator[str]:
    yield "<h2>Resources</h2><div class=wide><table><thead><tr><th>Resource</th><th>State</th>"
    yield "<th class=number>Objects</th><th class=number>Rejected</th></tr></thead><tbody>"
    yield from map(_resource, report.resources)
    yield "</tbody></table></div>"


def _resource(status: ResourceStatus) -> str:
    listed = status.state in ("live", "stale")
    detail = f" <span class=dim>{_text(status.detail)}</span>" if status.detail else ""
    rows, rejected = (str(status.rows), str(status.rejected)) if listed else ("", "")
    return (
        f"<tr><td>{_text(status.resource)}</td><td>{_text(status.state)}{detail}</td>"
        f"<td class=number>{rows}</td><td class=number>{rejected}</td></tr>"
    )


def _footer(about: PageContext) -> str:
    chosen = f"?cluster={quote(about.cluster, safe='')}" if about.cluster else ""
    links = " · ".join(f'<a href="{path}{chosen if path in BY_CLUSTER else ""}">{words}</a>' for path, words in LINKS)
    return f"<footer><p>{links}</p><p class=dim>bootsource-exporter {_text(about.version)}</p></footer>"
