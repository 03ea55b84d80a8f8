"""`explain`: what a check finds, why it matters, how to look and what to do, from its declaration."""

from __future__ import annotations

import os
import re
import sys
import textwrap
from collections.abc import Sequence

from exporter.base.durations import format_duration, format_limit
from exporter.base.terminal import Style
from exporter.checks import CHECKS
from exporter.checks.check import Check
from exporter.output.suppress_commands import ABOUT, CANNOT, annotation_command, configuration_entry, is_suppressible
from exporter.settings.options import CHECK
from exporter.settings.settings import Settings, SettingsError, suggest


def run(settings: Settings) -> int:
    """Print one check, or the list of all."""
    style = Style.for_stream(sys.stdout, os.environ)
    word = settings[CHECK]
    sys.stdout.write(render_check(find_check(word, CHECKS), style) if word else render_list(CHECKS, style))
    return 0


def find_check(word: str, checks: Sequence[Check]) -> Check:
    """The check of this id. Raises SettingsError, naming those that are near."""
    by_id = {check.id: check for check in checks}
    if word not in by_id:
        remedy = suggest(word, by_id) or "; `bootsource-exporter explain` lists all"
        raise SettingsError(f"CHECK: {word!r} is no check{remedy}")
    return by_id[word]


def render_list(checks: Sequence[Check], style: Style) -> str:
    """Every check in one or two lines."""
    column = max((len(check.id) for check in checks), default=0)
    lines = []
    for check in checks:
        start = f"{check.id:{column}}  {check.severity.value:8}  "
        text = textwrap.fill(check.summary, style.width, initial_indent=start, subsequent_indent=" " * len(start))
        lines.append(text.replace(check.severity, style.paint(check.severity, check.severity), 1))
    return "\n".join(lines) + "\n"


def render_check(check: Check, style: Style) -> str:
    """One check at length."""
    lines = [f"{style.paint(check.id, 'bold')} ({style.paint(check.severity, check.severity)})", "", check.summary]
    parts = (
        ("Meaning", check.meaning),
        ("Impact", check.impact),
        ("Diagnosis", check.diagnosis),
        ("Mitigation", check.mitigation),
    )
    for title, text in parts:
        lines += ["", style.paint(title, "bold"), *wrap(text, style)]
    lines += ["", style.paint("How it is found", "bold")]
    reads = ", ".join(sorted(str(resource) for resource in check.tables))
    if reads:
        lines += wrap(f"From: {reads}. If any of these is not known, the check is blind and says so.", style)
    else:
        lines += wrap("From the suppressions, when all other checks have judged.", style)
    if check.wishes:
        wishes = ", ".join(sorted(str(resource) for resource in check.wishes))
        lines += wrap(f"Where they are known, these help to name the cause and the fix: {wishes}.", style)
    lines += wrap(f"Somebody is notified after {format_duration(check.alert_for)}.", style)
    if check.thresholds:
        told = "\n".join(f"- {t.name} ({format_limit(t.default)}): {t.meaning}" for t in check.thresholds)
        lines += ["", style.paint("Thresholds", "bold"), *wrap(told, style)]
    lines += ["", style.paint("How to mute it", "bold"), *_suppress_lines(check, style)]
    return "\n".join(lines) + "\n"


def _suppress_lines(check: Check, style: Style) -> list[str]:
    if not is_suppressible(check):
        return [*wrap(CANNOT, style), "", *_indent(configuration_entry(check))]
    command = annotation_command(check)
    on_object = ["", "  On the object:", "", *_indent(command)] if command else []
    return [*wrap(ABOUT, style), *on_object, "", "  In the configuration:", "", *_indent(configuration_entry(check))]


def _indent(text: str) -> list[str]:
    return [f"    {line}" for line in text.splitlines()]


def wrap(text: str, style: Style) -> list[str]:
    """Paragraphs filled; lines that are indented, listed or fenced stay as they are written."""
    lines: list[str] = []
    paragraph: list[str] = []
    for line in [*textwrap.dedent(text).strip("\n").splitlines(), ""]:
        if line.strip() and not _is_preformatted(line):
            paragraph.append(line.strip())
            continue
        lines += textwrap.wrap(
            " ".join(paragraph), style.width, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False
        )
        paragraph = []
        lines.append(f"  {line}".rstrip())
    return lines[:-1]


def _is_preformatted(line: str) -> bool:
    return line.startswith((" ", "\t", "- ", "* ", "```", "$ ")) or re.match(r"\d+\. ", line) is not None
