"""Routes' regular expressions: what Python and Go read alike is matched alike, and nothing takes longer than linear."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.doctor.expressions import LONGEST, fullmatch

ATOMS = ("a", "b", ".", "[ab]", "[^a]", r"\d", r"\.", "(a|b)", "(?:ab|b)", "c", "[a-c]", "(a*b|)", r"\W")
REPEATED = ("", "*", "+", "?", "{2}", "{1,3}", "{0,}", "*?")
GENEROUS = 20
"""Seconds of CPU; an engine that tries one way after the other needs years."""

pieces = st.tuples(st.sampled_from(ATOMS), st.sampled_from(REPEATED)).map("".join) | st.sampled_from("^$")
branches = st.lists(pieces, max_size=4).map("".join)
expressions = st.lists(branches, min_size=1, max_size=3).map("|".join)


@given(expressions, st.text("abcAB.1\n", max_size=6))
def test_it_matches_as_python_does(expression: str, text: str) -> None:
    assert fullmatch(expression, text) is (
        re.compile(expression.replace("$", r"\Z"), re.ASCII).fullmatch(text) is not None
    )


@given(expressions, st.text("abcABC", max_size=6))
def test_case_is_ignored_if_it_is_to_be(expression: str, text: str) -> None:
    wanted = re.compile(f"(?i:{expression})".replace("$", r"\Z")).fullmatch(text) is not None
    assert fullmatch(f"(?i){expression}", text) is wanted


@given(st.text("ab()[]{}|*+?^$\\.,-1:=!<Pi", max_size=30), st.text("ab1", max_size=5))
def test_anything_is_answered(expression: str, text: str) -> None:
    assert fullmatch(expression, text) in (True, False, None)


@pytest.mark.parametrize(
    "expression",
    ["(a*)*b", "(a|a)*b", "(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)=x", "((a{1,3}){1,10}){1,10}x", "(a?){500}b"],
)
def test_what_keeps_backtracking_engines_busy_is_matched_in_time(expression: str) -> None:
    started = time.process_time()
    assert fullmatch(expression, "a" * 2000) is False
    assert time.process_time() - started < GENEROUS


@pytest.mark.parametrize(
    "expression",
    [
        *("[[:alpha:]]", r"\pL", r"\Qa\E", r"(?P<n>a)", "(?=a)", "a**", "*a", "(a", "a)", "[a", "a{2", "a{,3}", "a\\"),
        *("a{1001}", "(a{1000}){1000}", "(" * 60 + ")" * 60, "[b-a]", "(?i)\u00e4", "a" * (LONGEST + 1)),
    ],
)
def test_what_is_not_understood_may_match(expression: str) -> None:
    assert fullmatch(expression, "a") is None
