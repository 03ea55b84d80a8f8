"""Which failures no object dates: what the checks declare, and the reference lists, is what they do."""

from __future__ import annotations

from functools import cache

from exporter.checks import CHECKS
from exporter.checks.check import Afterwards
from exporter.checks.policy import DEFAULT
from exporter.checks.runner import run_check
from exporter.joins.platform import platform_of
from exporter.schedule.timetable import Timetable
from tests.clusters.files import NAMES, load_cluster
from tests.worlds import NOW, dumped


@cache
def without_a_date() -> frozenset[str]:
    """The checks that fail somewhere with a grace and without a date, in all samples."""
    found = set()
    for name in NAMES:
        snapshot, timetable = dumped(*load_cluster(name)), Timetable()
        for check in CHECKS:
            if not isinstance(check.over, Afterwards):
                outcome = run_check(check, snapshot, NOW, timetable, platform_of(snapshot), DEFAULT)
                found |= {check.id for _, failed in outcome.failed if failed.grace and failed.since is None}
    return frozenset(found)


def test_a_check_whose_failures_may_have_no_date_says_why() -> None:
    assert without_a_date() <= {check.id for check in CHECKS if check.undated}


def test_no_check_says_so_for_nothing() -> None:
    seen = without_a_date() | {"suppression-unused"}  # which judges what is in no sample
    assert {check.id for check in CHECKS if check.undated} <= seen
