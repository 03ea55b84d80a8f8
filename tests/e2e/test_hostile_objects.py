"""Objects that any client may create on a real API server, and that decoders cannot take: they cost only themselves."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from exporter.cluster.resources import TEMPLATES
from exporter.kube.backoff import Timing
from exporter.kube.contract import Key, State
from tests.e2e.test_watching import live, names, world
from tests.kube.hostile import nest
from tests.rig.cluster import Cluster
from tests.rig.servers import ADMIN_TOKEN
from tests.worlds import Manifest, a_template

__all__ = ["world"]
DEPTH = 9_000
"""kube-apiserver refuses JSON of more than 10,000 levels."""


def create(cluster: Cluster, manifest: Manifest, hole: str) -> Key:
    """Create the object with something very deep in the place of this text."""
    metadata = {key: manifest["metadata"][key] for key in ("name", "namespace")}
    body = json.dumps({**manifest, "metadata": metadata}).encode().replace(json.dumps(hole).encode(), nest(DEPTH, "{"))
    path = cluster.path_of(manifest)
    headers = {"Authorization": f"Bearer {ADMIN_TOKEN}", "Content-Type": "application/json"}
    url = cluster.url + path.rpartition("/")[0]
    response = cluster._http.request("POST", url, body=body, headers=headers, timeout=30, retries=False)
    assert response.status == 201, response.data[:500]
    cluster._remember(path.rpartition("/")[0], {"metadata": {"name": manifest["metadata"]["name"]}})
    return Key(manifest["metadata"]["namespace"], manifest["metadata"]["name"])


@pytest.mark.parametrize("first", [True, False], ids=["in the list", "as a change"])
def test_a_deeply_nested_object_is_rejected_and_the_watch_goes_on(
    world: Cluster, kubeconfig: Path, first: bool
) -> None:
    template = a_template("deep")
    template["objects"] = [*template["objects"], {"apiVersion": "v1", "kind": "Deep", "deep": "HOLE"}]
    if first:
        key = create(world, template, "HOLE")
    with live(kubeconfig, (TEMPLATES,)) as seen:
        seen.synced()
        if not first:
            key = create(world, template, "HOLE")
        seen.until(lambda c: key in c[TEMPLATES].rejected)
        assert seen.now()[TEMPLATES].rejected[key].problem == "is nested too deeply to be decoded"
        world.apply(a_template("after"))
        seen.until(lambda c: "after" in names(c, TEMPLATES))
        assert seen.now()[TEMPLATES].state is State.LIVE
        world.delete(template)
        seen.until(lambda c: not c[TEMPLATES].rejected)
        world.delete(a_template("after"))


def test_a_real_server_is_listed_again_when_a_list_is_old(world: Cluster, kubeconfig: Path) -> None:
    with live(kubeconfig, (TEMPLATES,), Timing(watch=(2, 2), relist=1.0)) as seen:
        seen.synced()
        ((_, stats),) = seen.watching.stats()
        seen.until(lambda _: stats.lists >= 3, 60)
        world.apply(a_template("after"))
        seen.until(lambda c: "after" in names(c, TEMPLATES))
        assert seen.now()[TEMPLATES].state is State.LIVE
        world.delete(a_template("after"))
