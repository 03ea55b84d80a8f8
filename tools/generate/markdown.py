"""Markdown from plain text: escaping, tables and lists."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

_CODE: Final = re.compile(r"(`+)(.+?)\1(?!`)", re.DOTALL)
_SPECIAL: Final = re.compile(r"([\\*_\[\]<>#|~&{}])")
_FENCE: Final = "```"


def format_prose(text: str) -> str:
    """Text of a declaration, in which only `code` is markup: everything else appears as it is written."""
    out, end = [], 0
    for code in _CODE.finditer(text):
        out += [_escape(text[end : code.start()]), code[0]]
        end = code.end()
    return "".join((*out, _escape(text[end:])))


def format_paragraphs(text: str) -> str:
    """The same for several lines; what is fenced stays untouched."""
    parts = text.strip("\n").split(_FENCE)
    return _FENCE.join(part if number % 2 else format_prose(part) for number, part in enumerate(parts))


def format_code(text: str) -> str:
    """Text as code, whatever is in it."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    ticks = "`" * (longest + 1)
    return f"{ticks} {text} {ticks}" if longest else f"{ticks}{text}{ticks}"


def code_block(text: str, language: str) -> str:
    """A block of code."""
    return f"{_FENCE}{language}\n{text}\n{_FENCE}"


def format_link(label: str, target: str) -> str:
    """A link; the label is Markdown already."""
    return f"[{label}]({target})"


def join_items(items: Iterable[str], none: str = "none") -> str:
    """Items after each other; Markdown already."""
    return ", ".join(items) or none


def as_sentence(text: str) -> str:
    """Text that begins with a capital and ends with a full stop."""
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) else f"{text}."


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; cells are Markdown already."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def fact_list(pairs: Iterable[tuple[str, str]]) -> str:
    """What something is, one property per line."""
    return "\n".join(f"- {name}: {value}" for name, value in pairs)


def join_blocks(*blocks: str) -> str:
    """Blocks with an empty line between them."""
    return "\n\n".join(block for block in blocks if block) + "\n"


def _escape(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)


def _cell(text: str) -> str:
    """A table takes even a pipe in code for the end of the cell."""
    return re.sub(r"(?<!\\)\|", r"\\|", " ".join(text.split()))
