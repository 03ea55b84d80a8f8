"""A server on a free port, and a client of raw sockets, in the clear or through TLS."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from exporter.web.server.failures import Failures
from exporter.web.server.http import Request, Response
from exporter.web.server.limits import ServerLimits
from exporter.web.server.listen import open_socket
from exporter.web.server.server import HttpServer

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Wire:
    """What both sides speak TLS with; None for both in the clear."""

    serving: Callable[[], ssl.SSLContext] | None = None
    asking: ssl.SSLContext | None = None


CLEAR = Wire()


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes
    closed: bool = False


@contextmanager
def serving(
    handle: Callable[[Request], Response],
    wire: Wire = CLEAR,
    *,
    urgent: Callable[[Request], bool] = lambda _: False,
    failed: Callable[[str], None] = lambda _: None,
    **limits: float,
) -> Iterator[HttpServer]:
    server = HttpServer(
        open_socket(HOST, 0),
        handle,
        urgent=urgent,
        failures=Failures(failed),
        limits=ServerLimits(**limits),  # type: ignore[arg-type]
        tls=wire.serving,
    )
    server.start()
    try:
        yield server
    finally:
        server.stop(drain=2)


@contextmanager
def connect(server: HttpServer, wire: Wire = CLEAR) -> Iterator[socket.socket]:
    with socket.create_connection((HOST, server.port), timeout=10) as client:
        if wire.asking is None:
            yield client
            return
        with wire.asking.wrap_socket(client, server_hostname=HOST) as through_tls:
            yield through_tls


def read_answer(client: socket.socket, *, head: bool = False) -> Answer:
    """One response; raises AssertionError if the server closes first."""
    top = b""
    while not top.endswith(b"\r\n\r\n"):
        # Byte by byte: what follows belongs to the next answer.
        data = client.recv(1)
        assert data, f"closed after {top!r}"
        top += data
    body = bytearray()
    first, *lines = top[:-4].decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    length = 0 if head else int(headers["content-length"])
    while len(body) < length:
        data = client.recv(min(65536, length - len(body)))
        assert data, "closed inside the body"
        body += data
    return Answer(int(first.split()[1]), headers, bytes(body))


def ask(server: HttpServer, text: str, wire: Wire = CLEAR, *, head: bool = False) -> Answer:
    """Send these bytes on a new connection and read one response."""
    with connect(server, wire) as client:
        client.sendall(text.encode("latin-1"))
        answer = read_answer(client, head=head)
        # What is promised may take its time on a busy machine; what is not must not cost any.
        client.settimeout(10 if "connection" in answer.headers else 0.02)
        with suppress(TimeoutError):
            answer.closed = client.recv(1) == b""
        return answer


def get(server: HttpServer, path: str = "/", *headers: str, method: str = "GET", wire: Wire = CLEAR) -> Answer:
    """A proper request."""
    lines = [f"{method} {path} HTTP/1.1", "Host: x", *headers, "", ""]
    return ask(server, "\r\n".join(lines), wire, head=method == "HEAD")
