"""Markdown shows the text of declarations as it is written."""

from __future__ import annotations

from datetime import timedelta

import pytest

from exporter.base.durations import format_duration
from tools.generate.markdown import as_sentence, format_code, format_paragraphs, format_prose, markdown_table


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("plain, as usual.", "plain, as usual."),
        ("delete <name> and *all*_these_", r"delete \<name\> and \*all\*\_these\_"),
        ("run `oc get *_x <y>` or [this]", r"run `oc get *_x <y>` or \[this\]"),
        ("a ``code with ` in it`` | b", r"a ``code with ` in it`` \| b"),
        ("`never closed *", r"`never closed \*"),
    ],
)
def test_prose(text: str, markdown: str) -> None:
    assert format_prose(text) == markdown


def test_what_is_fenced_stays() -> None:
    assert (
        format_paragraphs("do *this*:\n```\nx | y *z*\n```\n<then>")
        == "do \\*this\\*:\n```\nx | y *z*\n```\n\\<then\\>"
    )


@pytest.mark.parametrize(("text", "markdown"), [("x", "`x`"), ("a `b` c", "`` a `b` c ``")])
def test_code(text: str, markdown: str) -> None:
    assert format_code(text) == markdown


def test_a_cell_is_one_line_and_keeps_its_pipes() -> None:
    cells = (format_code("a | b"), format_prose("c | d\ne"))
    assert markdown_table(("x", "y"), [cells]) == "| x | y |\n| --- | --- |\n| `a \\| b` | c \\| d e |"


@pytest.mark.parametrize(
    ("duration", "words"),
    [
        (timedelta(days=2), "2 days"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(minutes=90), "90 minutes"),
        (timedelta(seconds=61), "61 seconds"),
    ],
)
def test_durations(duration: timedelta, words: str) -> None:
    assert format_duration(duration) == words


@pytest.mark.parametrize("text", ["it is", "it is.", "It is"])
def test_sentences(text: str) -> None:
    assert as_sentence(text) == "It is."
