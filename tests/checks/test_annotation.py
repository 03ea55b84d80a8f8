"""The annotation: what can be written, and how a mistake in it is told."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.checks.annotation import MalformedError, parse_expiry, parse_rule, split_lines
from exporter.cluster.resource import Ref

KNOWN = ("import-outdated", "polling-frozen")
CRON = Ref("DataImportCron", "images", "fedora")


def test_a_line_in_full() -> None:
    rule = parse_rule(
        "import-outdated, polling-frozen; reason=mirror moves; owner=team a; until=2026-12-31", CRON, KNOWN
    )
    assert rule.checks == ("import-outdated", "polling-frozen")
    assert (rule.reason, rule.owner) == ("mirror moves", "team a")
    assert rule.until == datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert rule.covers("polling-frozen", CRON)
    assert not rule.covers("polling-frozen", CRON._replace(name="fedora2"))


def test_each_line_is_a_suppression() -> None:
    assert split_lines("\n a; b=c \n\n  d\n") == (["a; b=c", "d"], "")


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-12-31", datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("2026-12-31T12:00:00Z", datetime(2026, 12, 31, 12, tzinfo=UTC)),
        ("2026-12-31T12:00:00+02:00", datetime(2026, 12, 31, 10, tzinfo=UTC)),
    ],
)
def test_until(text: str, instant: datetime) -> None:
    assert parse_expiry(text) == instant


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("", "lacks reason and owner"),
        ("polling-frozen", "lacks reason and owner; add `; reason=...`"),
        ("polling-frozen; reason=x", "lacks owner; add `; owner=...`"),
        ("polling-frozen; reason=; owner=me", "lacks reason"),
        ("; reason=x; owner=y", "names no check"),
        ("polling-frzen; reason=x; owner=y", "names 'polling-frzen', which is no check that can be suppressed"),
        ("*, polling-frozen; reason=x; owner=y", "names checks beside *"),
        ("polling-frozen; reason=x; owner=y; untl=2026-12-31", "has 'untl=2026-12-31' where one of reason=..."),
        ("polling-frozen; reason=x; reason=y; owner=z", "has reason twice"),
        ("polling-frozen; because; owner=y", "has 'because' where one of"),
        ("polling-frozen; reason=x; owner=y; until=tomorrow", "has until 'tomorrow', which is neither a date"),
        ("polling-frozen; reason=x; owner=y; until=2026-02-30", "has until '2026-02-30'"),
        ("polling-frozen; reason=x; owner=y; until=2026-12-31T12:00:00", "has until '2026-12-31T12:00:00'"),
        ("polling-frozen; reason=x; owner=y; until=0001-01-01T00:00:00+14:00", "has until"),
        ("polling-frozen; reason=x; owner=y; until=", "has until ''"),
    ],
)
def test_mistakes_are_told(line: str, problem: str) -> None:
    with pytest.raises(MalformedError) as caught:
        parse_rule(line, CRON, KNOWN)
    assert str(caught.value).startswith(problem)


@given(st.text(alphabet=st.sampled_from("abpolling-frozen,;=*\n 0129-T:Z\u2028") | st.characters(), max_size=60))
def test_no_text_is_worse_than_malformed(text: str) -> None:
    for line in split_lines(text).read:
        with suppress(MalformedError):
            rule = parse_rule(line, CRON, KNOWN)
            assert rule.reason
            assert rule.owner
