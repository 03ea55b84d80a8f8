"""Output to a terminal: text without control characters, colour where it is wanted, one line of progress."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Mapping
from typing import Final, TextIO

_ESCAPES: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
"""Whole ANSI sequences: removing only the escape character would leave `[31m` in the text."""
_BREAKS: Final = re.compile(r"[\r\n\t\v\f\x85\u2028\u2029]+")
_ABOVE_ASCII: Final = "\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff"
_CONTROLS: Final = re.compile(f"[\x00-\x1f{_ABOVE_ASCII}]")
"""C0, C1, bidirectional overrides, lone surrogates: nothing that moves a cursor or lies about the order of text."""
_CONTROLS_IN_DOCUMENTS: Final = re.compile(f"[\x00-\x09\x0b-\x1f{_ABOVE_ASCII}]")
_UNESCAPED: Final = re.compile(f"[{_ABOVE_ASCII}\u2028\u2029]")
"""Those of them that JSON lets stand as they are, and separators of lines."""

_CODES: Final = {"critical": "1;31", "warning": "1;33", "info": "1;36", "good": "1;32", "dim": "2", "bold": "1"}
_PLAIN_WIDTH: Final = 100
"""Columns where there is no terminal to ask."""


def clean_line(text: str) -> str:
    """Remove control characters and line breaks from text of a cluster or a file, so that it is safe to print."""
    return _CONTROLS.sub("", _BREAKS.sub(" ", _ESCAPES.sub("", text)))


def clean_block(text: str) -> str:
    """Remove control characters from text of several lines, and keep its line breaks."""
    return "\n".join(clean_line(line) for line in text.splitlines())


def drop_controls(text: str) -> str:
    """Remove control characters from a whole document and keep its line breaks.

    Sequences are not removed whole, as by `clean_line`: one that is not terminated would take markup with it.
    """
    return _CONTROLS_IN_DOCUMENTS.sub("", text)


def escape_json(text: str) -> str:
    """Escape control and bidirectional characters in a JSON document by their code points.

    JSON itself requires that below U+0020 only. Such characters occur only inside strings, where the escape is valid.
    """
    return _UNESCAPED.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


class Style:
    """Colour, width and glyphs that suit one output stream."""

    def __init__(self, *, colour: bool = False, width: int = _PLAIN_WIDTH, glyphs: bool = True) -> None:
        self.colour = colour
        self.width = width
        self.branch, self.gap = ("└─ ", "   ") if glyphs else ("`- ", "   ")

    @classmethod
    def for_stream(cls, stream: TextIO, environ: Mapping[str, str]) -> Style:
        """The style for a stream: no colour in pipes, on dumb terminals and with NO_COLOR (https://no-color.org)."""
        terminal = stream.isatty()
        colour = terminal and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"
        columns = shutil.get_terminal_size((_PLAIN_WIDTH, 24)).columns if terminal else _PLAIN_WIDTH
        return cls(colour=colour, width=max(40, min(columns, 160)), glyphs=_encodes(stream, "└─"))

    def paint(self, text: str, name: str) -> str:
        """Wrap the text in the escape sequence of a named colour; unchanged if the style has no colour."""
        return f"\x1b[{_CODES[name]}m{text}\x1b[0m" if self.colour else text


def _encodes(stream: TextIO, text: str) -> bool:
    try:
        text.encode(getattr(stream, "encoding", None) or "utf-8")
    except (UnicodeError, LookupError):
        return False
    return True


class Progress:
    """One line that is overwritten, on terminals only; rewritten at most ten times a second."""

    def __init__(self, stream: TextIO, monotonic: Callable[[], float]) -> None:
        self._stream = stream
        self._monotonic = monotonic
        self._shows = stream.isatty()
        self._last: float | None = None

    def __call__(self, text: str) -> None:
        """Replace the line with this text."""
        if not self._shows or (self._last is not None and self._monotonic() - self._last < 0.1):
            return
        self._last = self._monotonic()
        columns = shutil.get_terminal_size().columns
        self._stream.write("\r\x1b[K" + clean_line(text)[: columns - 1])
        self._stream.flush()

    def clear(self) -> None:
        """Remove the line, before other output is written."""
        if self._last is not None:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
            self._last = None
