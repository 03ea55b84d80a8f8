"""The page about the vendor's examples says what the audit finds today."""

from __future__ import annotations

import pytest

from tests.clusters.vendor import EXAMPLES, PAGE, content, rows


def test_the_page_is_as_it_is_made() -> None:
    assert PAGE.read_text("utf-8") == content(), "run python -m tests.clusters.vendor"


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("Switch all common boot sources off", "gate-at-dead-path"),
        ("Change the default StorageClass", "no-default-storage-class"),
        ("Give a boot source a StorageClass of its own", "entry-without-source"),
        ("Delete outdated volumes and snapshots", "import-outdated"),
        ("Update a custom boot source", "modified-entry-behind-closed-gate"),
        ("Keep boot sources as snapshots", "snapshot-class-missing"),
    ],
)
def test_what_hurts_is_found(title: str, found: str) -> None:
    (example,) = [e for e in EXAMPLES if e.title == title]
    assert any(f"`{found}`" in said for _, _, said in rows(example))
