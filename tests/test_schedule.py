"""Schedules are read as CDI reads them: a table computed with robfig/cron itself, and properties of every schedule."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from time import perf_counter

import pytest
from croniter import CroniterBadDateError, croniter
from hypothesis import given
from hypothesis import strategies as st

from exporter.schedule.grammar import DisabledSchedule, InvalidSchedule, ScheduleProblem, parse_schedule
from exporter.schedule.schedule import Schedule
from exporter.schedule.timetable import Timetable
from tests.schedule_table import EVERY, REFUSED, RUNS, Every, Refused, Runs

NOW = datetime(2024, 5, 8, 12, tzinfo=UTC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def instant(text: str | None) -> datetime | None:
    return at(text) if text else None


def gap(text: str | None) -> timedelta | None:
    units = {"d": "days", "h": "hours", "m": "minutes"}
    return timedelta(**{units[part[-1]]: int(part[:-1]) for part in text.split()}) if text else None


def valid(text: str) -> Schedule:
    read = parse_schedule(text)
    assert isinstance(read, Schedule), read
    return read


def invalid(text: str) -> InvalidSchedule:
    read = parse_schedule(text)
    assert isinstance(read, InvalidSchedule), read
    return read


@pytest.mark.parametrize("row", RUNS, ids=lambda row: row.id)
def test_runs(row: Runs) -> None:
    schedule, base = valid(row.text), at(row.base)
    assert schedule.text == row.text
    assert (schedule.next_after(base), schedule.previous_before(base), schedule.longest_gap(base)) == (
        instant(row.next),
        instant(row.previous),
        gap(row.gap),
    )


@pytest.mark.parametrize("row", RUNS, ids=lambda row: row.id)
def test_canonical_form_is_the_same_schedule(row: Runs) -> None:
    schedule = valid(row.text)
    canonical = valid(schedule.canonical)
    fields = ("minutes", "hours", "days", "months", "weekdays")
    assert [getattr(canonical, f) for f in fields] == [getattr(schedule, f) for f in fields]
    assert canonical.canonical == schedule.canonical


@pytest.mark.parametrize("row", EVERY, ids=lambda row: row.id)
def test_every(row: Every) -> None:
    schedule, interval = valid(row.text), timedelta(seconds=row.seconds)
    base = NOW + timedelta(microseconds=999_999)
    assert (
        schedule.interval,
        schedule.next_after(base),
        schedule.previous_before(base),
        schedule.longest_gap(base),
    ) == (
        interval,
        NOW + interval,
        None,
        interval,
    )
    assert valid(schedule.canonical).interval == interval


@pytest.mark.parametrize("row", REFUSED, ids=lambda row: row.id)
def test_refused(row: Refused) -> None:
    read = invalid(row.text)
    assert (read.text, read.problem, read.maybe_legacy) == (row.text, row.problem, row.legacy)
    assert read.reason.isascii()
    assert read.reason.isprintable()
    assert len(read.reason) < 200
    assert ":" in read.reason or "must" in read.reason, "says what to do"


def test_every_problem_has_a_row() -> None:
    assert {row.problem for row in REFUSED} == set(ScheduleProblem)


def test_ids_are_unique() -> None:
    for rows in (RUNS, EVERY, REFUSED):
        assert len({row.id for row in rows}) == len(rows)


def test_the_empty_schedule_is_disabled() -> None:
    assert parse_schedule("") == DisabledSchedule()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("0 0 * * 7", "the day of week '7' is outside 0 to 6: Sunday is 0 or sun"),
        ("0 24 * * *", "the hour '24' is outside 0 to 23: write values from 0 to 23"),
        ("60 * * * *", "the minute '60' is outside 0 to 59: write values from 0 to 59"),
        ("0 0 0 * *", "the day of month '0' is outside 1 to 31: write values from 1 to 31"),
        ("0 0 1 nov-feb *", "the month 'nov-feb' runs backwards: write two ranges, each from low to high"),
        ("*/0 * * * *", "the minute '*/0' has a step that is not positive: write a number from 1 on after /"),
        (
            "0 0 L * *",
            "the day of month 'L' cannot be read: write plain numbers, and no L, W, # or H",
        ),
        (
            "0 0 * * monday",
            "the day of week 'monday' cannot be read: write plain numbers or a name such as sun, and no L, W, # or H",
        ),
        ("0 0 4 * * *", "it has 6 fields: write exactly 5 (minute, hour, day of month, month, day of week)"),
        ("@every 1d", "@every '1d' is not a Go duration: write it like @every 1h30m"),
    ],
)
def test_the_reason_names_the_field_and_what_to_write(text: str, reason: str) -> None:
    assert invalid(text).reason == reason


def test_a_reason_quotes_an_excerpt() -> None:
    assert invalid("9" * 10_000 + " * * * *").reason.startswith("the minute '" + "9" * 40 + "...' cannot be read")


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("0 4 * * *", False),
        ("@daily", False),
        ("@every 1h", False),
        ("0 0 31 2 *", False),
        ("TZ=UTC 0 4 * * *", True),
        ("TZ= 0 4 * * *", True),
        ("CRON_TZ=Europe/Berlin @daily", True),
        ("TZ=UTC @every 1h", True),
        ("0 4 *-TZ * *", True),
        ("0 4 *-tz * *", False),
    ],
)
def test_kubernetes_refuses_a_cronjob_with_tz_anywhere_in_its_schedule(text: str, refused: bool) -> None:
    assert (valid(text).cronjob_problem is not None) is refused


@pytest.mark.parametrize(
    ("text", "zone", "utcoffset"),
    [
        ("0 4 * * *", "", timedelta(0)),
        ("TZ= 0 4 * * *", "UTC", timedelta(0)),
        ("TZ=UTC 0 4 * * *", "UTC", timedelta(0)),
        ("TZ=Local 0 4 * * *", "Local", timedelta(0)),
        ("CRON_TZ=Europe/Berlin 0 4 * * *", "Europe/Berlin", timedelta(hours=2)),
    ],
)
def test_time_zone(text: str, zone: str, utcoffset: timedelta) -> None:
    schedule = valid(text)
    assert (schedule.zone, NOW.astimezone(schedule.time_zone).utcoffset()) == (zone, utcoffset)


def test_a_previous_run_is_looked_for_back_to_the_fifth_year() -> None:
    leap = valid("0 0 29 2 *")
    assert leap.previous_before(datetime(2101, 1, 1, tzinfo=UTC)) == datetime(2096, 2, 29, tzinfo=UTC)
    assert leap.previous_before(datetime(2102, 1, 1, tzinfo=UTC)) is None


@pytest.mark.parametrize("text", ["* * * * *", "0 0 29 2 *", "TZ=Asia/Tokyo @daily", "@every 2562047h"])
@pytest.mark.parametrize(
    "base", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)], ids=["first", "last"]
)
def test_the_ends_of_the_calendar_do_not_raise(text: str, base: datetime) -> None:
    schedule = valid(text)
    schedule.next_after(base)
    assert schedule.previous_before(base) is None
    assert schedule.longest_gap(base)


def test_instants_of_another_zone_are_understood() -> None:
    schedule = valid("0 4 * * *")
    tokyo = NOW.astimezone(valid("TZ=Asia/Tokyo @daily").time_zone)
    run = schedule.next_after(tokyo)
    assert run == schedule.next_after(NOW)
    assert run is not None
    assert run.tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "9" * 100_000,
        "0" * 100_000 + " * * * *",
        "1," * 50_000 + " * * * *",
        "*/" * 50_000,
        "1-" * 50_000,
        "* " * 50_000,
        "@every " + "1" * 100_000,
        "@every " + "1." * 50_000,
        "@every " + "1h" * 50_000,
        "@every " + "0." + "0" * 100_000 + "1h",
        "TZ=" + "a/" * 50_000 + " * * * * *",
        "TZ=" * 50_000,
        "@daily" * 20_000,
        "\x00" * 100_000,
        "\ud800 * * * *",
    ],
    ids=lambda text: f"{text[:12]!a} x {len(text)}",
)
def test_hostile_text_is_read_in_time_that_grows_with_its_length(text: str) -> None:
    start = perf_counter()
    parse_schedule(text)
    assert perf_counter() - start < 2


# Schedules built from the grammar, and what they stand for by definition.


def items(low: int, high: int, names: tuple[str, ...] = ()) -> st.SearchStrategy[str]:
    number = st.integers(low, high).map(str)
    span = st.tuples(st.integers(low, high), st.integers(low, high)).map(lambda p: f"{min(p)}-{max(p)}")
    start = st.one_of(number, span, st.sampled_from(("*", "?", *names)))
    return st.one_of(start, st.builds(lambda a, b: f"{a}/{b}", start, st.integers(1, high + 2)))


def fields(low: int, high: int, names: tuple[str, ...] = ()) -> st.SearchStrategy[str]:
    return st.one_of(st.just("*"), st.lists(items(low, high, names), min_size=1, max_size=3).map(",".join))


BOUNDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 6))
PLAIN = st.tuples(*(fields(*bounds) for bounds in BOUNDS)).map(" ".join)
ZONES = st.sampled_from(["", "TZ=UTC ", "CRON_TZ=Europe/Berlin ", "TZ=America/New_York ", "TZ=Asia/Kolkata "])
SCHEDULES = st.builds(lambda zone, plain: zone + plain, ZONES, PLAIN)
INSTANTS = st.timedeltas(timedelta(0), timedelta(days=135 * 365)).map(lambda d: datetime(1975, 1, 1, tzinfo=UTC) + d)
COMMON = st.tuples(
    *(
        st.one_of(
            st.just("*"),
            st.lists(st.integers(*bounds).map(str), min_size=1, max_size=3).map(",".join),
            st.integers(bounds[0] + 1, bounds[1] - 1).map(f"{bounds[0]}-{{}}".format),
        )
        for bounds in BOUNDS
    )
).map(" ".join)
"""What croniter reads as CDI does: it takes `0-0` and lists of everything for stars, for example."""
HOSTILE = st.one_of(
    st.text(),
    st.text("0123456789*?,-/+@LW#hms. \tTZ=UC"),
    st.tuples(*[st.text("019*?,-/+aAjJnNfF\u0130", max_size=6)] * 5).map(" ".join),
    st.text().map("TZ={} * * * * *".format),
    st.text("0123456789.hmsuµn+-").map("@every {}".format),
)


def fits(schedule: Schedule, instant: datetime) -> bool:
    """Whether the schedule's fields, as written, hold this minute: the definition, without any search."""
    minute, hour, day, month, weekday = schedule.text.rpartition("=")[2].split()[-5:]
    wall = instant.astimezone(schedule.time_zone)
    days = holds(day, wall.day, *BOUNDS[2]), holds(weekday, wall.isoweekday() % 7, *BOUNDS[4])
    star = any(re.fullmatch(r"[*?](/1)?", i) for i in f"{day},{weekday}".split(","))
    return (
        holds(minute, wall.minute, *BOUNDS[0])
        and holds(hour, wall.hour, *BOUNDS[1])
        and holds(month, wall.month, *BOUNDS[3])
        and (all(days) if star else any(days))
    )


def holds(field: str, value: int, low: int, high: int) -> bool:
    for item in field.split(","):
        span, _, step = item.partition("/")
        first, _, last = (f"{low}-{high}" if span in "*?" else span).partition("-")
        end = int(last or (high if step else first))
        if int(first) <= value <= end and (value - int(first)) % int(step or 1) == 0:
            return True
    return False


@given(SCHEDULES, INSTANTS)
def test_the_instant_lies_between_two_runs_that_fit(text: str, base: datetime) -> None:
    schedule = valid(text)
    following, previous = schedule.next_after(base), schedule.previous_before(base)
    assert following is None or (following > base and fits(schedule, following))
    assert previous is None or (previous <= base and fits(schedule, previous))
    if previous and following:
        assert schedule.next_after(previous) == following
        assert schedule.previous_before(following - timedelta(microseconds=1)) == previous
        assert schedule.previous_before(following) == following


@given(SCHEDULES, INSTANTS, st.integers(-5_000_000, 5_000_000))
def test_no_run_is_passed_over(text: str, base: datetime, minutes: int) -> None:
    schedule = valid(text)
    middle = base.replace(second=0, microsecond=0) + timedelta(minutes=minutes)
    following, previous = schedule.next_after(base), schedule.previous_before(base)
    if fits(schedule, middle) and abs(minutes) < 4 * 365 * 1440:
        if middle > base:
            assert following is not None
            assert following <= middle
        else:
            assert previous is not None
            assert previous >= middle


@given(PLAIN, INSTANTS)
def test_runs_in_a_row_are_no_further_apart_than_the_longest_gap(text: str, base: datetime) -> None:
    schedule = valid(text)
    longest = schedule.longest_gap(base)
    following, previous = schedule.next_after(base), schedule.previous_before(base)
    if previous and following:
        assert longest is not None
        assert timedelta(minutes=1) <= following - previous <= longest
    if longest is None:
        assert (following, previous) == (None, None)


@given(COMMON, INSTANTS)
def test_croniter_agrees_on_the_common_subset(text: str, base: datetime) -> None:
    following = valid(text).next_after(base)
    try:
        found = croniter(text, base, max_years_between_matches=9).get_next(datetime)
    except CroniterBadDateError:
        assert following is None
    else:
        assert following == found or (following is None and found.year > base.year + 5)


def test_a_reason_stays_short_whatever_the_text() -> None:
    read = parse_schedule("TZ=" + "\U00010000" * 25 + " 0 3 * * *")
    assert isinstance(read, InvalidSchedule)
    assert len(read.reason) < 200


@given(HOSTILE)
def test_any_text_is_read_without_raising(text: str) -> None:
    read = parse_schedule(text)
    if isinstance(read, InvalidSchedule):
        assert read.reason.isascii()
        assert len(read.reason) < 200
    elif isinstance(read, Schedule):
        read.next_after(NOW)
        read.previous_before(NOW)
        read.longest_gap(NOW)
        assert isinstance(parse_schedule(read.canonical), Schedule)


@given(st.lists(SCHEDULES, min_size=2, max_size=2, unique=True))
def test_schedules_are_values(texts: list[str]) -> None:
    assert valid(texts[0]) == valid(texts[0])
    assert hash(valid(texts[0])) == hash(valid(texts[0]))
    assert all(valid(a) != valid(b) for a, b in pairwise(texts))


def test_fire_times_of_ten_thousand_different_schedules_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever may create DataImportCrons decides how many there are: no scrape may compute all of them again."""
    at = datetime(2026, 8, 21, 12, tzinfo=UTC)
    computed: list[datetime] = []

    def previous_before(_schedule: Schedule, now: datetime) -> datetime:
        computed.append(now)
        return at

    monkeypatch.setattr(Schedule, "previous_before", previous_before)
    monkeypatch.setattr(Schedule, "next_after", lambda _schedule, _now: at + timedelta(hours=1))
    monkeypatch.setattr(Schedule, "longest_gap", lambda _schedule, _now: timedelta(hours=1))
    texts = [f"{n % 60} {n // 60 % 24} {1 + n // 1440} * *" for n in range(10_000)]
    timetable = Timetable()
    for _ in range(2):
        for text in texts:
            schedule = timetable.parse(text)
            assert isinstance(schedule, Schedule)
            timetable.around(schedule, at)
    assert len(computed) == len(texts)
