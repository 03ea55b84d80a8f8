"""A real API server takes what is shipped, as it is, and under the restricted Pod Security level."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import urllib3
import yaml

from tests.deploy import schemas
from tests.deploy.rendering import CHART, KUSTOMIZE, NAME, OVERLAYS, ROOT, Object, built, objects_of_kind, overlay, run
from tests.rig.build import build
from tests.rig.cluster import Cluster
from tests.rig.servers import ADMIN_TOKEN

_LEVEL = "pod-security.kubernetes.io"


class Strict:
    """Asks the server to take an object for a trial, and to refuse every field that it does not know."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._http = urllib3.PoolManager(ca_certs=str(cluster.ca))

    def __call__(self, item: Object) -> tuple[int, str, str]:
        """Status, message, and warnings."""
        url = self._cluster.url + self._cluster.path_of(item).rpartition("/")[0]
        response = self._http.request(
            "POST",
            f"{url}?dryRun=All&fieldValidation=Strict",
            body=json.dumps(item),
            headers={"Authorization": f"Bearer {ADMIN_TOKEN}", "Content-Type": "application/json"},
        )
        warnings = " ".join(response.headers.getlist("Warning"))
        return response.status, json.loads(response.data).get("message", ""), warnings

    def close(self) -> None:
        self._http.clear()


@pytest.fixture
def strict(site: Cluster) -> Iterator[Strict]:
    """The server, with the namespaces that things go to; that of the exporter is the shipped one."""
    (namespace,) = objects_of_kind(built(KUSTOMIZE / "base"), "Namespace")
    namespace["metadata"]["labels"] |= {f"{_LEVEL}/warn": "restricted", f"{_LEVEL}/audit": "restricted"}
    site.apply(namespace)
    trial = Strict(site)
    yield trial
    trial.close()


def pod_of(deployment: Object) -> Object:
    template = deployment["spec"]["template"]
    meta = {**template["metadata"], "name": "trial", "namespace": deployment["metadata"]["namespace"]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": template["spec"]}


@pytest.mark.parametrize("name", OVERLAYS)
def test_every_object_is_taken_without_a_warning(strict: Strict, name: str) -> None:
    for item in overlay(name):
        if item["kind"] == "Namespace":
            continue  # it is there
        assert strict(item) == (201, "", ""), item["metadata"]["name"]


@pytest.mark.parametrize("folder", ["grafana-operator", "perses/v1alpha1", "perses/v1alpha2"])
def test_dashboards_of_every_form_are_taken(strict: Strict, folder: str) -> None:
    items = built(ROOT / "dashboards" / folder)
    assert len(items) == 3
    for item in items:
        item["metadata"].setdefault("namespace", NAME)
        assert strict(item) == (201, "", ""), item["metadata"]["name"]


@pytest.mark.parametrize("name", OVERLAYS)
def test_the_pod_is_restricted(strict: Strict, name: str) -> None:
    (deployment,) = objects_of_kind(overlay(name), "Deployment")
    pod = pod_of(deployment)
    assert strict(pod) == (201, "", "")
    for field in ("runAsNonRoot", "seccompProfile"):
        lax = copy.deepcopy(pod)
        del lax["spec"]["securityContext"][field]
        status, message, _ = strict(lax)
        assert status == 403
        assert 'violates PodSecurity "restricted' in message


def test_a_field_that_there_is_not_is_noticed(strict: Strict) -> None:
    (deployment,) = objects_of_kind(built(KUSTOMIZE / "base"), "Deployment")
    deployment["spec"]["template"]["spec"]["containers"][0]["readynessProbe"] = {}
    status, message, _ = strict(deployment)
    assert status == 400
    assert "readynessProbe" in message


@pytest.mark.parametrize("name", OVERLAYS)
def test_kubeconform_agrees(site: Cluster, tmp_path: Path, name: str) -> None:
    location = schemas.write(site, tmp_path)
    manifests = tmp_path / "manifests.yaml"
    items = overlay(name)
    manifests.write_text(yaml.safe_dump_all(items))
    command: list[Any] = [build("kubeconform"), "-strict", "-summary", "-output", "json", "-schema-location", location]
    told = json.loads(run(*command, manifests).stdout)
    assert told["summary"] == {"valid": len(items), "invalid": 0, "errors": 0, "skipped": 0}, told["resources"]
    items[0]["metadata"]["lables"] = {}
    manifests.write_text(yaml.safe_dump_all(items))
    assert json.loads(run(*command, manifests).stdout)["summary"]["invalid"] == 1


def test_helm_installs_upgrades_and_leaves_nothing_behind(site: Cluster, tmp_path: Path) -> None:
    kubeconfig = site.kubeconfig(tmp_path / "kubeconfig")
    helm = build("helm")
    common = ("--namespace", "by-helm", "--kubeconfig", str(kubeconfig))
    installed = run(helm, "install", NAME, CHART, *common, "--create-namespace", "--set", "platform=openshift-platform")
    assert installed.returncode == 0, installed.stderr
    # The server has the operator's CRDs, which `auto` has seen.
    assert "Prometheus is told by a ServiceMonitor" in installed.stdout
    assert "kubectl label namespace by-helm openshift.io/cluster-monitoring=true" in installed.stdout
    assert "bootsource-exporter doctor" in installed.stdout
    path = "/apis/monitoring.coreos.com/v1/namespaces/by-helm/servicemonitors"
    assert [item["metadata"]["name"] for item in site.call("GET", path)["items"]] == [NAME]
    upgraded = run(helm, "upgrade", NAME, CHART, *common, "--set", "monitoring.enabled=false")
    assert upgraded.returncode == 0, upgraded.stderr
    assert "monitoring.enabled is false" in upgraded.stdout
    assert site.call("GET", path)["items"] == []
    assert run(helm, "uninstall", NAME, *common).returncode == 0
    for left in ("/api/v1/namespaces/by-helm/services", "/apis/rbac.authorization.k8s.io/v1/clusterroles"):
        names = [item["metadata"]["name"] for item in site.call("GET", left)["items"]]
        assert NAME not in names
