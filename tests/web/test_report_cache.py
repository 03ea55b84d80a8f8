"""What pages work out from a report: once, and no longer than the report lives."""

from __future__ import annotations

import gc

from exporter.web.report_cache import ReportCache
from tests.metrics.reports import a_report


class Value:
    """Something that can be counted."""


def living() -> int:
    gc.collect()
    return sum(isinstance(each, Value) for each in gc.get_objects())


def test_it_is_made_once_per_report_and_minute() -> None:
    cache, report = ReportCache(), a_report()
    first = cache.get("", report, "12:00", Value)
    assert cache.get("", report, "12:00", Value) is first
    assert cache.get("", report, "12:01", Value) is not first
    assert cache.get("", a_report(), "12:00", Value) is not first
    assert cache.get("other", report, "12:00", Value) is not first


def test_it_goes_with_the_report() -> None:
    cache, report = ReportCache(), a_report()
    cache.get("", report, "12:00", Value)
    assert living() == 1
    del report
    assert living() == 0
