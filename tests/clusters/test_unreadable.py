"""An object that cannot be read is neither there nor gone: it makes checks unknown, and never a finding."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from exporter.checks.evaluate import evaluate_cluster
from exporter.cluster.resources import WATCHED
from exporter.cluster.store import Store
from exporter.kube.contract import Item, Key, Rejected, State
from exporter.report import Report
from tests.clusters.files import NAMES, load_cluster
from tests.worlds import NOW, Manifest, WorldClock

SAMPLES = (*[name for name in NAMES if name.startswith("healthy-")][::3], *NAMES[::9])
_BY_KIND = {resource.kind: resource for resource in WATCHED}


def reported(manifests: list[Manifest], unreadable: Manifest | None = None, *, nameless: bool = False) -> Report:
    """The report on these objects, of which one cannot be read."""
    store = Store(WATCHED, WorldClock())
    for resource in WATCHED:
        store.sink(resource).state(State.LIVE)
    for manifest in manifests:
        resource, meta = _BY_KIND[manifest["kind"]], manifest["metadata"]
        if manifest is not unreadable:
            store.sink(resource).apply(resource.codec().from_value(manifest))
            continue
        key = Key("", "") if nameless else Key(meta.get("namespace", ""), meta["name"])
        store.sink(resource).apply(Item(key, "", rejected=Rejected(key, "spec", "is not what it should be")))
    return evaluate_cluster(store.freeze(), NOW).report


def one_of_each_kind(manifests: list[Manifest]) -> Iterator[Manifest]:
    yield from {manifest["kind"]: manifest for manifest in manifests}.values()


@pytest.mark.parametrize("name", dict.fromkeys(SAMPLES))
def test_it_makes_no_finding_and_no_all_clear(name: str) -> None:
    manifests = [m for m in load_cluster(name) if m["kind"] in _BY_KIND]
    before = {finding.fingerprint for finding in reported(manifests).findings}
    for unreadable in one_of_each_kind(manifests):
        for nameless in (False, True):
            report = reported(manifests, unreadable, nameless=nameless)
            invented = [f.summary for f in report.findings if f.fingerprint not in before]
            assert invented == [], (unreadable["kind"], unreadable["metadata"]["name"], nameless)
            assert report.verdict != "pass", unreadable["kind"]
