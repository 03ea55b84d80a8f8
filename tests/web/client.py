"""A server on a free port, and a client of raw sockets."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from exporter.web.http import Request, Response
from exporter.web.server import Limits, Server

HOST = "127.0.0.1"


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes
    closed: bool = False


@contextmanager
def serving(handle: Callable[[Request], Response], **limits: float) -> Iterator[Server]:
    server = Server(HOST, 0, handle, limits=Limits(**limits))  # type: ignore[arg-type]
    server.start()
    try:
        yield server
    finally:
        server.stop(drain=2)


@contextmanager
def connected(server: Server) -> Iterator[socket.socket]:
    with socket.create_connection((HOST, server.port), timeout=10) as client:
        yield client


def read_answer(client: socket.socket, *, head: bool = False) -> Answer:
    """One response; raises AssertionError if the server closes first."""
    received = b""
    while b"\r\n\r\n" not in received:
        data = client.recv(65536)
        assert data, f"closed after {received!r}"
        received += data
    top, _, rest = received.partition(b"\r\n\r\n")
    body = bytearray(rest)
    first, *lines = top.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    length = 0 if head else int(headers["content-length"])
    while len(body) < length:
        data = client.recv(65536)
        assert data
        body += data
    return Answer(int(first.split()[1]), headers, bytes(body))


def ask(server: Server, text: str, *, head: bool = False) -> Answer:
    """Send these bytes on a new connection and read one response."""
    with connected(server) as client:
        client.sendall(text.encode("latin-1"))
        answer = read_answer(client, head=head)
        client.settimeout(0.05)
        try:
            answer.closed = client.recv(1) == b""
        except TimeoutError:
            answer.closed = False
        return answer


def get(server: Server, path: str = "/", *headers: str, method: str = "GET") -> Answer:
    """A proper request."""
    lines = [f"{method} {path} HTTP/1.1", "Host: x", *headers, "", ""]
    return ask(server, "\r\n".join(lines), head=method == "HEAD")
