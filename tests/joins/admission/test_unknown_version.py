"""Where CDI's version is not known: the verdict is what all versions agree on, and costs little more than one."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings

from exporter.joins.admission import CdiVersion, FieldChange, Verdict, admit, apply_changes
from exporter.joins.admission.admit import GENERATIONS
from tests.joins.admission.manifests import REGISTRY, SIZE, SOURCE, VALID, VOLUME
from tests.joins.admission.test_hostile import CHANGES

MODULE: Any = sys.modules[admit.__module__]
"""The function of the same name hides it in its package."""


def told(verdicts: list[Verdict]) -> list[set[Any]]:
    return [{refusal.key for refusal in verdict.refusals} for verdict in verdicts]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(changes=CHANGES)
@example(changes=[(("spec", "schedule"), "0 0 0 * * * 2030")])
@example(changes=[(("spec", "schedule"), "")])
@example(changes=[((*VOLUME, "storage", *SIZE), "1Ki")])
@example(changes=[((*VOLUME, "storage", "accessModes"), ["ReadWriteOncePod"])])
@example(changes=[((*VOLUME, "storage", "dataSource"), {"kind": "x", "name": "y"})])
@example(changes=[(SOURCE, {"pvc": {"namespace": "a", "name": "b"}})])
@example(changes=[((*REGISTRY, "platform"), {"architecture": 7}), (("spec", "serviceAccountName"), "")])
def test_it_is_what_all_versions_agree_on(changes: list[tuple[tuple[str, ...], Any]]) -> None:
    manifest = apply_changes(VALID, [FieldChange(path, value) for path, value in changes])
    each = told([admit(manifest, minor) for minor in GENERATIONS])
    verdict = admit(manifest, None)
    assert {refusal.key for refusal in verdict.refusals} == set.intersection(*each)
    assert {refusal.key for refusal in verdict.disputed} == set.union(*each) - set.intersection(*each)


@pytest.mark.parametrize(
    ("changes", "times"),
    [
        ([], 1),
        ([((*VOLUME, "storage", *SIZE), "1Ki")], 2),
        ([((*REGISTRY, "platform"), {"architecture": "arm64"})], 2),
        ([((*REGISTRY, "platform"), {"architecture": "arm64"}), (("spec", "schedule"), "")], 3),
    ],
)
def test_only_versions_that_differ_about_it_are_asked(
    monkeypatch: pytest.MonkeyPatch, changes: list[tuple[tuple[str, ...], Any]], times: int
) -> None:
    asked: list[int] = []

    def answer(manifest: Any, cdi: CdiVersion, real: Any = MODULE._answer) -> Any:
        asked.append(cdi.minor)
        return real(manifest, cdi)

    monkeypatch.setattr(MODULE, "_known", {})
    monkeypatch.setattr(MODULE, "_answer", answer)
    for _ in range(3):
        admit(apply_changes(VALID, [FieldChange(path, value) for path, value in changes]), None)
    assert len(asked) == times


def test_what_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: dict[Any, Verdict] = {}
    monkeypatch.setattr(MODULE, "_known", kept)
    monkeypatch.setattr(MODULE, "_MOST_KNOWN", 100)
    for number in range(250):
        admit(apply_changes(VALID, [FieldChange(("metadata", "name"), f"name-{number}")]), 66)
    assert len(kept) == 50
    assert len(set(map(id, kept.values()))) == 1
    admit(apply_changes(VALID, [FieldChange(("metadata", "labels"), {str(n): "x y" for n in range(200)})]), 66)
    assert len(kept) == 50
