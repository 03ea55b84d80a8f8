"""No manifest makes the model raise, or take long: whatever a dump or a cluster holds is judged."""

from __future__ import annotations

from typing import Any, Final

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from exporter.checks.entries import ENTRIES
from exporter.joins.admission import (
    FieldChange,
    Hazard,
    Refusal,
    Verdict,
    admit,
    apply_changes,
    entry_refusals,
    find_fix,
    list_refusals,
)
from tests.joins.admission.manifests import REGISTRY, SIZE, SOURCE, VALID, VOLUME
from tests.worlds import a_cdi, an_hco, evaluate_manifests

_SCALARS: Final = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(
        ["30Gi", "docker://", "node", "", "Never", "0 0 * * *", "@every 1h", "a" * 300, "9" * 4000, "1e99999"]
    ),
)
_JSON: Final = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_PATHS: Final = (
    *(("metadata",), ("metadata", "name"), ("metadata", "labels"), ("metadata", "annotations"), ("spec",)),
    *(("spec", field) for field in ("schedule", "managedDataSource", "garbageCollect", "importsToKeep", "template")),
    *(("spec", field) for field in ("retentionPolicy", "serviceAccountName", "unknown")),
    *(VOLUME, SOURCE, REGISTRY),
    *((*VOLUME, field) for field in ("storage", "pvc", "contentType", "checkpoints", "sourceRef", "finalCheckpoint")),
    *((*VOLUME, "storage", field) for field in ("resources", "accessModes", "storageClassName", "volumeMode")),
    *((*VOLUME, "storage", *SIZE), (*VOLUME, "pvc", *SIZE), (*VOLUME, "pvc", "accessModes")),
    *((*SOURCE, kind) for kind in ("pvc", "http", "snapshot")),
    *((*REGISTRY, field) for field in ("url", "imageStream", "pullMethod", "secretRef", "platform")),
)
CHANGES: Final = st.lists(st.tuples(st.sampled_from(_PATHS), _JSON), min_size=1, max_size=4)
_MINORS: Final = st.one_of(st.none(), st.integers(min_value=0, max_value=99))


def _manifest(changes: list[tuple[tuple[str, ...], Any]]) -> Any:
    return apply_changes(VALID, [FieldChange(path, value) for path, value in changes])


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(changes=CHANGES, minor=_MINORS)
@example(changes=[((*VOLUME, "storage", *SIZE), float("nan"))], minor=66)
@example(changes=[(("spec", "importsToKeep"), float("inf"))], minor=66)
@example(changes=[((*REGISTRY, "url"), "docker://[" + "%" * 300)], minor=None)
def test_any_change_is_judged(changes: list[tuple[tuple[str, ...], Any]], minor: int | None) -> None:
    manifest = _manifest(changes)
    verdict = admit(manifest, minor)
    assert isinstance(verdict, Verdict)
    problems: list[Refusal | Hazard] = [*verdict.refusals, *verdict.disputed, *verdict.hazards]
    for problem in problems:
        assert problem.field
        assert problem.observed
        assert problem.expected
    more = find_fix(manifest, minor, VALID)
    if more is not None:
        assert admit(apply_changes(manifest, more), minor).admitted
    list(entry_refusals(manifest))
    list_refusals([manifest, manifest])


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(manifest=st.dictionaries(st.sampled_from(["metadata", "spec", "kind", "status"]), _JSON))
def test_any_object_is_judged(manifest: dict[str, Any]) -> None:
    assert admit(manifest, 66).refusals
    assert admit(manifest, None).refusals


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(changes=CHANGES)
def test_any_entry_in_a_hyperconverged_costs_itself_alone(changes: list[tuple[tuple[str, ...], Any]]) -> None:
    """All checks on entries judge what is there, and the object around the entry stays readable."""
    hco = an_hco(entries=[_manifest(changes)], taken=[])
    report = evaluate_manifests(ENTRIES, hco, a_cdi()).report
    assert all(check.status != "blind" for check in report.checks)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        pytest.param((*VOLUME, "storage", *SIZE), "9" * 1_000_000, id="digits"),
        pytest.param((*VOLUME, "storage", *SIZE), "1e" + "9" * 1_000_000, id="exponent"),
        pytest.param((*REGISTRY, "url"), "docker://" + "a-" * 1_000_000, id="URL"),
        pytest.param((*REGISTRY, "url"), "docker://" + "a/" * 1_000_000, id="path"),
        pytest.param(("spec", "managedDataSource"), "-." * 1_000_000, id="name"),
        pytest.param(("spec", "schedule"), "1," * 1_000_000, id="schedule"),
        pytest.param(("metadata", "labels"), {str(i): "x y" for i in range(100_000)}, id="labels"),
        pytest.param((*VOLUME, "checkpoints"), [{}] * 1_000_000, id="list"),
    ],
)
def test_what_is_large_is_judged_in_bounded_time(path: tuple[str, ...], value: Any) -> None:
    """Nothing here is quadratic: a million characters would then take hours."""
    verdict = admit(apply_changes(VALID, [FieldChange(path, value)]), 66)
    texts = [r.reason + r.observed for r in verdict.refusals] + [h.consequence + h.observed for h in verdict.hazards]
    assert all(len(text) < 1000 for text in texts)


def test_what_is_nested_deeply_is_judged() -> None:
    deep: Any = "x"
    for _ in range(100_000):
        deep = {"a": deep}
    assert admit(apply_changes(VALID, [FieldChange((*VOLUME, "source"), deep)]), 66).refusals
