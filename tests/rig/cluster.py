"""Cluster: an administrator's view of a test API server: create, change and delete objects as the tests need them."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import urllib3
import yaml

from tests.rig.servers import ADMIN_TOKEN, ApiServer

CRDS: Final = Path(__file__).parent.parent / "crds"
_CORE: Final = {"Namespace", "PersistentVolumeClaim", "Pod", "Node", "ServiceAccount", "ConfigMap"}
_SERVER_SET: Final = ("uid", "resourceVersion", "creationTimestamp", "generation", "managedFields", "deletionTimestamp")
_PLURALS: Final = {
    "StorageClass": "storageclasses",
    "VolumeSnapshotClass": "volumesnapshotclasses",
    "SSP": "ssps",
    "CDI": "cdis",
}
_CLUSTER_SCOPED: Final = {
    *("Namespace", "Node", "StorageClass", "StorageProfile", "CDI", "CDIConfig", "VolumeSnapshotClass"),
    *("VolumeSnapshotContent", "ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition"),
}
_WITH_STATUS: Final = {
    *("HyperConverged", "SSP", "DataVolume", "VirtualMachine", "VolumeSnapshot", "StorageProfile", "ImageStream"),
    *(
        "PersistentVolumeClaim",
        "CronJob",
        "Namespace",
        "Node",
        "Pod",
        "VolumeSnapshotContent",
        "VirtualMachineTemplate",
    ),
}
Object = dict[str, Any]


class Cluster:
    """Changes a test cluster as its administrator."""

    def __init__(self, server: ApiServer) -> None:
        self._server = server
        self._http = urllib3.PoolManager(cert_reqs="CERT_NONE", assert_hostname=False, maxsize=8)
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)

    def close(self) -> None:
        """Close all connections."""
        self._http.clear()

    def call(self, method: str, path: str, body: object = None, content: str = "application/json") -> Object:
        """One request; fails with the server's message."""
        status, answer = self.answer(method, path, body, content)
        if status >= 300:
            raise RuntimeError(f"{method} {path}: {status} {answer.get('message')}")
        return answer

    def answer(
        self, method: str, path: str, body: object = None, content: str = "application/json"
    ) -> tuple[int, Object]:
        """One request: status and body."""
        headers = {"Authorization": f"Bearer {ADMIN_TOKEN}", "Content-Type": content}
        data = json.dumps(body) if body is not None else None
        response = self._http.request(
            method, self._server.url + path, body=data, headers=headers, timeout=30, retries=False
        )
        if "json" not in response.headers.get("Content-Type", ""):
            return response.status, {"message": response.data.decode(errors="replace")}
        parsed: Object = json.loads(response.data)
        return response.status, parsed

    def apply(self, manifest: Mapping[str, Any]) -> Object:
        """Create the object, or replace the one of this name; its status too, where that is written separately."""
        wanted = dict(manifest)
        meta = {k: v for k, v in manifest["metadata"].items() if k not in _SERVER_SET}
        wanted["metadata"] = meta
        collection = path_of(wanted)
        status, made = self.answer("POST", collection, wanted)
        if status == 409:
            old = self.call("GET", f"{collection}/{meta['name']}")
            wanted["metadata"] = {**meta, "resourceVersion": old["metadata"]["resourceVersion"]}
            made = self.call("PUT", f"{collection}/{meta['name']}", wanted)
        elif status >= 300:
            raise RuntimeError(f"{manifest['kind']} {meta['name']}: {status} {made.get('message')}")
        if manifest["kind"] in _WITH_STATUS and manifest.get("status"):
            made["status"] = manifest["status"]
            made = self.call("PUT", f"{collection}/{meta['name']}/status", made)
        return made

    def load(self, manifests: Iterable[Mapping[str, Any]]) -> None:
        """Create many objects, namespaces first, those that nobody lists included."""
        manifests = list(manifests)
        named = {m["metadata"]["name"] for m in manifests if m["kind"] == "Namespace"}
        needed = {m["metadata"]["namespace"] for m in manifests if m["metadata"].get("namespace")}
        for name in sorted(needed - named - {"default"}):
            self.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
        for manifest in sorted(manifests, key=lambda m: m["kind"] != "Namespace"):
            self.apply(manifest)

    def patch(self, manifest: Mapping[str, Any], change: Mapping[str, Any], subresource: str = "") -> Object:
        """Merge a change into an object."""
        path = f"{path_of(manifest)}/{manifest['metadata']['name']}" + (f"/{subresource}" if subresource else "")
        return self.call("PATCH", path, change, "application/merge-patch+json")

    def delete(self, manifest: Mapping[str, Any]) -> None:
        """Delete an object; it may be gone already."""
        status, answer = self.answer("DELETE", f"{path_of(manifest)}/{manifest['metadata']['name']}")
        if status not in (200, 202, 404):
            raise RuntimeError(f"delete {manifest['kind']}: {status} {answer.get('message')}")

    def empty(self, manifests: Iterable[Mapping[str, Any]]) -> None:
        """Delete these objects."""
        for manifest in manifests:
            self.delete(manifest)

    def install_crds(self, *files: str) -> None:
        """Install CRDs, by default all that current clusters have, and wait until they are served."""
        names = files or tuple(sorted(p.name for p in CRDS.glob("*.yaml") if not p.name.startswith("variant-")))
        for name in names:
            for crd in yaml.safe_load_all((CRDS / name).read_text()):
                self.apply(crd)
                self.await_served(crd)

    def remove_crd(self, name: str) -> None:
        """Remove a CRD and wait until it is gone."""
        path = f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{name}"
        self.answer("DELETE", path)
        _await(lambda: self.answer("GET", path)[0] == 404, f"{name} is still there")

    def await_served(self, crd: Mapping[str, Any]) -> None:
        """Wait until every version of the CRD can be listed."""
        group, plural = crd["spec"]["group"], crd["spec"]["names"]["plural"]
        for version in crd["spec"]["versions"]:
            path = f"/apis/{group}/{version['name']}/{plural}?limit=1"
            _await(lambda path=path: self.answer("GET", path)[0] == 200, f"{path} is not served")

    def token(self, namespace: str, account: str, seconds: int = 600) -> str:
        """A token of a service account, which is made if need be."""
        self.answer(
            "POST", "/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
        )
        accounts = f"/api/v1/namespaces/{namespace}/serviceaccounts"
        self.answer("POST", accounts, {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": account}})
        request = {
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenRequest",
            "spec": {"expirationSeconds": seconds},
        }
        made = self.call("POST", f"{accounts}/{account}/token", request)
        return str(made["status"]["token"])

    def kubeconfig(self, path: Path, token: str = ADMIN_TOKEN) -> Path:
        """Write a kubeconfig for this server with a token."""
        content = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "test",
            "clusters": [
                {"name": "test", "cluster": {"server": self._server.url, "certificate-authority": str(self._server.ca)}}
            ],
            "users": [{"name": "test", "user": {"token": token}}],
            "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
        }
        path.write_text(yaml.safe_dump(content))
        return path


def path_of(manifest: Mapping[str, Any]) -> str:
    """The path of the collection that an object belongs to."""
    api, kind, meta = manifest["apiVersion"], manifest["kind"], manifest["metadata"]
    root = f"/api/{api}" if "/" not in api else f"/apis/{api}"
    plural = _PLURALS.get(kind) or kind.lower() + "s"
    scope = "" if kind in _CLUSTER_SCOPED else f"namespaces/{meta.get('namespace', 'default')}/"
    return f"{root}/{scope}{plural}"


def _await(done: Any, complaint: str) -> None:
    deadline = time.monotonic() + 30
    while not done():
        if time.monotonic() > deadline:
            raise RuntimeError(complaint)
        time.sleep(0.05)
