"""The watch loop against a real kube-apiserver and etcd: what only the real thing can tell."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from exporter.base.clock import SystemClock
from exporter.checks import CHECKS
from exporter.checks.evaluate import evaluate_cluster
from exporter.cluster.resource import Resource
from exporter.cluster.resources import (
    DATA_IMPORT_CRONS,
    HYPERCONVERGEDS,
    PERSISTENT_VOLUME_CLAIMS,
    STORAGE_CLASSES,
    VIRTUAL_MACHINES,
    VOLUME_SNAPSHOTS,
    WATCHED,
)
from exporter.cluster.snapshot import ClusterSnapshot
from exporter.cluster.store import Store
from exporter.kube.backoff import Timing
from exporter.kube.client import Client
from exporter.kube.contract import Key, State
from exporter.kube.credentials import discover, in_cluster
from exporter.kube.lists import list_paged
from exporter.watch.watcher import Watcher
from tests.rig.cluster import CRDS, Cluster
from tests.rig.plugin import FORBIDDEN_TOKEN
from tests.rig.servers import ApiServer, Etcd
from tests.worlds import (
    IMAGES,
    Manifest,
    a_cdi,
    a_claim,
    a_cron,
    a_data_source,
    a_machine,
    a_snapshot,
    a_snapshot_class,
    a_storage_class,
    a_storage_profile,
    a_template,
    an_entry,
    an_hco,
    an_ssp,
    merge,
)

WORLD = (
    *(a_cron(), a_data_source(), a_snapshot(), a_storage_class(virt="true"), a_storage_profile(), a_snapshot_class()),
    *(an_hco(commons=[an_entry()]), an_ssp(entries=[an_entry()]), a_cdi(), a_template(), a_machine()),
)


class Live:
    """A store that follows a server."""

    def __init__(self, store: Store, watching: Watcher) -> None:
        self.store = store
        self.watching = watching

    def now(self) -> ClusterSnapshot:
        return self.store.freeze()

    def until(self, true: Callable[[ClusterSnapshot], bool], seconds: float = 20) -> None:
        """Wait until the store shows this."""
        deadline = time.monotonic() + seconds
        while not true(self.now()):
            left = deadline - time.monotonic()
            states = {str(t.resource): (t.state.value, len(t), t.detail) for t in self.now()}
            assert left > 0, states
            self.store.wait_for_change(self.store.generation, min(left, 0.2))

    def settled(self) -> None:
        """Something is known of every resource."""
        self.until(lambda _c: not self.watching.pending_resources())

    def synced(self) -> None:
        """Every resource is listed; a server that has just started refuses the first attempts."""
        self.until(lambda c: {t.state for t in c} == {State.LIVE}, 60)


@contextmanager
def live(
    kubeconfig: Path, resources: tuple[Resource[Any], ...] = WATCHED, timing: Timing | None = None
) -> Iterator[Live]:
    """Follow a server until the end of the block."""
    clock = SystemClock()
    store = Store(resources, clock)
    client = Client(discover(str(kubeconfig), None, {}, clock))
    watching = Watcher(client, store, clock, resources, timing=timing)
    watching.start()
    try:
        yield Live(store, watching)
    finally:
        watching.stop()


@pytest.fixture
def world(real: Cluster) -> Iterator[Cluster]:
    """The shared server with a small healthy cluster on it."""
    real.load(WORLD)
    yield real
    real.empty(WORLD)


def names(cluster: ClusterSnapshot, resource: Resource[Any]) -> list[str]:
    return sorted(k.name for k in cluster[resource].rows)


def test_the_first_sync_sees_everything(world: Cluster, kubeconfig: Path) -> None:
    with live(kubeconfig) as seen:
        seen.synced()
        seen.until(lambda c: names(c, VOLUME_SNAPSHOTS) == ["fedora-0123456789ab"])
        cluster = seen.now()
        assert {t.state for t in cluster} == {State.LIVE}
        assert names(cluster, DATA_IMPORT_CRONS) == ["fedora-image-cron"]
        assert names(cluster, VIRTUAL_MACHINES) == ["web-1"]
        assert all(not t.rejected for t in cluster)


def test_changes_arrive(world: Cluster, kubeconfig: Path) -> None:
    with live(kubeconfig) as seen:
        seen.settled()
        world.apply(a_cron("second-image-cron", managed="second"))
        seen.until(lambda c: "second-image-cron" in names(c, DATA_IMPORT_CRONS))
        world.patch(a_cron("second-image-cron"), {"spec": {"schedule": "@daily"}})
        key = Key(IMAGES, "second-image-cron")
        seen.until(lambda c: c[DATA_IMPORT_CRONS].rows[key].spec.schedule == "@daily")
        world.delete(a_cron("second-image-cron"))
        seen.until(lambda c: "second-image-cron" not in names(c, DATA_IMPORT_CRONS))


def test_a_namespace_is_watched_as_soon_as_a_boot_source_is_in_it(world: Cluster, kubeconfig: Path) -> None:
    elsewhere = {"metadata": {"namespace": "team-a"}}
    claim = merge(a_claim("gold", cron=""), {**elsewhere, "spec": {"accessModes": ["ReadWriteOnce"]}})
    source = merge(a_data_source("gold", cron=""), elsewhere)
    with live(kubeconfig) as seen:
        seen.settled()
        world.load([claim])
        assert "gold" not in names(seen.now(), PERSISTENT_VOLUME_CLAIMS)
        world.apply(source)
        seen.until(lambda c: "gold" in names(c, PERSISTENT_VOLUME_CLAIMS))
        world.delete(source)
        seen.until(lambda c: "gold" not in names(c, PERSISTENT_VOLUME_CLAIMS))
    world.empty([claim])


def test_a_crd_appears_and_is_removed(real: Cluster, kubeconfig: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("exporter.kube.backoff.Backoff.slow", lambda _self: 0.2)
    real.remove_crd("hyperconvergeds.hco.kubevirt.io")
    with live(kubeconfig, (HYPERCONVERGEDS,), Timing(doubt=0.5)) as seen:
        seen.until(lambda c: c[HYPERCONVERGEDS].state is State.NOT_SERVED)
        real.install_crds("hyperconverged.yaml")
        seen.until(lambda c: c[HYPERCONVERGEDS].state is State.LIVE)
        real.load([an_hco()])
        seen.until(lambda c: len(c[HYPERCONVERGEDS]) == 1)
        real.remove_crd("hyperconvergeds.hco.kubevirt.io")
        seen.until(lambda c: c[HYPERCONVERGEDS].state is State.NOT_SERVED and not c[HYPERCONVERGEDS].rows)
    real.install_crds("hyperconverged.yaml")


def test_unrelated_crds_cost_no_row(world: Cluster, kubeconfig: Path) -> None:
    crd = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "noises.example.org"},
        "spec": {
            "group": "example.org",
            "names": {"kind": "Noise", "plural": "noises", "singular": "noise", "listKind": "NoiseList"},
            "scope": "Cluster",
            "versions": [
                {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": {"type": "object"}}}
            ],
        },
    }
    with live(kubeconfig) as seen:
        seen.settled()
        before = seen.now()
        for _ in range(5):
            world.apply(crd)
            world.remove_crd("noises.example.org")
            assert {t.state for t in seen.now()} == {State.LIVE}
            assert names(seen.now(), DATA_IMPORT_CRONS) == names(before, DATA_IMPORT_CRONS)
        assert sum(stats.lists for _, stats in seen.watching.stats()) == len(seen.watching.stats())


def test_what_is_forbidden_is_a_state_and_nothing_is_concluded_from_it(world: Cluster, tmp_path: Path) -> None:
    with live(world.kubeconfig(tmp_path / "nobody", FORBIDDEN_TOKEN)) as seen:
        seen.settled()
        cluster = seen.now()
        assert cluster[DATA_IMPORT_CRONS].state is State.FORBIDDEN
        report = evaluate_cluster(cluster, SystemClock().now()).report
        assert report.findings == ()
        looking = {check.id for check in CHECKS if check.tables}
        assert {c.status for c in report.checks if c.check in looking} == {"blind"}
        assert len(looking) > len(CHECKS) - 5  # the others judge the configuration file


def test_a_right_that_is_given_later_is_noticed(
    world: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("exporter.kube.backoff.Backoff.slow", lambda _self: 0.2)
    rule = {"apiGroups": ["storage.k8s.io"], "resources": ["storageclasses"], "verbs": ["get", "list", "watch"]}
    rbac = "rbac.authorization.k8s.io"
    role = {"apiVersion": f"{rbac}/v1", "kind": "ClusterRole", "metadata": {"name": "late"}, "rules": [rule]}
    binding = {
        "apiVersion": f"{rbac}/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": "late"},
        "roleRef": {"apiGroup": rbac, "kind": "ClusterRole", "name": "late"},
        "subjects": [{"apiGroup": rbac, "kind": "User", "name": "nobody"}],
    }
    with live(world.kubeconfig(tmp_path / "nobody", FORBIDDEN_TOKEN), (STORAGE_CLASSES,)) as seen:
        seen.until(lambda c: c[STORAGE_CLASSES].state is State.FORBIDDEN)
        world.load([role, binding])
        seen.until(lambda c: names(c, STORAGE_CLASSES) == ["fast"])
        world.empty([binding, role])


def test_an_expired_token_is_noticed_and_a_new_one_works(world: Cluster, tmp_path: Path) -> None:
    """The service account's token file holds a token that is not valid; the kubelet replaces it."""
    account = tmp_path / "account"
    account.mkdir()
    (account / "ca.crt").write_bytes(world.ca.read_bytes())
    (account / "token").write_text("expired")
    host, _, port = world.url.removeprefix("https://").partition(":")
    environ = {"KUBERNETES_SERVICE_HOST": host, "KUBERNETES_SERVICE_PORT": port}
    clock = SystemClock()
    store = Store((STORAGE_CLASSES,), clock)
    watching = Watcher(Client(in_cluster(environ, clock, account)), store, clock, (STORAGE_CLASSES,))
    watching.start()
    try:
        seen = Live(store, watching)
        seen.until(lambda c: c[STORAGE_CLASSES].state is State.FAILED)
        assert "401" in seen.now()[STORAGE_CLASSES].detail
        world.allow("team-a", "exporter")
        (account / "token").write_text(world.token("team-a", "exporter"))
        seen.until(lambda c: names(c, STORAGE_CLASSES) == ["fast"])
    finally:
        watching.stop()


class TestOwnServer:
    """What needs a server of one's own: restarts, compaction, feature gates, older CRDs."""

    @pytest.fixture
    def server(self, etcd: Etcd, api_server: ApiServer, tmp_path: Path) -> Iterator[ApiServer]:
        """A second API server on the same etcd."""
        with ApiServer(etcd, tmp_path / "second") as running:
            yield running

    def test_a_restart_is_survived_with_the_rows(self, world: Cluster, server: ApiServer, tmp_path: Path) -> None:
        admin = Cluster(server)
        with live(admin.kubeconfig(tmp_path / "second.kubeconfig")) as seen:
            seen.synced()
            server.end()
            seen.until(lambda c: c[DATA_IMPORT_CRONS].state is State.STALE)
            assert names(seen.now(), DATA_IMPORT_CRONS) == ["fedora-image-cron"]
            world.apply(a_cron("meanwhile-image-cron", managed="meanwhile"))
            server.start()
            seen.until(lambda c: "meanwhile-image-cron" in names(c, DATA_IMPORT_CRONS), 90)
            seen.until(lambda c: {t.state for t in c} == {State.LIVE}, 90)
        world.delete(a_cron("meanwhile-image-cron"))
        admin.close()

    def test_a_compaction_while_we_were_away_means_a_new_list(
        self, world: Cluster, server: ApiServer, etcd: Etcd, tmp_path: Path
    ) -> None:
        admin = Cluster(server)
        with live(admin.kubeconfig(tmp_path / "second.kubeconfig"), (DATA_IMPORT_CRONS,)) as seen:
            seen.synced()
            ((_, stats),) = seen.watching.stats()
            server.end()
            world.apply(a_cron("meanwhile-image-cron", managed="meanwhile"))
            world.delete(a_cron())
            for n in range(20):
                etcd.put(f"/noise/{n}")
            etcd.compact()
            server.start()
            seen.until(lambda c: names(c, DATA_IMPORT_CRONS) == ["meanwhile-image-cron"], 90)
            assert stats.requests["gone"] >= 1
            assert stats.lists == 2
        world.delete(a_cron("meanwhile-image-cron"))
        admin.close()

    @pytest.mark.parametrize("paged", [False, True], ids=["streamed-list", "paged-list"])
    def test_older_servers_are_listed(
        self, world: Cluster, etcd: Etcd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, paged: bool
    ) -> None:
        if paged:
            monkeypatch.setattr("exporter.kube.lists.PAGE", "2")
            monkeypatch.setattr("exporter.kube.reflector.list_unpaged", list_paged)
        crons: list[Manifest] = [a_cron(f"c{n}-image-cron", managed=f"c{n}") for n in range(5)]
        world.load(crons)
        with ApiServer(etcd, tmp_path / "old", gates={"WatchList": False}) as old:
            admin = Cluster(old)
            with live(admin.kubeconfig(tmp_path / "old.kubeconfig")) as seen:
                seen.synced()
                assert len(names(seen.now(), DATA_IMPORT_CRONS)) == 6
                assert names(seen.now(), STORAGE_CLASSES) == ["fast"]
                world.delete(crons[0])
                seen.until(lambda c: len(names(c, DATA_IMPORT_CRONS)) == 5)
            admin.close()
        world.empty(crons)

    def test_two_versions_of_hco_give_the_same_verdict(self, world: Cluster, tmp_path_factory: Any) -> None:
        """A cluster that serves v1beta1 only is read through it, with the gate where that version has it."""
        directory: Path = tmp_path_factory.mktemp("older")
        older = {
            "apiVersion": "hco.kubevirt.io/v1beta1",
            "spec": {"workloadSources": None, "enableCommonBootImageImport": True, "dataImportCronTemplates": []},
            "status": {"versions": [{"name": "operator", "version": "1.16.0"}]},
        }
        with Etcd(directory) as store, ApiServer(store, directory / "api") as old:
            admin = Cluster(old)
            files = [p.name for p in CRDS.glob("*.yaml") if p.name != "hyperconverged.yaml"]
            admin.install_crds(*sorted(files))
            admin.load([merge(m, older) if m["kind"] == "HyperConverged" else m for m in WORLD])
            reports = []
            for cluster, path in ((admin, directory / "old"), (world, directory / "new")):
                with live(cluster.kubeconfig(path)) as seen:
                    seen.synced()
                    seen.until(lambda c: len(c[VOLUME_SNAPSHOTS]) == 1)
                    report = evaluate_cluster(seen.now(), SystemClock().now()).report
                    reports.append(({f.check for f in report.findings}, report.verdict))
            assert reports[0] == reports[1]
            admin.close()
