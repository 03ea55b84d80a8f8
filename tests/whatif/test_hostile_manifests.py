"""Manifests that anybody may have written: each is applied, refused, or named as unreadable. Nothing else happens."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exporter.whatif.changes import ChangeError
from exporter.whatif.foresee import run_changes
from exporter.whatif.manifests import ApplyManifest
from tests.whatif.recorded import IMAGES, cluster, objects

KINDS = ("HyperConverged", "SSP", "CDI", "DataImportCron", "DataSource", "StorageClass", "StorageProfile")
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["true", "snapshot", "None"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=5,
)


def paths(value: Any, above: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of everything in a manifest."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [above, *(path for key, below in items for path in paths(below, (*above, key)))]


@st.composite
def manifests(draw: st.DrawFn) -> dict[str, Any]:
    """A real object with something else in one or two places; what it may not exist without is kept."""
    found = draw(st.sampled_from([o for o in objects("h05") if o["kind"] in KINDS]))
    manifest: dict[str, Any] = json.loads(json.dumps(found))
    for _ in range(draw(st.integers(1, 2))):
        *way, last = draw(st.sampled_from([p for p in paths(manifest) if p and p != ("kind",)]))
        place: Any = manifest
        with suppress(KeyError, IndexError, TypeError):
            for step in way:
                place = place[step]
            place[last] = draw(VALUES)
    return manifest


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(manifest=manifests())
def test_a_manifest_changes_the_draft_or_is_named(manifest: dict[str, Any]) -> None:
    found, at = cluster("h05")
    with suppress(ChangeError):
        run_changes(found, (ApplyManifest(manifest, "a file"),), at)


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(kind=st.sampled_from(["VirtualMachine", "Template", "DataVolume", "PersistentVolumeClaim", "Pod"]), body=VALUES)
def test_so_is_one_of_any_other_kind(kind: str, body: Any) -> None:
    found, at = cluster("h05")
    meta = {"name": "a", "namespace": IMAGES}
    for part in ("spec", "objects", "metadata"):
        with suppress(ChangeError):
            run_changes(found, (ApplyManifest({"kind": kind, "metadata": meta, part: body}, "a file"),), at)
