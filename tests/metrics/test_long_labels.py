"""A field that holds a name may hold a megabyte: no label value is that long, and two that begin alike stay apart."""

from __future__ import annotations

from exporter.metrics.family import escape_label_value
from tests.metrics.scraping import samples_of
from tests.worlds import a_cron


def test_a_long_value_is_cut_and_stays_unique() -> None:
    one, other = escape_label_value("x" * 1_000_000), escape_label_value("x" * 999_999)
    assert len(one) <= 1024 >= len(other)
    assert one != other
    assert escape_label_value("x" * 1024) == "x" * 1024


def test_a_cron_with_a_long_name_for_its_source_has_a_short_series() -> None:
    found = samples_of("dataimportcron_info", a_cron(managed="y" * 500_000))
    assert all(len(value) <= 1024 for labels in found for value in labels)
