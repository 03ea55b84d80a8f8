"""Names with parameters that have no value yet: matched as by trying all values, in linear time."""

from __future__ import annotations

import time
from functools import cache

from hypothesis import given
from hypothesis import strategies as st

from exporter.checks.references._wildcards import matches_any, patterns_of
from exporter.kube.contract import Key
from exporter.model.clones import Reference

GENEROUS = 20
"""Seconds of CPU for what takes milliseconds."""


def by_trying(segments: tuple[str, ...], text: str) -> bool:
    """Whether the text is the segments with anything between them, by its definition."""

    @cache
    def rest(number: int, at: int) -> bool:
        if number == len(segments):
            return at == len(text)
        starts = range(at, len(text) + 1) if number else (0,)
        return any(
            text.startswith(segments[number], start) and rest(number + 1, start + len(segments[number]))
            for start in starts
        )

    return rest(0, 0)


@given(st.lists(st.text("ab", max_size=3), min_size=1, max_size=6), st.text("ab", max_size=10))
def test_it_fits_if_some_values_make_it_the_name(segments: list[str], text: str) -> None:
    assert matches_any(tuple(segments), text) is by_trying(tuple(segments), text)


def test_parameters_side_by_side_cost_nothing() -> None:
    name = "${A}a" * 150 + "".join(f"${{P{n}}}" for n in range(8)) + "x"
    (pattern,) = patterns_of([Reference(volume="", kind="DataSource", namespace="${N}", name=name)])
    started = time.process_time()
    assert not any(pattern.matches(Key("images", "a" * 250 + str(n))) for n in range(1000))
    assert time.process_time() - started < GENEROUS


def test_a_name_that_is_open_as_a_whole_fits_all() -> None:
    (pattern,) = patterns_of([Reference(volume="", kind="DataSource", namespace="", name="")])
    assert pattern.matches(Key("any", "thing"))
