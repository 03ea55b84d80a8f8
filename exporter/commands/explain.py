"""`explain`: what a check finds, why it matters, how to look and what to do, from its declaration."""

from __future__ import annotations

import os
import re
import sys
import textwrap
from collections.abc import Sequence

from exporter.base.durations import limit, spelled
from exporter.base.terminal import Style
from exporter.checks import CHECKS
from exporter.checks.check import Check
from exporter.output.suppressing import ABOUT, CANNOT, annotation, configuration, suppressible
from exporter.settings.options import CHECK
from exporter.settings.settings import Settings, SettingsError, nearest


def run(settings: Settings) -> int:
    """Print one check, or the list of all."""
    style = Style.of(sys.stdout, os.environ)
    word = settings[CHECK]
    sys.stdout.write(explained(chosen(word, CHECKS), style) if word else listed(CHECKS, style))
    return 0


def chosen(word: str, checks: Sequence[Check]) -> Check:
    """The check of this id. Raises SettingsError, naming those that are near."""
    by_id = {check.id: check for check in checks}
    if word not in by_id:
        remedy = nearest(word, by_id) or "; `bootsource-exporter explain` lists all"
        raise SettingsError(f"CHECK: {word!r} is no check{remedy}")
    return by_id[word]


def listed(checks: Sequence[Check], style: Style) -> str:
    """Every check in one or two lines."""
    column = max((len(check.id) for check in checks), default=0)
    lines = []
    for check in checks:
        start = f"{check.id:{column}}  {check.severity.value:8}  "
        text = textwrap.fill(check.summary, style.width, initial_indent=start, subsequent_indent=" " * len(start))
        lines.append(text.replace(check.severity, style.paint(check.severity, check.severity), 1))
    return "\n".join(lines) + "\n"


def explained(check: Check, style: Style) -> str:
    """One check at length."""
    lines = [f"{style.paint(check.id, 'bold')} ({style.paint(check.severity, check.severity)})", "", check.summary]
    parts = (
        ("Meaning", check.meaning),
        ("Impact", check.impact),
        ("Diagnosis", check.diagnosis),
        ("Mitigation", check.mitigation),
    )
    for title, text in parts:
        lines += ["", style.paint(title, "bold"), *wrapped(text, style)]
    lines += ["", style.paint("How it is found", "bold")]
    reads = ", ".join(sorted(str(resource) for resource in check.tables))
    if reads:
        lines += wrapped(f"From: {reads}. If any of these is not known, the check is blind and says so.", style)
    else:
        lines += wrapped("From the suppressions, when all other checks have judged.", style)
    if check.wishes:
        wishes = ", ".join(sorted(str(resource) for resource in check.wishes))
        lines += wrapped(f"Where they are known, these help to name the cause and the fix: {wishes}.", style)
    lines += wrapped(f"Somebody is notified after {spelled(check.alert_for)}.", style)
    if check.thresholds:
        told = "\n".join(f"- {t.name} ({limit(t.default)}): {t.meaning}" for t in check.thresholds)
        lines += ["", style.paint("Thresholds", "bold"), *wrapped(told, style)]
    lines += ["", style.paint("How to mute it", "bold"), *_muting(check, style)]
    return "\n".join(lines) + "\n"


def _muting(check: Check, style: Style) -> list[str]:
    if not suppressible(check):
        return [*wrapped(CANNOT, style), "", *_indented(configuration(check))]
    command = annotation(check)
    on_object = ["", "  On the object:", "", *_indented(command)] if command else []
    return [*wrapped(ABOUT, style), *on_object, "", "  In the configuration:", "", *_indented(configuration(check))]


def _indented(text: str) -> list[str]:
    return [f"    {line}" for line in text.splitlines()]


def wrapped(text: str, style: Style) -> list[str]:
    """Paragraphs filled; lines that are indented, listed or fenced stay as they are written."""
    lines: list[str] = []
    paragraph: list[str] = []
    for line in [*textwrap.dedent(text).strip("\n").splitlines(), ""]:
        if line.strip() and not _laid_out(line):
            paragraph.append(line.strip())
            continue
        lines += textwrap.wrap(
            " ".join(paragraph), style.width, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False
        )
        paragraph = []
        lines.append(f"  {line}".rstrip())
    return lines[:-1]


def _laid_out(line: str) -> bool:
    return line.startswith((" ", "\t", "- ", "* ", "```", "$ ")) or re.match(r"\d+\. ", line) is not None
