"""docs/images/*.svg: terminal recordings, made from real runs on the sample cluster, with what they print in text.

The runs are deterministic: the sample is that of a fixed instant. So `make generate --check` says when one is stale.
"""

from __future__ import annotations

import io
import json
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final
from unittest import mock
from xml.sax.saxutils import escape

from exporter.cli import main
from exporter.demo.sample import sample_objects
from tools.generate.output import Output

AT: Final = datetime(2026, 8, 21, 12, 0, tzinfo=UTC)
_COLUMNS: Final = 112
_LINE: Final = 18
_CHARACTER: Final = 8.43
"""Pixels of a column: `textLength` makes lines this wide whatever font there is."""
_ESCAPE: Final = re.compile("\x1b\\[([0-9;]*)m")
_CLASSES: Final = {"1;31": "r", "1;33": "y", "1;36": "c", "1;32": "g", "2": "d", "1": "b"}
_STYLE: Final = (
    "text{font:14px ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:#d6deeb;white-space:pre}"
    ".r{fill:#ff7b72;font-weight:700}.y{fill:#f2cc60;font-weight:700}.c{fill:#79c0ff;font-weight:700}"
    ".g{fill:#7ee787;font-weight:700}.d{fill:#8b949e}.b{fill:#fff;font-weight:700}.p{fill:#7ee787}"
)


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class Recording:
    """One run of the program."""

    name: str
    words: tuple[str, ...]
    lines: int = 60
    """How many lines are shown; what is left out is said."""

    @property
    def path(self) -> str:
        return f"docs/images/{self.name}.svg"

    @property
    def command(self) -> str:
        return " ".join(("bootsource-exporter", *self.words))


RECORDINGS: Final = (
    Recording("list", ("list",)),
    Recording("audit", ("audit",), 44),
    Recording("summary", ("audit", "--summary")),
)


def run(recording: Recording) -> str:
    """What the program prints on a terminal for the sample cluster, in colour."""
    sample = {"apiVersion": "v1", "kind": "List", "items": list(sample_objects(AT))}
    stdout = _Terminal()
    with tempfile.TemporaryDirectory() as folder:
        dump = Path(folder) / "sample.json"
        dump.write_text(json.dumps(sample))
        words = (*recording.words, "--from", str(dump), "--complete", "--at", f"{AT:%Y-%m-%dT%H:%M:%SZ}")
        environment = {"COLUMNS": str(_COLUMNS), "LINES": "50", "TERM": "xterm-256color"}
        with mock.patch.dict("os.environ", environment, clear=True), redirect_stdout(stdout):
            main(words)
    # A cluster that is watched has no file and no instant to tell.
    return stdout.getvalue().replace(" (given)", "")


def plain(text: str) -> str:
    """Without colours."""
    return _ESCAPE.sub("", text)


def draw(recording: Recording) -> str:
    """The recording as an SVG document."""
    printed = run(recording).rstrip("\n").split("\n")
    shown = printed[: recording.lines]
    if len(printed) > len(shown):
        shown.append(f"\x1b[2m... {len(printed) - len(shown)} more lines\x1b[0m")
    rows = [f'<tspan class="p">$</tspan> <tspan class="b">{escape(recording.command)}</tspan>', *map(_row, shown)]
    height = len(rows) * _LINE + 40
    width = round(_COLUMNS * _CHARACTER) + 32
    body = "".join(f'<text x="16" y="{34 + n * _LINE}" xml:space="preserve">{row}</text>' for n, row in enumerate(rows))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" role="img">'
        f"<title>{escape(recording.command)}</title><desc>{escape(plain(chr(10).join(shown)))}</desc>"
        f'<style>{_STYLE}</style><rect width="{width}" height="{height}" rx="8" fill="#0d1117"/>{body}</svg>\n'
    )


def _row(line: str) -> str:
    return "".join(
        f'<tspan class="{kind}">{escape(text)}</tspan>' if kind else escape(text) for kind, text in _parts(line)
    )


def _parts(line: str) -> Iterator[tuple[str, str]]:
    """Runs of text with the class of their colour."""
    kind, place = "", 0
    for match in _ESCAPE.finditer(line):
        if match.start() > place:
            yield kind, line[place : match.start()]
        kind, place = _CLASSES.get(match[1], ""), match.end()
    if place < len(line):
        yield kind, line[place:]


SVGS: Final = tuple(Output(each.path, "tools/generate/recordings.py", partial(draw, each)) for each in RECORDINGS)


if __name__ == "__main__":
    for each in RECORDINGS:
        sys.stdout.write(plain(run(each)))
