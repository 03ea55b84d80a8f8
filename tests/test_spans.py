"""Spans of time: what is written is what is read."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.base.durations import LONGEST, UNITS, format_limit, format_short, parse_duration


@given(st.integers(0, 366), st.sampled_from(sorted(UNITS)))
def test_what_is_written_is_read_back(count: int, unit: str) -> None:
    value = count * UNITS[unit][1]
    assert parse_duration(format_short(value)) == parse_duration(f"{count}{unit}") == value


@pytest.mark.parametrize(
    ("text", "value"),
    [("0s", timedelta()), ("90s", timedelta(seconds=90)), ("2h", timedelta(hours=2)), ("366d", LONGEST)],
)
def test_spans(text: str, value: timedelta) -> None:
    assert parse_duration(text) == value


@pytest.mark.parametrize("text", ["", "5", "1h30m", "-1h", "1.5h", "367d", "9999999s", "1 h", "\u0661h", "h", "1w"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a span of time up to 366d; write for instance"):
        parse_duration(text)


def test_limits_as_the_configuration_has_them() -> None:
    assert (format_limit(timedelta(hours=24)), format_limit(timedelta(minutes=90)), format_limit(2)) == (
        "1d",
        "90m",
        "2",
    )
