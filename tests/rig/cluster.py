"""Cluster: an administrator's view of a test API server: create, change and delete objects as the tests need them."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, Final

import urllib3
import yaml

from tests.rig.pki import Certificate
from tests.rig.servers import ADMIN_TOKEN, ApiServer

CRDS: Final = Path(__file__).parent.parent / "crds"
HOLD: Final = "bootsource.test/hold"
_CRDS_PATH: Final = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
_RBAC: Final = "rbac.authorization.k8s.io"
_SERVER_SET: Final = ("uid", "resourceVersion", "creationTimestamp", "generation", "managedFields", "deletionTimestamp")
_SHORTEST: Final = 600  # seconds; a TokenRequest takes no less
_AT_ONCE: Final = 8
_MANY: Final = 50
_TRIES: Final = 5
_AWAITED: Final = 30.0
_NUMBERS: Final = itertools.count(1)
# After a start, and when a CRD is new, the server answers 429 until it has filled its caches.
_UNTIL_READY: Final = urllib3.Retry(
    total=None,
    connect=0,
    read=0,
    redirect=0,
    other=0,
    status=100,
    allowed_methods=None,
    status_forcelist=[429],
    backoff_factor=0.1,
    backoff_max=0.2,
    respect_retry_after_header=False,
    raise_on_status=False,
)
Object = dict[str, Any]


class ApiError(RuntimeError):
    """The API server answered with an error."""

    def __init__(self, what: str, status: int, answer: Mapping[str, Any]) -> None:
        super().__init__(f"{what}: {status} {answer.get('message')}")
        self.status = status
        self.answer = answer


@dataclass(frozen=True)
class _Served:
    """What discovery says of a kind."""

    plural: str
    namespaced: bool
    has_status: bool


class Cluster:
    """Changes a test cluster as its administrator; remembers what it made, so that `clean` can remove that."""

    def __init__(self, server: ApiServer) -> None:
        self.server = server
        self._http = urllib3.PoolManager(ca_certs=str(server.ca), maxsize=_AT_ONCE, block=True)
        self._kinds: dict[tuple[str, str], _Served] = {}
        self._made: dict[str, None] = {}
        self._crds_changed = False

    @property
    def url(self) -> str:
        """The server's address."""
        return self.server.url

    @property
    def ca(self) -> Path:
        """The server's CA certificate."""
        return self.server.ca

    def close(self) -> None:
        """Close all connections."""
        self._http.clear()

    # Requests

    def call(self, method: str, path: str, body: object = None, content: str = "application/json") -> Object:
        """One request; fails with the server's message."""
        status, answer = self.answer(method, path, body, content)
        if status >= 300:
            raise ApiError(f"{method} {path}", status, answer)
        return answer

    def answer(
        self,
        method: str,
        path: str,
        body: object = None,
        content: str = "application/json",
        token: str = ADMIN_TOKEN,
    ) -> tuple[int, Object]:
        """One request, the administrator's or another user's: status and body."""
        url, headers = self.server.url + path, {"Authorization": f"Bearer {token}", "Content-Type": content}
        data = json.dumps(body, default=_text) if body is not None else None
        response = self._http.request(method, url, body=data, headers=headers, timeout=30, retries=_UNTIL_READY)
        if "json" not in response.headers.get("Content-Type", ""):
            return response.status, {"message": response.data.decode(errors="replace")}
        parsed: Object = json.loads(response.data)
        if method == "POST" and response.status == 201 and not path.endswith("/token"):
            self._remember(path, parsed)
        return response.status, parsed

    def watch(
        self, path: str, query: Mapping[str, str] | None = None, *, seconds: int = 5, token: str = ADMIN_TOKEN
    ) -> Iterator[Object]:
        """The events of a watch for so long; `query` as in the URL, such as {"resourceVersion": "7"}."""
        fields = {"watch": "1", "timeoutSeconds": str(seconds), **(query or {})}
        url, headers = self.server.url + path, {"Authorization": f"Bearer {token}"}
        response = self._http.request(
            "GET",
            url,
            fields=fields,
            headers=headers,
            timeout=seconds + 10,
            retries=_UNTIL_READY,
            preload_content=False,
        )
        try:
            if response.status != 200:
                raise ApiError(f"watch {path}", response.status, json.loads(response.read()))
            for line in response:
                yield json.loads(line)
        finally:
            response.close()

    def get(self, manifest: Mapping[str, Any]) -> Object:
        """The object of this kind and name as the server has it."""
        return self.call("GET", self.path_of(manifest))

    def path_of(self, manifest: Mapping[str, Any]) -> str:
        """The path of an object; of the collection that it belongs to if it has no name."""
        meta = manifest.get("metadata", {})
        served = self._find_served(manifest["apiVersion"], manifest["kind"])
        scope = f"/namespaces/{meta.get('namespace', 'default')}" if served.namespaced else ""
        name = f"/{meta['name']}" if "name" in meta else ""
        return f"{_root(manifest['apiVersion'])}{scope}/{served.plural}{name}"

    # Objects

    def apply(self, manifest: Mapping[str, Any]) -> Object:
        """Create the object, or replace the one of this name; its status too, where that is written separately.

        A deletionTimestamp makes it an object whose deletion waits for a finalizer.
        """
        meta = {key: value for key, value in manifest["metadata"].items() if key not in _SERVER_SET}
        deleted = manifest["metadata"].get("deletionTimestamp")
        if deleted and not meta.get("finalizers"):
            meta["finalizers"] = [HOLD]
        wanted = {**manifest, "metadata": meta}
        served = self._find_served(wanted["apiVersion"], wanted["kind"])
        path = self.path_of(wanted)
        status, made = self.answer("POST", path.rpartition("/")[0], wanted)
        replaced = status == 409
        if replaced:
            made = self._replace(path, wanted)
        elif status >= 300:
            raise ApiError(f"{wanted['kind']} {meta['name']}", status, made)
        stale = replaced and "." in wanted["apiVersion"] and made.get("status")
        if served.has_status and (wanted.get("status") or stale):
            made = self.call("PUT", f"{path}/status", {**made, "status": wanted.get("status") or {}})
        if deleted:
            made = self.call("DELETE", path, {"propagationPolicy": "Background"})
        if wanted["kind"] == "CustomResourceDefinition":
            self._forget_kinds()
        return made

    def load(self, manifests: Iterable[Mapping[str, Any]]) -> None:
        """Create a whole cluster: namespaces first, listed or not, then all else, several objects at a time.

        The server gives its own uids; references to objects among these are changed to match.
        """
        listed = [item for manifest in manifests for item in _items(manifest)]
        spaces = {m["metadata"]["name"]: m for m in listed if m["kind"] == "Namespace"}
        waiting = {self._key(m): m for m in listed if m["kind"] != "Namespace"}
        uids: dict[tuple[str, str, str], str] = {}
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for made in pool.map(self.apply, spaces.values()):
                uids["Namespace", "", made["metadata"]["name"]] = made["metadata"]["uid"]
            list(pool.map(self.namespace, sorted({space for _, space, _ in waiting if space} - set(spaces))))
            while waiting:
                held = {key for key, m in waiting.items() if any(k in waiting and k != key for k in _references(m))}
                ready = {key: m for key, m in waiting.items() if key not in held} or dict(waiting)
                for key, made in zip(ready, pool.map(partial(self._apply_with, uids), ready.values()), strict=True):
                    uids[key] = made["metadata"]["uid"]
                    del waiting[key]

    def patch(self, manifest: Mapping[str, Any], change: Mapping[str, Any], subresource: str = "") -> Object:
        """Merge a change into an object."""
        path = self.path_of(manifest) + (f"/{subresource}" if subresource else "")
        return self.call("PATCH", path, change, "application/merge-patch+json")

    def delete(self, manifest: Mapping[str, Any]) -> None:
        """Delete an object; it may be gone already, and stays if it has finalizers. A namespace goes with its content.

        No controller runs here: what the object owns is not deleted.
        """
        path = self.path_of(manifest)
        if manifest["kind"] == "Namespace":
            self._remove(path)
            return
        status, answer = self.answer("DELETE", path, {"propagationPolicy": "Background"})
        if status not in (200, 202, 404):
            raise ApiError(f"delete {manifest['kind']}", status, answer)

    def empty(self, manifests: Iterable[Mapping[str, Any]]) -> None:
        """Delete these objects."""
        for manifest in manifests:
            self.delete(manifest)

    def namespace(self, name: str) -> str:
        """Make a namespace, if need be."""
        status, answer = self.answer("POST", "/api/v1/namespaces", _bare("v1", "Namespace", name))
        if status not in (201, 409):
            raise ApiError(f"Namespace {name}", status, answer)
        return name

    def clean(self) -> None:
        """Remove all that was made through this object, and restore the CRDs if they were changed."""
        made = [*self._made]
        self._made.clear()
        collections: dict[str, list[str]] = {}
        for path in made:
            collections.setdefault(path.rpartition("/")[0], []).append(path)
        spaces = collections.pop("/api/v1/namespaces", [])
        crds = collections.pop(_CRDS_PATH, [])
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            left = [path for paths in pool.map(self._shrink, collections, collections.values()) for path in paths]
            list(pool.map(self._remove, left))
            list(pool.map(self._remove, spaces))
        for name in {path.rpartition("/")[2] for path in crds} - {crd["metadata"]["name"] for crd in _crds(_current())}:
            self.remove_crd(name)
        if self._crds_changed:
            self.install_crds()
            self._crds_changed = False

    # Custom resources

    def install_crds(self, *files: str) -> None:
        """Install CRDs, by default all that current clusters have, and wait until they are served."""
        crds = _crds(files or _current())
        self._crds_changed = True
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(self._install_crd, crds))
            list(pool.map(self.await_served, crds))

    def remove_crd(self, name: str) -> None:
        """Remove a CRD with all its objects and wait until it is gone and no longer served."""
        self._forget_kinds()
        path = f"{_CRDS_PATH}/{name}"
        status, crd = self.answer("GET", path)
        if status == 404:
            return
        self.call("DELETE", path)
        plural, group = crd["spec"]["names"]["plural"], crd["spec"]["group"]
        served = [f"/apis/{group}/{version['name']}/{plural}?limit=1" for version in crd["spec"]["versions"]]
        for gone in (path, *served):
            self._await(partial(self._is_gone, gone), f"{gone} is still there")

    def await_served(self, crd: Mapping[str, Any]) -> None:
        """Wait until every version of the CRD is established, discovered and listed."""
        group, plural = crd["spec"]["group"], crd["spec"]["names"]["plural"]
        for version in crd["spec"]["versions"]:
            root = f"/apis/{group}/{version['name']}"
            self._await(partial(self._lists, f"{root}/{plural}?limit=1"), f"{root}/{plural} is not served")
            self._await(partial(self._discovers, root, plural), f"{root} does not name {plural}")

    # Users

    def token(self, namespace: str, account: str, seconds: float = _SHORTEST) -> str:
        """A token of a ServiceAccount, which is made if need be. See `ApiServer.account_token` for less than 600 s."""
        self.namespace(namespace)
        accounts = f"/api/v1/namespaces/{namespace}/serviceaccounts"
        self.answer("POST", accounts, _bare("v1", "ServiceAccount", account))
        if seconds < _SHORTEST:
            return self.server.account_token(self.call("GET", f"{accounts}/{account}"), seconds)
        request = _bare("authentication.k8s.io/v1", "TokenRequest", account) | {"spec": {"expirationSeconds": seconds}}
        return str(self.call("POST", f"{accounts}/{account}/token", request)["status"]["token"])

    def grant(self, user: str, *rules: Mapping[str, Sequence[str]], namespace: str = "") -> tuple[Object, Object]:
        """Allow a user this, everywhere or in one namespace: the role and its binding, in effect when this returns.

        The user of a ServiceAccount is called system:serviceaccount:<namespace>:<name>.
        """
        number, scope = next(_NUMBERS), "" if namespace else "Cluster"
        where = {"namespace": namespace} if namespace else {}
        meta = {"metadata": {"name": f"grant-{number}", **where}}
        role: Object = {"apiVersion": f"{_RBAC}/v1", "kind": f"{scope}Role", **meta, "rules": [*rules]}
        binding: Object = {"apiVersion": f"{_RBAC}/v1", "kind": f"{scope}RoleBinding", **meta}
        binding["subjects"] = [{"apiGroup": _RBAC, "kind": "User", "name": user}]
        binding["roleRef"] = {"apiGroup": _RBAC, "kind": role["kind"], "name": f"grant-{number}"}
        made = self.apply(role), self.apply(binding)
        for rule in rules:
            if "resources" in rule:
                asked = rule["verbs"][0], rule["apiGroups"][0], rule["resources"][0]
                self._await(partial(self.may, user, *asked, namespace=namespace), f"{user} may not {asked}")
        return made

    def may(self, user: str, verb: str, group: str, resource: str, *, namespace: str = "") -> bool:
        """Whether the user is allowed this, everywhere or in the namespace."""
        resource, _, subresource = resource.partition("/")
        attributes = {"verb": verb, "group": group, "resource": resource, "subresource": subresource}
        review = {"user": user, "resourceAttributes": {**attributes, "namespace": namespace}}
        body = {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": review}
        made = self.call("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", body)
        return bool(made["status"]["allowed"])

    def allow(self, namespace: str, account: str) -> None:
        """Let a service account do everything."""
        rbac = "rbac.authorization.k8s.io"
        subject = {"kind": "ServiceAccount", "namespace": namespace, "name": account}
        role = {"apiGroup": rbac, "kind": "ClusterRole", "name": "cluster-admin"}
        meta = {"name": f"{namespace}-{account}"}
        binding = {"apiVersion": f"{rbac}/v1", "kind": "ClusterRoleBinding", "metadata": meta}
        self.apply({**binding, "roleRef": role, "subjects": [subject]})

    def kubeconfig(self, path: Path, token: str = ADMIN_TOKEN, certificate: Certificate | None = None) -> Path:
        """Write a kubeconfig for this server with a token, or with a client certificate instead."""
        user = {"token": token}
        if certificate:
            user = {"client-certificate": str(certificate.certificate), "client-key": str(certificate.key)}
        server = {"server": self.server.url, "certificate-authority": str(self.server.ca)}
        content = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "test",
            "clusters": [{"name": "test", "cluster": server}],
            "users": [{"name": "test", "user": user}],
            "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
        }
        path.write_text(yaml.safe_dump(content))
        return path

    # Details

    def _find_served(self, api: str, kind: str) -> _Served:
        if (api, kind) not in self._kinds:
            resources = self.call("GET", _root(api))["resources"]
            names = {resource["name"] for resource in resources}
            for resource in resources:
                if "/" not in resource["name"]:
                    plural = resource["name"]
                    served = _Served(plural, resource["namespaced"], f"{plural}/status" in names)
                    self._kinds[api, resource["kind"]] = served
        if (api, kind) not in self._kinds:
            raise LookupError(f"the server has no {kind} in {api}")
        return self._kinds[api, kind]

    def _forget_kinds(self) -> None:
        self._crds_changed = True
        self._kinds.clear()

    def _remember(self, collection: str, made: Mapping[str, Any]) -> None:
        name = made.get("metadata", {}).get("name")
        if name:
            self._made[f"{collection}/{name}"] = None

    def _key(self, manifest: Mapping[str, Any]) -> tuple[str, str, str]:
        namespaced = self._find_served(manifest["apiVersion"], manifest["kind"]).namespaced
        meta = manifest["metadata"]
        return manifest["kind"], meta.get("namespace", "default") if namespaced else "", meta["name"]

    def _apply_with(self, uids: Mapping[tuple[str, str, str], str], manifest: Mapping[str, Any]) -> Object:
        if any(key in uids for key in _references(manifest)):
            manifest = _with_uids(manifest, uids, manifest["metadata"].get("namespace", ""))
        return self.apply(manifest)

    def _replace(self, path: str, wanted: Mapping[str, Any]) -> Object:
        """Put the new content in; where a field cannot be changed, put the object in anew."""
        for _ in range(_TRIES):
            old = self.call("GET", path)
            meta = {**wanted["metadata"], "resourceVersion": old["metadata"]["resourceVersion"]}
            status, made = self.answer("PUT", path, {**wanted, "metadata": meta})
            if status == 422:
                self._remove(path)
                return self.call("POST", path.rpartition("/")[0], wanted)
            if status < 300:
                return made
            if status != 409:
                break
        raise ApiError(f"PUT {path}", status, made)

    def _shrink(self, collection: str, paths: list[str]) -> list[str]:
        """Delete what is in a namespace at one go if it is much; what is left to delete."""
        if len(paths) <= _MANY or "/namespaces/" not in collection:
            return paths
        self.answer("DELETE", collection)  # which may be gone with its CRD
        items = self.answer("GET", collection)[1].get("items", [])
        return [f"{collection}/{item['metadata']['name']}" for item in items]

    def _remove(self, path: str) -> None:
        """Delete an object for good, whatever its finalizers wait for."""
        is_namespace = path.startswith("/api/v1/namespaces/") and path.count("/") == 4
        if is_namespace:
            inside = [made for made in self._made if f"/namespaces/{path.rpartition('/')[2]}/" in made]
            for made in inside:
                self._remove(made)
                self._made.pop(made, None)
        status, answer = self.answer("DELETE", path, {"propagationPolicy": "Background", "gracePeriodSeconds": 0})
        if status == 404:
            return
        if status >= 300:
            raise ApiError(f"DELETE {path}", status, answer)
        if is_namespace:
            self.answer("PUT", f"{path}/finalize", {**self.call("GET", path), "spec": {"finalizers": []}})
        if answer.get("kind") != "Status":
            self.answer("PATCH", path, {"metadata": {"finalizers": None}}, "application/merge-patch+json")

    def _install_crd(self, crd: Mapping[str, Any]) -> None:
        name = crd["metadata"]["name"]
        status, old = self.answer("GET", f"{_CRDS_PATH}/{name}")
        if status == 200 and set(old["status"]["storedVersions"]) - {v["name"] for v in crd["spec"]["versions"]}:
            self.remove_crd(name)
        self.apply(crd)

    def _lists(self, path: str) -> bool:
        return self.answer("GET", path)[0] == 200

    def _is_gone(self, path: str) -> bool:
        return self.answer("GET", path)[0] == 404

    def _discovers(self, root: str, plural: str) -> bool:
        status, answer = self.answer("GET", root)
        return status == 200 and plural in {resource["name"] for resource in answer["resources"]}

    @staticmethod
    def _await(done: Callable[[], bool], complaint: str) -> None:
        deadline = time.monotonic() + _AWAITED
        while not done():
            if time.monotonic() > deadline:
                raise RuntimeError(complaint)
            time.sleep(0.02)


def _root(api: str) -> str:
    return f"/apis/{api}" if "/" in api else f"/api/{api}"


def _bare(api: str, kind: str, name: str) -> Object:
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name}}


def _text(value: object) -> str:
    """YAML has instants, JSON has not."""
    if isinstance(value, date):
        return value.isoformat().replace("+00:00", "Z")
    raise TypeError(f"{type(value).__name__} in a manifest")


def _current() -> tuple[str, ...]:
    """The CRD files of current clusters; a variant stands in for one of them on older clusters."""
    return tuple(sorted(path.name for path in CRDS.glob("*.yaml") if not path.name.startswith("variant-")))


def _crds(files: Iterable[str]) -> list[Object]:
    return [crd for name in files for crd in yaml.safe_load_all((CRDS / name).read_text()) if crd]


def _items(manifest: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """A list stands for what it lists."""
    if manifest["kind"].endswith("List") and "items" in manifest:
        for item in manifest["items"]:
            yield from _items(item)
    else:
        yield manifest


def _references(value: object, namespace: str | None = None) -> Iterator[tuple[str, str, str]]:
    """Who is referred to by kind, name and uid, anywhere in the object; each also as if it had no namespace."""
    if isinstance(value, Mapping):
        if namespace is None:
            namespace = value.get("metadata", {}).get("namespace", "")
        if {"kind", "name", "uid"} <= value.keys():
            yield value["kind"], value.get("namespace", namespace), value["name"]
            yield value["kind"], "", value["name"]
        for inner in value.values():
            yield from _references(inner, namespace)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner, namespace)


def _with_uids(value: Any, uids: Mapping[tuple[str, str, str], str], namespace: str) -> Any:
    if isinstance(value, Mapping):
        changed = {key: _with_uids(inner, uids, namespace) for key, inner in value.items()}
        if {"kind", "name", "uid"} <= value.keys():
            kind, name, space = value["kind"], value["name"], value.get("namespace", namespace)
            changed["uid"] = uids.get((kind, space, name)) or uids.get((kind, "", name)) or value["uid"]
        return changed
    if isinstance(value, list):
        return [_with_uids(inner, uids, namespace) for inner in value]
    return value
