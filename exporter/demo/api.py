"""A small Kubernetes API server in memory, for the sample cluster: discovery, list, watch, WatchList, bookmarks, 410.

The exporter watches it over HTTP like any other cluster, so that the demo shows the real thing. Read only for clients;
the sample cluster's life changes its objects from inside.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition, Thread
from types import TracebackType
from typing import Any, ClassVar, Final, Self
from urllib.parse import parse_qs, urlsplit

from exporter.cluster.resource import Resource
from exporter.kube.contract import Key

Object = dict[str, Any]
_HISTORY: Final = 4096
"""Events that are kept: a watch from before them gets a 410."""
_BOOKMARK: Final = 20.0
"""Seconds of silence after which a watch gets a bookmark."""
_END_OF_LIST: Final = {"k8s.io/initial-events-end": "true"}


class ObjectStore:
    """All objects of the cluster, and the events by which they came about."""

    def __init__(self, resources: Iterable[Resource[Any]]) -> None:
        self.changed = Condition()
        self.version = 1
        self._resources = {r.kind: r for r in resources}
        self._objects: dict[Resource[Any], dict[Key, Object]] = {r: {} for r in self._resources.values()}
        self._events: deque[tuple[int, Resource[Any], str, Object]] = deque(maxlen=_HISTORY)

    def put(self, manifest: Object) -> None:
        """Create or replace an object."""
        resource = self._resources[manifest["kind"]]
        key = _key(manifest)
        with self.changed:
            type_ = "MODIFIED" if key in self._objects[resource] else "ADDED"
            self._record(resource, type_, manifest)
            self._objects[resource][key] = manifest

    def delete(self, kind: str, namespace: str, name: str) -> None:
        """Delete an object; nothing happens if there is none."""
        resource = self._resources[kind]
        with self.changed:
            gone = self._objects[resource].pop(Key(namespace, name), None)
            if gone is not None:
                self._record(resource, "DELETED", gone)

    def get(self, kind: str, namespace: str, name: str) -> Object:
        """A copy of an object."""
        with self.changed:
            found = self._objects[self._resources[kind]][Key(namespace, name)]
            copy: Object = json.loads(json.dumps(found))
            return copy

    def list_objects(self, resource: Resource[Any], namespace: str) -> tuple[list[Object], int]:
        """All objects of a resource, and the version at which this is so."""
        with self.changed:
            rows = self._objects[resource]
            return [rows[k] for k in sorted(rows) if namespace in ("", k.namespace)], self.version

    def since(self, version: int, resource: Resource[Any]) -> list[tuple[int, str, Object]] | None:
        """The events after a version; None if they are forgotten. Call it with `changed` held."""
        oldest = self._events[0][0] if self._events else self.version + 1
        if version + 1 < oldest and len(self._events) == _HISTORY:
            return None
        return [(v, type_, o) for v, r, type_, o in self._events if v > version and r is resource]

    def _record(self, resource: Resource[Any], type_: str, manifest: Object) -> None:
        self.version += 1
        manifest["metadata"]["resourceVersion"] = str(self.version)
        self._events.append((self.version, resource, type_, json.loads(json.dumps(manifest))))
        self.changed.notify_all()

    @property
    def resources(self) -> tuple[Resource[Any], ...]:
        """The resources that are served."""
        return tuple(self._objects)


def _key(manifest: Object) -> Key:
    meta = manifest["metadata"]
    return Key(meta.get("namespace", ""), meta["name"])


class DemoApi:
    """Serves the objects on a loopback port, from `with` to its end."""

    def __init__(self, objects: ObjectStore) -> None:
        handler = type("Handler", (_Handler,), {"objects": objects})
        self._server = _HttpServer(("127.0.0.1", 0), handler)
        self._thread = Thread(target=self._server.serve_forever, args=(0.1,), name="demo-api", daemon=True)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        """Start to serve."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop to serve, and end all watches."""
        self._server.ended = True
        objects: ObjectStore = self._server.RequestHandlerClass.objects  # type: ignore[attr-defined]
        with objects.changed:
            objects.changed.notify_all()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _HttpServer(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    ended = False


class _Handler(BaseHTTPRequestHandler):
    objects: ClassVar[ObjectStore]
    server: _HttpServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Discovery, a list, or a watch."""
        url = urlsplit(self.path)
        query = {k: v[0] for k, v in parse_qs(url.query).items()}
        parts = url.path.strip("/").split("/")
        version, rest = ("/".join(parts[1:3]), parts[3:]) if parts[0] == "apis" else (parts[1], parts[2:])
        if not rest:
            self._discovery(version)
            return
        namespace, plural = (rest[1], rest[2]) if rest[0] == "namespaces" and len(rest) > 2 else ("", rest[0])
        resource = self._resource(version, plural)
        if resource is None:
            self._status(404, f"{url.path} is not served")
        elif query.get("watch") == "true":
            self._watch(resource, namespace, query)
        else:
            self._list(resource, namespace, version)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401  (the base class's signature)
        """Say nothing: this server is a part of the demo."""

    def _resource(self, version: str, plural: str) -> Resource[Any] | None:
        served = (r for r in self.objects.resources if r.plural == plural and version == _served_version(r))
        return next(served, None)

    def _discovery(self, version: str) -> None:
        found = [r for r in self.objects.resources if version == _served_version(r)]
        if not found:
            self._status(404, f"{version} is not served")
            return
        names = [{"name": r.plural, "kind": r.kind} for r in found]
        self._json(200, {"kind": "APIResourceList", "groupVersion": version, "resources": names})

    def _list(self, resource: Resource[Any], namespace: str, version: str) -> None:
        items, at = self.objects.list_objects(resource, namespace)
        head = {"apiVersion": version, "kind": f"{resource.kind}List", "metadata": {"resourceVersion": str(at)}}
        self._json(200, {**head, "items": items})

    def _status(self, code: int, message: str) -> None:
        self._json(code, {"kind": "Status", "status": "Failure", "code": code, "message": message})

    def _json(self, code: int, body: Object) -> None:
        raw = json.dumps(body, separators=(",", ":")).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def _watch(self, resource: Resource[Any], namespace: str, query: dict[str, str]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            for type_, item in self._events(resource, namespace, query):
                line = json.dumps({"type": type_, "object": item}, separators=(",", ":")).encode() + b"\n"
                self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
            self.wfile.write(b"0\r\n\r\n")
        except OSError:
            self.close_connection = True  # the client has gone

    def _news(self, version: int, resource: Resource[Any]) -> bool:
        return self.server.ended or self.objects.since(version, resource) != []

    def _events(self, resource: Resource[Any], namespace: str, query: dict[str, str]) -> Iterator[tuple[str, Object]]:
        version = int(query.get("resourceVersion") or 0)
        if query.get("sendInitialEvents") == "true":
            items, version = self.objects.list_objects(resource, namespace)
            yield from (("ADDED", item) for item in items)
            yield "BOOKMARK", _bookmark(version, _END_OF_LIST)
        left = float(query.get("timeoutSeconds") or 300)
        while left > 0 and not self.server.ended:
            with self.objects.changed:
                woken = self.objects.changed.wait_for(partial(self._news, version, resource), _BOOKMARK)
                events = self.objects.since(version, resource)
                now = self.objects.version
            if events is None:
                yield "ERROR", {"kind": "Status", "code": 410, "message": "too old resource version"}
                return
            yield from ((t, o) for _, t, o in events if namespace in ("", o["metadata"].get("namespace", "")))
            version = max(version, now)
            if not woken:
                left -= _BOOKMARK
                yield "BOOKMARK", _bookmark(version, {})


def _served_version(resource: Resource[Any]) -> str:
    """The group and version under which this server serves a resource: the one that we prefer."""
    return f"{resource.group}/{resource.versions[0]}" if resource.group else resource.versions[0]


def _bookmark(version: int, annotations: dict[str, str]) -> Object:
    return {"metadata": {"resourceVersion": str(version), "annotations": annotations}}
