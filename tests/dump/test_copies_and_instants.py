"""Of several copies the right one counts; and when a dump was taken."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from exporter.cluster.resources import DATA_SOURCES, HYPERCONVERGEDS
from tests.dump.samples import NOW, a_data_source, a_storage_class, load_dump

MARK = "    cdi.kubevirt.io/dataImportCron: {}\n"


def _copy(version: str, cron: str) -> str:
    return a_data_source(version=version).replace("  name:", f"  labels:\n{MARK.format(cron)}  name:")


@pytest.mark.parametrize(
    ("first", "second", "wins"),
    [
        (_copy("9", "a"), _copy("10", "b"), "b"),
        (_copy("10", "a"), _copy("9", "b"), "a"),
        (_copy("9", "a"), _copy("9", "b"), "b"),
        (_copy("", "a"), _copy("opaque", "b"), "b"),
    ],
    ids=["newer-last", "newer-first", "same-version", "no-number"],
)
def test_the_newest_copy_wins(first: str, second: str, wins: str, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(first)
    (tmp_path / "b.yaml").write_text(second)
    row = load_dump(tmp_path)[0][DATA_SOURCES].get("images", "fedora")
    assert getattr(row, "cron", None) == wins


@pytest.mark.parametrize("order", [("v1", "v1beta1"), ("v1beta1", "v1")])
def test_the_preferred_version_wins(order: tuple[str, str], tmp_path: Path) -> None:
    metadata = "{{name: h, namespace: n, resourceVersion: '{}'}}"
    text = f"apiVersion: hco.kubevirt.io/{{}}\nkind: HyperConverged\nmetadata: {metadata}\n"
    (tmp_path / "x.yaml").write_text("---\n".join(text.format(version, n) for n, version in enumerate(order)))
    row = load_dump(tmp_path)[0][HYPERCONVERGEDS].get("n", "h")
    assert getattr(row, "api_version", None) == "hco.kubevirt.io/v1"


def test_a_must_gather_tells_when_it_ended(tmp_path: Path) -> None:
    (tmp_path / "image").mkdir()
    (tmp_path / "timestamp").write_text(
        "2026-05-20 10:00:00.000000000 +0000 UTC m=+0.2\n2026-05-20 12:30:00.123456789 +0200 CEST m=+900.1\n"
    )
    (tmp_path / "image" / "timestamp").write_text("2026-05-20 10:20:00 +0000 UTC\nnonsense\n")
    (tmp_path / "image" / "x.yaml").write_text(a_data_source())
    facts = load_dump(tmp_path)[1]
    assert (facts.at, facts.at_source) == (datetime(2026, 5, 20, 10, 30, tzinfo=UTC), "must-gather timestamp")


@pytest.mark.parametrize(
    ("extra", "at"),
    [
        ("", "2026-05-01T00:00:00+00:00"),
        ("status: {conditions: [{lastTransitionTime: 2026-05-03T04:05:06Z}]}\n", "2026-05-03T04:05:06+00:00"),
        ("status: {lastExecutionTimestamp: 2026-05-04T00:00:00+02:00}\n", "2026-05-03T22:00:00+00:00"),
        ("status: {lastExecutionTimestamp: 2099-05-04T00:00:00Z}\n", "2026-05-01T00:00:00+00:00"),
        ("status: {certificateNotAfter: 2026-05-30T00:00:00Z}\n", "2026-05-01T00:00:00+00:00"),
        ("status: {message: seen at 2026-05-30T00:00:00Z}\n", "2026-05-01T00:00:00+00:00"),
        ("status: {a: 2026-99-99T00:00:00Z, b: 0001-01-01T00:00:00+14:00}\n", "2026-05-01T00:00:00+00:00"),
    ],
    ids=["created", "condition", "offset", "future", "expiry", "prose", "no-dates"],
)
def test_else_the_newest_instant_counts(extra: str, at: str, tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(a_data_source(extra=extra))
    facts = load_dump(tmp_path)[1]
    assert (facts.at.isoformat(), facts.at_source) == (at, "newest instant in the dump")


def test_edits_count_as_well(tmp_path: Path) -> None:
    edited = a_data_source().replace(
        "  name:", "  managedFields:\n  - {manager: oc, time: 2026-05-09T00:00:00Z}\n  name:"
    )
    (tmp_path / "x.yaml").write_text(edited)
    assert load_dump(tmp_path)[1].at == datetime(2026, 5, 9, tzinfo=UTC)


def test_manifests_without_any_date_are_judged_now(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(a_storage_class())
    facts = load_dump(tmp_path)[1]
    assert (facts.at, facts.at_source) == (NOW, "now")
