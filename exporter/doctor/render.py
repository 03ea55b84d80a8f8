"""The diagnosis for people: first whether the chain holds and the one thing to do, then every link."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from itertools import groupby
from typing import Final

from exporter.base.terminal import Style, clean_block, clean_line
from exporter.doctor.diagnosis import Diagnosis, Line

_TITLES: Final = {
    "cluster": "Cluster: what can be read from here",
    "exporter": "Exporter: what the one that runs can read",
    "prometheus": "Prometheus: does it see us, and judge",
    "alertmanager": "Alertmanager: does somebody hear of it",
}
_MARKS: Final = {"ok": "good", "problem": "critical", "unknown": "warning"}
_SUBJECT: Final = 26


def render_text(diagnosis: Diagnosis, style: Style) -> str:
    """The whole of it."""
    blocks = [_verdict(diagnosis, style)]
    for link, lines in groupby(diagnosis.lines, key=lambda line: line.link):
        rows = [row for line in lines for row in _row(line, style)]
        blocks.append("\n".join([style.paint(_TITLES[link], "bold"), *rows]))
    return "\n\n".join(blocks) + "\n"


def _verdict(diagnosis: Diagnosis, style: Style) -> str:
    problems, unknown = diagnosis.problems, diagnosis.unknown
    if problems:
        first = problems[0]
        more = f" ({len(problems)} problems in all)" if len(problems) > 1 else ""
        said = f"The chain is broken at {first.link} {first.subject}: {first.said}{more}. Do this first: {first.remedy}"
    elif unknown:
        first = unknown[0]
        things = "1 thing" if len(unknown) == 1 else f"{len(unknown)} things"
        todo = f" Do this first: {first.remedy}" if first.remedy else ""
        said = f"Nothing is known to be broken, but {things} could not be told: {first.link} {first.subject}.{todo}"
    else:
        said = "The chain holds, as far as it was looked at."
    return style.paint(_wrap(said, style, "", ""), _MARKS[diagnosis.verdict])


def _row(line: Line, style: Style) -> Iterator[str]:
    mark = style.paint(f"  {line.status:8}", _MARKS[line.status])
    yield mark + _wrap(line.said, style, f"{clean_line(line.subject):{_SUBJECT}} ", " " * (11 + _SUBJECT)).lstrip("\n")
    if line.remedy:
        yield _wrap(line.remedy, style, " " * 10 + "-> ", " " * 13)
    if line.manifest:
        yield textwrap.indent(clean_block(line.manifest), " " * 13)


def _wrap(said: str, style: Style, first: str, following: str) -> str:
    width = max(style.width, 80)
    return textwrap.fill(
        clean_line(said),
        width,
        initial_indent=first,
        subsequent_indent=following,
        break_on_hyphens=False,
        break_long_words=False,
    )
