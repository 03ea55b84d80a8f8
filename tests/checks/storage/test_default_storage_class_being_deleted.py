from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from exporter.checks.storage.default_storage_class_being_deleted import default_storage_class_being_deleted
from tests.checks.storage.assertions import only_finding, summarize
from tests.worlds import NOW, Manifest, a_storage_class, ago, status

CHECK = default_storage_class_being_deleted


def going(name: str = "fast", minutes: float = 30, **kinds: Any) -> Manifest:
    meta = {"deletionTimestamp": ago(minutes=minutes), "finalizers": ["example.com/protect"]}
    return a_storage_class(name, **kinds, metadata=meta)


@pytest.mark.parametrize(
    "world",
    [
        pytest.param([a_storage_class(virt="true")], id="a default that stays"),
        pytest.param([going()], id="no default"),
        pytest.param([going(default="true"), a_storage_class("v", virt="true")], id="a default that does not win"),
        pytest.param([going(virt="true", minutes=4)], id="just now"),
    ],
)
def test_passes(world: list[Manifest]) -> None:
    assert status(CHECK, *world) == "pass"


@pytest.mark.parametrize(
    ("others", "after"),
    [
        pytest.param([], "no StorageClass is default any more", id="nobody takes over"),
        pytest.param([a_storage_class("k", default="true")], "k takes over", id="the Kubernetes default takes over"),
    ],
)
def test_what_comes_after_it_is_told(others: list[Manifest], after: str) -> None:
    finding = only_finding(CHECK, going(virt="true"), *others)
    assert finding.summary == f"Default StorageClass fast is being deleted; when it is gone, {after}"
    assert finding.since == NOW - timedelta(minutes=30)
    assert summarize(finding) == (
        "warning",
        "StorageClass fast",
        "metadata.deletionTimestamp",
        "deleted 2026-08-21T11:30:00Z, held by example.com/protect",
        "a default StorageClass that stays",
    )
