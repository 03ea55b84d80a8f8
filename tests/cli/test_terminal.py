"""Colour and progress only where they are wanted; no control characters anywhere."""

from __future__ import annotations

import io

import pytest

from exporter.base.terminal import Progress, Style, clean_block, clean_line


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


class Narrow(io.StringIO):
    """A stream that knows few letters."""

    encoding = "latin-1"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("plain ünïcode → 日本", "plain ünïcode → 日本"),
        ("a\nb\r\nc\td\u2028e", "a b c d e"),
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]8;;http://evil\x07link\x1b]8;;\x1b\\", "link"),
        ("\x1b]0;never ends", ""),
        ("bell\x07 csi\x9b2J nul\x00", "bell csi2J nul"),
        ("\u202egnp.exe\u2066", "gnp.exe"),
        ("lone\ud800", "lone"),
    ],
)
def test_clean(text: str, kept: str) -> None:
    assert clean_line(text) == kept


def test_clean_block_keeps_lines() -> None:
    assert clean_block("a\x1b[2J\nb\tc") == "a\nb c"


@pytest.mark.parametrize(
    ("stream", "environ", "colour"),
    [
        (Terminal(), {}, True),
        (Terminal(), {"NO_COLOR": "1"}, False),
        (Terminal(), {"NO_COLOR": ""}, True),
        (Terminal(), {"TERM": "dumb"}, False),
        (io.StringIO(), {}, False),
    ],
    ids=["terminal", "no-color", "empty-no-color", "dumb", "pipe"],
)
def test_colour(stream: io.StringIO, environ: dict[str, str], colour: bool) -> None:
    assert Style.for_stream(stream, environ).colour is colour


def test_line_drawing_where_it_can_be_encoded() -> None:
    assert Style.for_stream(Terminal(), {}).branch == "└─ "
    assert Style.for_stream(Narrow(), {}).branch == "`- "


def test_progress_on_a_terminal_is_one_line_and_not_too_often() -> None:
    stream, now = Terminal(), 0.0
    progress = Progress(stream, lambda: now)
    for instant in (0.0, 0.05, 0.2):
        now = instant
        progress(f"at {instant}\x1b[2J")
    progress.clear()
    progress.clear()
    assert stream.getvalue() == "\r\x1b[Kat 0.0\r\x1b[Kat 0.2\r\x1b[K"


def test_progress_in_a_pipe_is_silent() -> None:
    stream = io.StringIO()
    progress = Progress(stream, lambda: 0.0)
    progress("x")
    progress.clear()
    assert stream.getvalue() == ""
