"""A scripted API server: a list of answers per kind of request, over real sockets, and every fault one can think of."""

from __future__ import annotations

import json
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from exporter.base.clock import Clock
from exporter.cluster.resource import Resource
from exporter.cluster.resources import DATA_SOURCES
from exporter.kube.backoff import Timing
from exporter.kube.client import Client
from exporter.kube.connection import Connection
from exporter.kube.contract import Item, Key, Rejected, State
from exporter.kube.discovery import Target
from exporter.kube.reflector import Reflector

Object = dict[str, Any]
Answer = Callable[["Request"], None]
TARGET = Target(DATA_SOURCES.group, DATA_SOURCES.versions, DATA_SOURCES.plural)
ROOT = f"/apis/{TARGET.group}/{TARGET.versions[0]}"
PATH = f"{ROOT}/{TARGET.plural}"


class Request(BaseHTTPRequestHandler):
    """One request, to be answered by the script."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server
    sent: Any = None

    def do_GET(self) -> None:
        """Look the answer up and give it."""
        url = urlsplit(self.path)
        self.query = {k: v[0] for k, v in parse_qs(url.query).items()}
        self.server.api.answer(url.path, self)

    def do_CONNECT(self) -> None:
        """Take note of who asks a proxy for a tunnel, and refuse."""
        asked = (self.path, self.headers["Proxy-Authorization"], self.headers["Authorization"])
        self.server.api.tunnels.append(asked)
        self.body(501, {})

    def do_POST(self) -> None:
        """Take the body and answer as usual."""
        self.sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.do_GET()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""

    def body(self, code: int, value: object, **headers: str) -> None:
        """Answer with JSON."""
        self.raw(code, json.dumps(value).encode(), **headers)

    def raw(self, code: int, data: bytes, **headers: str) -> None:
        """Answer with these bytes."""
        self.send_response(code)
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def begin(self) -> None:
        """Begin a chunked answer."""
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def chunk(self, data: bytes) -> None:
        """One chunk; an empty one ends the answer."""
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def cut(self) -> None:
        """Break the connection off."""
        self.connection.shutdown(socket.SHUT_RDWR)
        self.close_connection = True

    def hold(self) -> None:
        """Say nothing until the test is over."""
        self.server.api.over.wait(20)


class Server(ThreadingHTTPServer):
    """Knows the script."""

    daemon_threads = True
    block_on_close = False
    api: FakeApi

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that go away or refuse us are a part of the test."""


class FakeApi:
    """Answers discovery by itself, lists and watches by script; the last answer of a script is repeated."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.over = threading.Event()
        self.served = True
        self.also_served = ""
        self.paths: list[str] = []
        self.discovery: list[Answer] = []
        self.lists: list[Answer] = []
        self.watches: list[Answer] = []
        self.requests: list[dict[str, str]] = []
        self.tokens: list[str] = []
        self.tunnels: list[tuple[str, str | None, str | None]] = []
        self._server = Server(("127.0.0.1", 0), Request)
        self._server.api = self
        self._scheme = "https" if tls else "http"
        if tls:
            # The handshake belongs into the thread of the request: a client that refuses us must not end the server.
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"{self._scheme}://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, path: str, request: Request) -> None:
        """Give the next answer of the script."""
        self.paths.append(path)
        if path in (ROOT, self.also_served):
            self._discover(request)
            return
        if path == f"/apis/{TARGET.group}" and self.served:
            roots = filter(None, (ROOT, self.also_served))
            request.body(200, {"kind": "APIGroup", "versions": [{"version": r.rpartition("/")[2]} for r in roots]})
            return
        if re.fullmatch(r"/apis/([^/]+\.[^/]+|[^/]+/[^/]+)", path):  # a group, or a version of one
            status(404)(request)
            return
        self.requests.append(request.query)
        self.tokens.append(request.headers.get("Authorization", ""))
        script = self.watches if request.query.get("watch") else self.lists
        answer = script.pop(0) if len(script) > 1 else script[0]
        try:
            answer(request)
        except OSError:
            request.close_connection = True

    def _discover(self, request: Request) -> None:
        if self.discovery:
            self.discovery.pop(0)(request)
        elif self.served:
            request.body(200, {"kind": "APIResourceList", "resources": [{"name": TARGET.plural}]})
        else:
            request.body(404, {"kind": "Status", "code": 404})


def obj(name: str, version: int = 1, **spec: Any) -> Object:
    """A DataSource."""
    return {"metadata": {"name": name, "namespace": "images", "resourceVersion": str(version)}, "spec": spec}


def event(type_: str, body: Object) -> bytes:
    """One line of a watch, as kube-apiserver writes it."""
    return b'{"type":"%s","object":%s}\n' % (type_.encode(), json.dumps(body, separators=(",", ":")).encode())


def bookmark(version: int, *, end: bool = False) -> bytes:
    """A bookmark; `end` marks the end of a WatchList's first events."""
    marks = {"k8s.io/initial-events-end": "true"} if end else {}
    return event("BOOKMARK", {"metadata": {"resourceVersion": str(version), "annotations": marks}})


def watching(*lines: bytes, then: Answer = Request.hold) -> Answer:
    """A watch that sends these lines, and then does that."""

    def answer(request: Request) -> None:
        request.begin()
        for line in lines:
            request.chunk(line)
        then(request)

    return answer


def end_watch(request: Request) -> None:
    """The server ends the watch cleanly."""
    request.chunk(b"")


def listing(*items: Object, version: int = 1, token: str = "", **changed: Any) -> Answer:
    """A list, in the order of keys that custom resources have."""
    body = {
        "apiVersion": "cdi.kubevirt.io/v1beta1",
        "items": list(items),
        "kind": "DataSourceList",
        "metadata": {"continue": token, "resourceVersion": str(version)},
        **changed,
    }
    return lambda request: request.raw(200, json.dumps(body, separators=(",", ":")).encode())


def status(code: int, message: str = "", **headers: str) -> Answer:
    """An error, as a Status object."""
    body = {"kind": "Status", "code": code, "message": message}
    return lambda request: request.body(code, body, **headers)


REFUSED: Answer = status(422, "sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled")
"""How a server without WatchList answers."""


def erring(code: int) -> bytes:
    """An ERROR event."""
    return event("ERROR", {"kind": "Status", "code": code, "message": "as the test says"})


class Waits:
    """A clock whose waits are noted and over at once; real time is not passed."""

    def __init__(self, real: Clock) -> None:
        self._real = real
        self.slept: list[float] = []
        self.ahead = 0.0
        self.limit = 60

    def now(self) -> Any:
        return self._real.now()

    def monotonic(self) -> float:
        return self._real.monotonic() + self.ahead

    def wait(self, stop: threading.Event, seconds: float) -> bool:
        self.slept.append(seconds)
        self.ahead += seconds
        return stop.wait(0.005 if len(self.slept) < self.limit else 20)


class Seen:
    """A sink that remembers what it was told, and lets a test wait for it."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.rows: dict[Key, Any] = {}
        self.rejected: dict[Key, Rejected] = {}
        self.states: list[State] = []
        self.details: list[str] = []
        self.replaced = 0
        self.alive_times = 0

    def replace(self, rows: Any, rejected: Any) -> None:
        with self.changed:
            self.rows, self.rejected = dict(rows), dict(rejected)
            self.replaced += 1
            self.changed.notify_all()

    def apply(self, item: Item[Any]) -> None:
        with self.changed:
            self.rows.pop(item.key, None)
            self.rejected.pop(item.key, None)
            if item.rejected:
                self.rejected[item.key] = item.rejected
            elif item.row is not None:
                self.rows[item.key] = item.row
            self.changed.notify_all()

    def remove(self, key: Key) -> None:
        with self.changed:
            self.rows.pop(key, None)
            self.rejected.pop(key, None)
            self.changed.notify_all()

    def state(self, state: State, detail: str = "") -> None:
        with self.changed:
            if state in (State.FORBIDDEN, State.NOT_SERVED):
                self.rows, self.rejected = {}, {}
            if not self.states or self.states[-1] is not state:
                self.states.append(state)
                self.details.append(detail)
            self.changed.notify_all()

    def alive(self) -> None:
        self.alive_times += 1

    def until(self, true: Callable[[Seen], bool]) -> None:
        """Wait until this is so, or fail with what was seen instead."""
        deadline = time.monotonic() + 10
        with self.changed:
            # Woken now and then, since what is waited for may also depend on what the server has seen.
            while not true(self):
                assert time.monotonic() < deadline, (self.states, self.details, sorted(self.rows))
                self.changed.wait(0.02)

    @property
    def names(self) -> list[str]:
        """Names of the rows."""
        return sorted(key.name for key in self.rows)


@contextmanager
def reflecting(
    api: FakeApi,
    clock: Clock,
    *,
    token: Callable[[bool], str] | None = None,
    resource: Resource[Any] = DATA_SOURCES,
    target: Target = TARGET,
    timing: Timing | None = None,
    sink: Seen | None = None,
) -> Iterator[tuple[Seen, Reflector[Any]]]:
    """A reflector at work on the fake server."""
    connection = Connection(api.url, token=token) if token else Connection(api.url)
    seen = sink or Seen()
    reflector = Reflector(Client(connection), target, resource.codec(), seen, clock, timing=timing)
    thread = threading.Thread(target=reflector.run, name="reflector")
    thread.start()
    try:
        yield seen, reflector
    finally:
        api.over.set()
        reflector.stop()
        thread.join(10)
        assert not thread.is_alive(), "the reflector does not end"


def names(objects: Iterable[Object]) -> list[str]:
    """Names of manifests."""
    return sorted(o["metadata"]["name"] for o in objects)
