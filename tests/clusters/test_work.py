"""The work of an evaluation grows as the cluster does, whatever is wrong with all of its boot sources at once."""

from __future__ import annotations

from functools import partial

import pytest

from exporter.base.clock import SystemClock
from exporter.checks.evaluate import evaluate_cluster
from exporter.cluster.resources import WATCHED
from exporter.cluster.snapshot import ClusterSnapshot
from exporter.cluster.store import Store
from exporter.kube.contract import State
from tests.clusters.files import load_cluster
from tests.clusters.scaling import scaled
from tests.clusters.watched import BY_KIND
from tests.work import count_calls, excessive
from tests.worlds import IMAGES, NOW, Manifest, a_data_source, a_machine

SMALL, TIMES = 10, 4
SAMPLES = ("common-entries-copied", "messy-paused", "snapshot-api-missing", "storage-class-missing")


def frozen(manifests: list[Manifest]) -> ClusterSnapshot:
    store = Store(WATCHED, SystemClock())
    for resource in WATCHED:
        store.sink(resource).state(State.LIVE)
    for manifest in manifests:
        if manifest["kind"] in BY_KIND:
            watched = BY_KIND[manifest["kind"]]
            store.sink(watched).apply(watched.codec().from_value(manifest))
    return store.freeze()


def grown(small: list[Manifest], large: list[Manifest]) -> dict[str, tuple[int, int]]:
    """What is called more often than in proportion; both have the same findings, each as often as it has objects."""
    few, many = (count_calls(partial(evaluate_cluster, frozen(manifests), NOW)) for manifests in (small, large))
    return excessive(few, many, TIMES)


@pytest.mark.parametrize("name", SAMPLES)
def test_it_grows_with_the_number_of_boot_sources(name: str) -> None:
    manifests = load_cluster(name)
    assert grown(scaled(manifests, SMALL), scaled(manifests, SMALL * TIMES)) == {}


def ring(number: int) -> list[Manifest]:
    """DataSources that point at each other in a circle, and a machine that waits for each."""
    found: list[Manifest] = []
    for at in range(number):
        target = {"namespace": IMAGES, "name": f"s{(at + 1) % number}"}
        found.append(a_data_source(f"s{at}", cron="", ready=False) | {"spec": {"source": {"dataSource": target}}})
        found.append(a_machine(f"m{at}", source=f"s{at}", failure="the source is not ready"))
    return found


def test_a_ring_of_data_sources_costs_what_it_has() -> None:
    assert grown(ring(40), ring(40 * TIMES)) == {}


def rivals(number: int) -> list[Manifest]:
    """Boot sources that all manage one DataSource, and machines that all wait for it."""
    manifests = scaled(load_cluster("storage-class-missing"), number)
    source = next(m for m in manifests if m["kind"] == "DataImportCron")["spec"]["managedDataSource"]
    for manifest in manifests:
        if manifest["kind"] == "DataImportCron":
            manifest["spec"] = {**manifest["spec"], "managedDataSource": source}
    return [m for m in manifests if m["kind"] != "DataSource"]


def test_many_rivals_for_what_many_wait_for_cost_what_they_are() -> None:
    assert grown(rivals(SMALL), rivals(SMALL * TIMES)) == {}
