"""Findings: one with its fixes and what follows from it, and all root causes, equal ones in one group."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Final

import htpy as h

from exporter.base.durations import format_age
from exporter.base.phrases import counted
from exporter.checks.check import Check
from exporter.output.groups import RootGroup
from exporter.output.html.console import console_link
from exporter.output.html.document import Place
from exporter.output.html.parts import TONE_OF, command, cut, facts, moment, pill, severity_pill
from exporter.output.outline import FindingNode, describe_difference
from exporter.output.phrases import (
    describe_dependents,
    describe_evidence,
    describe_suppressed,
    format_time,
    object_name,
)
from exporter.report import Finding, FixKind, FixText, Report

_SYMPTOMS: Final = 20
_OF_GROUP: Final = 5
"""Objects of a group that are named on a page about all problems; the others are a link away."""
_SUPPRESSED: Final = 100
_FIX_PILLS: Final = {
    FixKind.SAFE: ("good", "Safe fix"),
    FixKind.COSTS: ("warn", "Fix with a cost"),
    FixKind.NONE: ("note", "What to do"),
}


def finding_card(node: FindingNode, report: Report, place: Place) -> h.Node:
    """A finding in short, with what to do a click away; its fingerprint is its anchor."""
    finding = node.finding
    return h.article(f"#{finding.fingerprint}.card.problem.stack.tone-{TONE_OF[finding.severity]}")[
        h.div(".line")[
            severity_pill(finding.severity),
            h.h3[h.a(href=place.finding(finding.fingerprint))[finding.summary]],
            _new(report, finding),
        ],
        _digest(finding, report, place),
        h.details[h.summary["What to do"], fixes(finding)] if finding.offered else None,
        symptoms(node, report, place),
    ]


def _digest(finding: Finding, report: Report, place: Place) -> h.Node:
    """What is affected, since when, and which check tells, in one line."""
    affected = describe_dependents(finding)
    return h.p(".row.dim")[
        h.span[affected] if affected else None,
        _lasting(finding, report),
        h.a(href=place.check(finding.check))[finding.check],
    ]


def _lasting(finding: Finding, report: Report) -> h.Node:
    since = finding.since
    if since is None:
        return None
    return h.time(datetime=since.isoformat(), title=format_time(since))[f"for {format_age(since, report.at)}"]


def group_card(group: RootGroup, report: Report, place: Place, checks: Mapping[str, Check]) -> h.Node:
    """Root causes of one check that are equally severe, as one problem."""
    if len(group.roots) == 1:
        return finding_card(group.roots[0], report, place)
    findings = [node.finding for node in group.roots]
    more = place.page("/findings/", {"check": group.check, "severity": group.severity}) if place.served else ""
    declared = checks.get(group.check)
    most = _OF_GROUP if place.served else len(findings)
    return h.article(f"#group-{group.check}-{group.severity}.card.problem.stack.tone-{TONE_OF[group.severity]}")[
        h.div(".line")[
            severity_pill(group.severity),
            h.h3[h.a(href=more or place.check(group.check))[declared.summary if declared else group.check]],
            h.span(".dim")[counted(len(findings), "object")],
        ],
        _paragraph(group.describe_dependents()),
        cut((finding_link(finding, report, place) for finding in findings), len(findings), most, "object", more),
        h.details[
            h.summary[f"How to fix the first one, {object_name(findings[0])}"],
            fixes(findings[0]) or h.p["See the check for what to do."],
        ],
        h.p(".small")[h.a(href=place.check(group.check))["About this check"]],
    ]


def _paragraph(text: str) -> h.Node:
    return h.p[text] if text else None


def finding_link(finding: Finding, report: Report, place: Place) -> h.Node:
    """A finding in one line."""
    return [
        h.a(href=place.finding(finding.fingerprint))[finding.summary],
        h.span(".dim")[", ", moment(finding.since, report.at)] if finding.since else None,
    ]


def finding_facts(finding: Finding, report: Report, place: Place) -> h.Node:
    """What it is about, since when, what depends on it, what was seen, which check tells."""
    ref = finding.object
    console = console_link(place, ref.kind, ref.namespace, ref.name)
    return facts(
        (
            ("Object", [h.span(".mono")[object_name(finding)], console and ["  ", console]]),
            ("Since", moment(finding.since, report.at)),
            ("Effect", describe_dependents(finding)),
            ("Seen", describe_evidence(finding)),
            ("Check", h.a(href=place.check(finding.check))[finding.check]),
        )
    )


def fixes(finding: Finding) -> h.Node:
    """All that can be done about it, the safe fixes first."""
    return [_fix(fix) for fix in finding.offered] or None


def _fix(fix: FixText) -> h.Node:
    tone, words = _FIX_PILLS[fix.kind]
    return h.div(".fix.stack")[
        h.p[pill(tone, words), " ", fix.risk],
        fix.note and h.p[fix.note],
        fix.command and command(fix.command, "command of the fix"),
        fix.verify
        and [h.p(".small.dim")["Check that it worked:"], command(fix.verify, "Command that verifies the fix")],
    ]


def symptoms(node: FindingNode, report: Report, place: Place) -> h.Node:
    """What follows from it, closed at first."""
    total = node.count()
    if not total:
        return None
    return h.details[
        h.summary[f"{counted(total, 'other finding')} follow{'s' if total == 1 else ''} from it"],
        cut(
            (finding_link(finding, report, place) for _, finding in islice(node.below(), _SYMPTOMS)),
            total,
            _SYMPTOMS,
            "finding",
            place.page("/findings/", {"cause": node.finding.fingerprint}) if place.served else "",
        ),
    ]


def suppressed_list(findings: Iterable[Finding], more: str = "") -> h.Node:
    """Findings that somebody has accepted, each with the reason."""
    found = list(findings)
    if not found:
        return None
    return h.details[
        h.summary[f"{counted(len(found), 'suppressed finding')}"],
        cut(map(describe_suppressed, found), len(found), _SUPPRESSED, "finding", more),
    ]


def _new(report: Report, finding: Finding) -> h.Node:
    difference = describe_difference(report, finding)
    return difference and pill("note", difference)
