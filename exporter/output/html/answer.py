"""The answer: whether the next VM boots the right image, in a few words, with the numbers that matter."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import htpy as h

from exporter.base.phrases import counted
from exporter.boot_sources.document import Row
from exporter.output.html.coverage import coverage_sentence
from exporter.output.html.icons import icon
from exporter.output.phrases import format_time
from exporter.report import SEVERITIES, Report, Severity, is_undecided


def verdict(report: Report, *, waiting: bool) -> tuple[str, str]:
    """The tone and the answer in a few words. What is not known yet is never in order."""
    worst = report.worst()
    if worst is Severity.CRITICAL:
        return "bad", "New VMs are affected"
    if worst is Severity.WARNING:
        return "warn", "Image updates need attention"
    if waiting:
        return "none", "The cluster is still being read"
    if is_undecided(report):
        return "none", "No problem found, but not everything could be checked"
    return "good", "Everything is in order" if worst is None else "Nothing is broken"


def waiting_card(waiting: str, facts: Sequence[str], now: datetime) -> h.Node:
    """What is said before the first report."""
    lines = [h.p["Nothing has been checked yet. This takes a few seconds."], h.p[waiting] if waiting else None]
    return _card("none", "The cluster is being read", lines, None, facts, now)


def answer_card(
    report: Report, roots: Sequence[Severity], rows: Sequence[Row], facts: Sequence[str], waiting: str = ""
) -> h.Node:
    """The answer. `roots` are the severities of all root causes; `waiting` says what has not been read yet."""
    tone, words = verdict(report, waiting=bool(waiting))
    lines = [h.p[f"{_counts(roots)}. {coverage_sentence(report)}"], h.p[waiting] if waiting else None]
    return _card(tone, words, lines, _tiles(rows), facts, report.at)


def _card(tone: str, words: str, lines: h.Node, tiles: h.Node, facts: Sequence[str], at: datetime) -> h.Node:
    about = h.p(".dim.small")[" · ".join(facts), h.br, f"As of {format_time(at)}"]
    return h.section(f".card.answer.tone-{tone}", aria_labelledby="answer")[
        icon(tone), h.div[h.h1("#answer")[words], lines, about, tiles]
    ]


def _counts(roots: Sequence[Severity]) -> str:
    numbers = [(roots.count(severity), severity) for severity in reversed(SEVERITIES)]
    told = [
        counted(number, severity) if severity is Severity.WARNING else f"{number} {severity}"
        for number, severity in numbers
        if number
    ]
    return ", ".join(told) or "No problems"


def _tiles(rows: Sequence[Row]) -> h.Node:
    machines = [row.virtual_machines for row in rows]
    tiles = (
        ("Boot sources", str(len(rows)), ""),
        ("Usable for new VMs", *_share([row.usable for row in rows])),
        ("Newest image", *_share([row.newest for row in rows])),
        ("VMs made from them", "not known" if None in machines else str(sum(filter(None, machines))), ""),
    )
    return h.dl(".tiles")[(h.div[h.dt[name], h.dd[value, " ", h.small[of]]] for name, value, of in tiles)]


def _share(answers: Sequence[bool | None]) -> tuple[str, str]:
    """How many are true, and of how many."""
    unknown = answers.count(None)
    return str(answers.count(True)), f"of {len(answers)}{f', {unknown} not known' if unknown else ''}"
