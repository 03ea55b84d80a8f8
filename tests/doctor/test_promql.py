"""When two expressions count as the same."""

from __future__ import annotations

import pytest

from exporter.doctor.promql import is_same_expression


@pytest.mark.parametrize(
    ("ours", "printed"),
    [
        ("max  by(a)(b)", "max by (a) (b)"),
        ("a > 0.10", "a > 0.1"),
        ("avg_over_time(a[14d])", "avg_over_time(a[2w])"),
        ("increase(a[90m])", "increase(a[1h30m])"),
        ("a * on () group_left () b", "a * on () group_left b"),
        ("a{b='c'}", 'a{b="c"}'),
        ('a{b="c",d=~"e"}', 'a{d=~"e", b="c"}'),
        ("a{} == bool 1", "a == bool 1"),
        ("a\n  or b", "a or b"),
    ],
)
def test_what_is_only_printed_differently(ours: str, printed: str) -> None:
    assert is_same_expression(ours, printed, "")


@pytest.mark.parametrize(
    ("ours", "loaded"),
    [
        ("a - (b - c)", "a - b - c"),
        ("a > 0.1", "a > 0.01"),
        ("a[1h]", "a[1m]"),
        ('a{b="c"}', 'a{b!="c"}'),
        ('a{b="c"}', 'a{b="c", namespace="lab"}'),
        ("max by (a) (b)", "max by (a, c) (b)"),
        ("a", "b"),
        ("a", ""),
    ],
)
def test_what_says_something_else(ours: str, loaded: str) -> None:
    assert not is_same_expression(ours, loaded, "ops")


def test_the_namespace_of_the_rule_may_be_asked_for_in_every_selector() -> None:
    assert is_same_expression('absent(a) or b{c="d"}', 'absent(a{namespace="ops"}) or b{c="d",namespace="ops"}', "ops")
