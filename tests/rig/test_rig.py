"""The rig itself: real servers do what tests rely on."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import urllib3
import yaml

from tests.rig.cluster import CRDS, HOLD, ApiError, Cluster
from tests.rig.plugin import FORBIDDEN_TOKEN
from tests.rig.servers import ApiServer, Etcd

CDI = "/apis/cdi.kubevirt.io/v1beta1"
CRONS = f"{CDI}/dataimportcrons"
HCO_CRD = "hyperconvergeds.hco.kubevirt.io"
CONFIG_MAPS = "/api/v1/namespaces/default/configmaps"
SOUND = {("NamesAccepted", "True"), ("Established", "True"), ("KubernetesAPIApprovalPolicyConformant", "True")}
INITIAL = {"sendInitialEvents": "true", "resourceVersionMatch": "NotOlderThan", "allowWatchBookmarks": "true"}
Manifest = dict[str, Any]


def custom(kind: str, name: str, namespace: str = "", api: str = "cdi.kubevirt.io/v1beta1", **rest: Any) -> Manifest:
    where = {"namespace": namespace} if namespace else {}
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name, **where}, **rest}


def config_map(name: str) -> Manifest:
    return custom("ConfigMap", name, "default", "v1")


def crd_files() -> list[Manifest]:
    return [crd for path in sorted(CRDS.glob("[!v]*.yaml")) for crd in yaml.safe_load_all(path.read_text())]


class TestServers:
    def test_it_is_a_real_api_server(self, real: Cluster) -> None:
        assert real.call("GET", "/version")["gitVersion"].startswith("v1.")

    def test_a_restart_keeps_port_and_data(self, real: Cluster, api_server: ApiServer, namespace: str) -> None:
        kept = real.apply(custom("DataImportCron", "kept", namespace, spec={"schedule": "* * * * *"}))
        before, url = api_server.pid, api_server.url
        api_server.restart(graceful=True)
        assert (api_server.url, real.get(kept)) == (url, kept)
        assert api_server.pid != before

    def test_after_a_restart_other_tokens_count(self, start_api_server: Callable[..., ApiServer]) -> None:
        server = start_api_server(tokens={"first": "user"})
        cluster = Cluster(server)
        assert cluster.answer("GET", "/api", token="first")[0] == 200
        server.tokens = {"second": "user"}
        server.restart()
        assert [cluster.answer("GET", "/api", token=token)[0] for token in ("first", "second")] == [401, 200]
        cluster.close()

    def test_two_servers_on_one_etcd_are_two_clusters(
        self, real: Cluster, start_api_server: Callable[..., ApiServer]
    ) -> None:
        other = Cluster(start_api_server())
        mine = real.apply(config_map("mine"))
        with pytest.raises(ApiError, match="not found"):
            other.get(mine)
        other.close()

    def test_frozen_it_neither_answers_nor_closes(self, real: Cluster, api_server: ApiServer) -> None:
        impatient = urllib3.PoolManager(ca_certs=str(api_server.ca), timeout=0.2, retries=False)
        with api_server.frozen(), pytest.raises(urllib3.exceptions.TimeoutError):
            impatient.request("GET", f"{api_server.url}/readyz")
        impatient.clear()
        assert real.answer("GET", "/readyz")[0] == 200

    def test_a_failed_start_shows_the_log(self, etcd: Etcd, tmp_path: Path) -> None:
        server = ApiServer(etcd, tmp_path, flags=["--no-such-flag"])
        with pytest.raises(
            RuntimeError, match=r"kube-apiserver ended with 1; .*kube-apiserver.log ends:[^$]*no-such-flag"
        ):
            server.start()

    def test_servers_end_with_a_killed_test(self, tmp_path: Path) -> None:
        program = (
            "import pathlib, sys, time\n"
            "from tests.rig.servers import Etcd\n"
            "with Etcd(pathlib.Path(sys.argv[1])) as etcd:\n"
            "    print(etcd.pid, flush=True)\n"
            "    time.sleep(60)\n"
        )
        command = [sys.executable, "-c", program, str(tmp_path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as killed:
            assert killed.stdout
            pid = int(killed.stdout.readline())
            assert Path(f"/proc/{pid}").exists()
            killed.kill()
        deadline = time.monotonic() + 10
        while _runs(pid) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert not _runs(pid)


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


class TestCrds:
    @pytest.mark.parametrize("crd", crd_files(), ids=lambda crd: crd["spec"]["names"]["kind"])
    def test_every_version_is_served(self, real: Cluster, crd: Manifest) -> None:
        plural = crd["spec"]["names"]["plural"]
        for version in crd["spec"]["versions"]:
            resources = real.call("GET", f"/apis/{crd['spec']['group']}/{version['name']}")["resources"]
            by_name = {resource["name"]: resource for resource in resources}
            assert by_name[plural]["namespaced"] == (crd["spec"]["scope"] == "Namespaced")
            assert (f"{plural}/status" in by_name) == ("status" in version.get("subresources", {}))

    def test_names_of_all_are_accepted(self, real: Cluster) -> None:
        items = real.call("GET", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions")["items"]
        wanted = {crd["metadata"]["name"]: crd["spec"]["names"] for crd in crd_files()}
        assert {item["metadata"]["name"]: item["status"]["acceptedNames"] for item in items} == wanted
        assert not [
            (item["metadata"]["name"], condition)
            for item in items
            for condition in item["status"]["conditions"]
            if (condition["type"], condition["status"]) not in SOUND
        ]

    def test_the_variant_serves_v1beta1_only(self, real: Cluster) -> None:
        real.install_crds("variant-hyperconverged-v1beta1.yaml")
        assert real.answer("GET", "/apis/hco.kubevirt.io/v1beta1/hyperconvergeds")[0] == 200
        assert real.answer("GET", "/apis/hco.kubevirt.io/v1/hyperconvergeds")[0] == 404
        real.clean()
        assert real.answer("GET", "/apis/hco.kubevirt.io/v1/hyperconvergeds")[0] == 200

    def test_a_removed_crd_is_gone_and_comes_back(self, real: Cluster) -> None:
        real.remove_crd(HCO_CRD)
        assert real.answer("GET", "/apis/hco.kubevirt.io/v1/hyperconvergeds")[0] == 404
        real.install_crds("hyperconverged.yaml")
        assert real.call("GET", "/apis/hco.kubevirt.io/v1/hyperconvergeds")["items"] == []

    def test_a_removed_crd_takes_its_objects_along(self, real: Cluster, namespace: str) -> None:
        real.load([custom("DataImportCron", f"cron-{n}", namespace, spec={}) for n in range(60)])
        real.remove_crd("dataimportcrons.cdi.kubevirt.io")
        real.clean()
        assert real.call("GET", CRONS)["items"] == []


class TestObjects:
    def test_status_is_kept_with_and_without_a_subresource(self, real: Cluster, namespace: str) -> None:
        cron = custom("DataImportCron", "cron", namespace, spec={}, status={"sourceFormat": "pvc"})
        volume = custom("DataVolume", "volume", namespace, spec={}, status={"phase": "Succeeded"})
        claim = custom("PersistentVolumeClaim", "claim", namespace, "v1", status={"phase": "Bound"})
        claim["spec"] = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
        manifests = cron, volume, claim
        real.load(manifests)
        assert [real.get(m)["status"] for m in manifests] == [m["status"] for m in manifests]

    def test_replacing_leaves_nothing_of_the_old(self, real: Cluster, namespace: str) -> None:
        real.apply(custom("DataVolume", "volume", namespace, spec={"old": 1}, status={"phase": "Failed"}))
        new = custom("DataVolume", "volume", namespace, spec={"new": 2})
        real.apply(new)
        assert (real.get(new)["spec"], real.get(new)["status"]) == ({"new": 2}, {})

    def test_what_cannot_be_changed_is_put_in_anew(self, real: Cluster) -> None:
        storage_class = custom("StorageClass", "fast", api="storage.k8s.io/v1", provisioner="first")
        real.apply(storage_class)
        real.apply({**storage_class, "provisioner": "second"})
        assert real.get(storage_class)["provisioner"] == "second"

    def test_references_follow_the_uids_of_the_server(self, real: Cluster, namespace: str) -> None:
        owner = {"apiVersion": "cdi.kubevirt.io/v1beta1", "kind": "DataVolume", "name": "one", "uid": "uid-one"}
        claim = custom("PersistentVolumeClaim", "one", namespace, "v1")
        claim["metadata"] |= {"uid": "uid-one", "ownerReferences": [owner]}
        claim["spec"] = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
        volume = custom("DataVolume", "one", namespace, spec={})
        volume["metadata"]["uid"] = "uid-one"
        real.load([claim, volume])
        assert real.get(claim)["metadata"]["ownerReferences"][0]["uid"] == real.get(volume)["metadata"]["uid"]

    def test_an_object_can_be_under_deletion(self, real: Cluster) -> None:
        storage_class = custom("StorageClass", "going", api="storage.k8s.io/v1", provisioner="p")
        storage_class["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
        real.apply(storage_class)
        meta = real.get(storage_class)["metadata"]
        assert meta["deletionTimestamp"]
        assert meta["finalizers"] == [HOLD]

    def test_loading_many_makes_their_namespaces_and_cleaning_leaves_nothing(self, real: Cluster) -> None:
        crons = [custom("DataImportCron", f"cron-{n}", f"many-{n % 3}", spec={}) for n in range(300)]
        crons[0]["metadata"]["finalizers"] = [HOLD]
        real.load(crons)
        assert len(real.call("GET", CRONS)["items"]) == 300
        real.clean()
        assert real.call("GET", CRONS)["items"] == []
        spaces = {item["metadata"]["name"] for item in real.call("GET", "/api/v1/namespaces")["items"]}
        assert not any(space.startswith(("many-", "test-")) for space in spaces)

    def test_a_namespace_goes_with_what_is_in_it(self, real: Cluster, namespace: str) -> None:
        cron = real.apply(custom("DataImportCron", "cron", namespace, spec={}))
        real.delete(custom("Namespace", namespace, api="v1"))
        assert real.call("GET", CRONS)["items"] == []
        real.apply(cron | {"metadata": {"name": "cron", "namespace": real.namespace(namespace)}})


class TestHistory:
    def test_a_list_by_watch_ends_with_a_bookmark(self, real: Cluster, namespace: str) -> None:
        real.apply(custom("DataImportCron", "cron", namespace, spec={}))
        events = []
        for event in real.watch(CRONS, INITIAL):
            events.append(event)
            if event["type"] == "BOOKMARK":
                break
        assert [event["type"] for event in events] == ["ADDED", "BOOKMARK"]
        assert events[1]["object"]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}

    def test_with_the_gate_off_a_list_by_watch_is_refused(self, start_api_server: Callable[..., ApiServer]) -> None:
        cluster = Cluster(start_api_server(gates={"WatchList": False}))
        with pytest.raises(ApiError, match="WatchList") as refused:
            next(cluster.watch("/api/v1/configmaps", INITIAL))
        assert refused.value.status == 422
        cluster.close()

    def test_forgotten_history_is_gone(self, real: Cluster, api_server: ApiServer, namespace: str) -> None:
        for name in ("a", "b", "c"):
            real.apply(custom("DataImportCron", name, namespace, spec={}))
        page = real.call("GET", f"{CRONS}?limit=1")["metadata"]
        api_server.forget()
        status, answer = real.answer("GET", f"{CRONS}?limit=1&continue={page['continue']}")
        assert (status, answer["reason"]) == (410, "Expired")
        event = next(real.watch(CRONS, {"resourceVersion": page["resourceVersion"]}))
        assert (event["type"], event["object"]["code"]) == ("ERROR", 410)

    def test_without_caches_compaction_alone_gives_410(
        self, etcd: Etcd, start_api_server: Callable[..., ApiServer]
    ) -> None:
        cluster = Cluster(start_api_server(flags=["--watch-cache=false"]))
        for name in ("a", "b", "c"):
            cluster.apply(config_map(name))
        page = cluster.call("GET", f"{CONFIG_MAPS}?limit=1")["metadata"]
        etcd.compact()
        assert cluster.answer("GET", f"{CONFIG_MAPS}?limit=1&continue={page['continue']}")[0] == 410
        event = next(cluster.watch(CONFIG_MAPS, {"resourceVersion": page["resourceVersion"]}))
        assert (event["type"], event["object"]["code"]) == ("ERROR", 410)
        cluster.close()


class TestUsers:
    def test_nobody_may_nothing(self, real: Cluster) -> None:
        status, answer = real.answer("GET", CRONS, token=FORBIDDEN_TOKEN)
        assert (status, answer["reason"]) == (403, "Forbidden")

    def test_an_unknown_token_is_refused(self, real: Cluster) -> None:
        assert real.answer("GET", CRONS, token="unknown")[0] == 401

    def test_a_grant_is_in_effect_at_once_and_no_wider(self, real: Cluster, namespace: str) -> None:
        user, token = f"system:serviceaccount:{namespace}:reader", real.token(namespace, "reader")
        real.grant(user, {"apiGroups": ["cdi.kubevirt.io"], "resources": ["dataimportcrons"], "verbs": ["list"]})
        secrets = {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}
        real.grant(user, secrets, namespace=namespace)
        paths = CRONS, f"{CDI}/datasources"
        assert [real.answer("GET", path, token=token)[0] for path in paths] == [200, 403]
        assert real.may(user, "get", "", "secrets", namespace=namespace)
        assert not real.may(user, "get", "", "secrets")

    @pytest.mark.parametrize(("seconds", "status"), [(3600, 200), (5, 200), (-1, 401)])
    def test_tokens_expire(self, real: Cluster, namespace: str, seconds: int, status: int) -> None:
        token = real.token(namespace, "account", seconds)
        assert real.answer("GET", "/api", token=token)[0] == status

    def test_a_token_in_a_kubeconfig(self, kubeconfig: Path, api_server: ApiServer) -> None:
        content = yaml.safe_load(kubeconfig.read_text())
        assert content["clusters"][0]["cluster"]["server"] == api_server.url
        assert content["users"][0]["user"] == {"token": "admin-token"}

    @pytest.mark.parametrize(("valid", "status"), [(timedelta(hours=1), 200), (timedelta(seconds=-1), 401)])
    def test_a_client_certificate(
        self, real: Cluster, api_server: ApiServer, tmp_path: Path, valid: timedelta, status: int
    ) -> None:
        certificate = api_server.client_certificate("someone", ["system:masters"], valid)
        path = real.kubeconfig(tmp_path / "kubeconfig", certificate=certificate)
        user = yaml.safe_load(path.read_text())["users"][0]["user"]
        pool = urllib3.PoolManager(
            ca_certs=str(api_server.ca), cert_file=user["client-certificate"], key_file=user["client-key"]
        )
        assert pool.request("GET", f"{api_server.url}{CRONS}", retries=False).status == status
        pool.clear()
