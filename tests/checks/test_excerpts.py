"""What is left out of lists and messages shows."""

from __future__ import annotations

import pytest

from exporter.base.excerpts import both_ends, count_of, list_some


@pytest.mark.parametrize(
    ("names", "text"),
    [
        ("", ""),
        ("a", "a"),
        ("abcdef", "a, b, c, d, e, f"),
        ("abcdefg", "a, b, c, d, e and 2 more"),
        ("abcdefghijkl", "a, b, c, d, e and 7 more"),
    ],
)
def test_a_list_says_how_many_are_left(names: str, text: str) -> None:
    assert list_some(names) == text


def test_a_long_message_keeps_its_end_where_the_cause_stands() -> None:
    text = f"Unable to process data: {'wrapped: ' * 200}toomanyrequests"
    short = both_ends(text, 100)
    assert len(short) <= 100
    assert short.startswith("Unable to process data")
    assert short.endswith("wrapped: toomanyrequests")
    assert " [...] " in short
    assert both_ends("as it is", 100) == "as it is"


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [(1, 1, "the only boot source"), (3, 3, "all 3 boot sources"), (2, 3, "2 of 3 boot sources")],
)
def test_counts_agree_with_their_noun(part: int, whole: int, text: str) -> None:
    assert count_of(part, whole, "boot source") == text
