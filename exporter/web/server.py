"""Server: a bounded HTTP server. It knows nothing of what it serves.

One thread does all waiting for clients, so that a client that sends or reads slowly, or not at all, costs a socket and
nothing else; answers are worked out by a small pool of threads.
"""

from __future__ import annotations

import logging
import selectors
import socket
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from threading import Thread
from time import monotonic, sleep
from typing import Final

from exporter.isolate import Crash, isolated
from exporter.web.connection import Connection, Phase
from exporter.web.http import RefusedError, Request, Response, refusal
from exporter.web.listen import listening

log = logging.getLogger(__name__)

_AT_ONCE: Final = 64
"""Connections accepted in a row before others get their turn."""
_ENDING: Final = 1.0
"""Seconds for a client that was refused to take the answer."""
_NO_SOCKETS: Final = 0.05
"""Seconds to wait where the system has no socket for us."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one client, and all of them, may ask for. Times are in seconds."""

    header_bytes: int = 8192
    header_seconds: float = 5.0
    """For the whole head of a request, from its first byte, or from the connection if nothing was asked yet."""
    idle_seconds: float = 60.0
    """Between two requests on a connection."""
    write_seconds: float = 30.0
    """For the client to take an answer."""
    in_flight: int = 40
    """Requests worked on at once; one more gets 503."""
    connections: int = 600
    """Open connections; one more costs the one whose patience would end first."""


class Server:
    """Listens from the moment it is made, answers from `start` to `stop`."""

    def __init__(
        self,
        host: str,
        port: int,
        handle: Callable[[Request], Response],
        *,
        refused: Callable[[int], None] = lambda _: None,
        limits: Limits | None = None,
    ) -> None:
        """`refused` is told the status of answers that `handle` had no part in. Raises ListenError."""
        self._handle = handle
        self._refused = refused
        self._limits = limits or Limits()
        self._listener = listening(host, port)
        self.port: int = self._listener.getsockname()[1]
        """The port that is listened on, also where 0 let the system choose."""
        self._selector = selectors.DefaultSelector()
        self._wake_in, self._wake_out = socket.socketpair()
        self._wake_in.setblocking(False)
        self._wake_out.setblocking(False)
        self._connections: set[Connection] = set()
        self._returned: deque[Connection] = deque()
        self._in_flight = 0
        self._pool = ThreadPoolExecutor(self._limits.in_flight, thread_name_prefix="http")
        self._thread = Thread(target=self._run, name="http", daemon=True)
        self._stopping_at: float | None = None

    def start(self) -> None:
        """Begin to answer."""
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(self._wake_out, selectors.EVENT_READ)
        self._thread.start()

    def stop(self, drain: float = 5.0) -> None:
        """Take no new connections, give requests that are under way this many seconds, and end."""
        self._stopping_at = monotonic() + drain
        self._wake()
        if self._thread.ident is not None:
            self._thread.join()
        self._pool.shutdown(wait=False, cancel_futures=True)
        for each in (self._listener, self._wake_in, self._wake_out):
            each.close()
        self._selector.close()

    def _wake(self) -> None:
        """Let the loop look at what has changed. Fails if it has reasons enough already, or has ended."""
        with suppress(OSError):
            self._wake_in.send(b"\0")

    def _run(self) -> None:
        while self._stopping_at is None:
            self._turn()
        self._selector.unregister(self._listener)
        self._listener.close()
        while self._draining():
            self._turn()
        for connection in list(self._connections):
            self._close(connection)

    def _turn(self) -> None:
        for key, _ in self._selector.select(self._patience()):
            if key.fileobj is self._listener:
                self._accept()
            elif key.fileobj is self._wake_out:
                self._collect()
            else:
                self._serve(key.data)
        self._expire()

    def _draining(self) -> bool:
        """Something is under way, and patience has not ended."""
        for connection in [c for c in self._connections if c.phase is Phase.READING]:
            self._close(connection)
        return bool(self._connections) and monotonic() < (self._stopping_at or 0)

    def _patience(self) -> float | None:
        """Seconds until some connection, or stopping, has waited long enough."""
        ends = [c.deadline for c in self._connections if c.phase is not Phase.HANDLING]
        if self._stopping_at is not None:
            ends.append(self._stopping_at)
        return max(0.0, min(ends) - monotonic()) if ends else None

    def _expire(self) -> None:
        now = monotonic()
        for connection in [c for c in self._connections if c.phase is not Phase.HANDLING and c.deadline <= now]:
            if connection.phase is Phase.READING and connection.received:
                self._refuse(connection, refusal(408, "the request took too long"))
            else:
                self._close(connection)

    def _accept(self) -> None:
        for _ in range(_AT_ONCE):
            try:
                client, _address = self._listener.accept()
            except (BlockingIOError, ConnectionError):
                return
            except OSError:
                # No file descriptors left. If none of them is ours to close, do not spin.
                if not self._evict():
                    sleep(_NO_SOCKETS)
                return
            if len(self._connections) >= self._limits.connections:
                self._evict()
            client.setblocking(False)
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection = Connection(client, monotonic() + self._limits.header_seconds)
            self._connections.add(connection)
            self._selector.register(client, selectors.EVENT_READ, connection)

    def _evict(self) -> bool:
        """Close the connection whose patience would end first; False if all are being worked on."""
        waiting = [c for c in self._connections if c.phase is not Phase.HANDLING]
        if waiting:
            self._close(min(waiting, key=lambda c: c.deadline))
        return bool(waiting)

    def _serve(self, connection: Connection) -> None:
        """The client has sent something, or can take more."""
        if connection not in self._connections:
            return
        if connection.phase is Phase.WRITING:
            self._sent(connection, alive=connection.send())
            return
        fresh = not connection.received
        if not connection.receive():
            self._close(connection)
            return
        if connection.phase is Phase.ENDING:
            connection.received.clear()
            return
        if fresh and connection.answered:
            connection.deadline = monotonic() + self._limits.header_seconds
        self._next(connection)

    def _next(self, connection: Connection) -> None:
        """Begin the next request, if all of it is there."""
        try:
            request = connection.request(self._limits.header_bytes)
        except RefusedError as error:
            self._refuse(connection, error.response)
            return
        if request is None:
            return
        if self._in_flight >= self._limits.in_flight:
            self._refuse(connection, refusal(503, "too many requests at once", ("Retry-After", "1")))
            return
        self._in_flight += 1
        connection.phase = Phase.HANDLING
        self._selector.unregister(connection.socket)
        self._pool.submit(self._work, connection, request)

    def _work(self, connection: Connection, request: Request) -> None:
        """In a thread of the pool: work out the answer and send what the client takes at once."""
        crash = isolated(partial(self._answer, connection, request))
        if isinstance(crash, Crash):
            log.error("request failed: a defect of the exporter", extra={"path": request.path, "trace": crash.trace})
            self._refused(500)
            response = refusal(500, "this is a defect of the exporter; its log says more")
            connection.answer(response, body=request.method != "HEAD", keep_alive=False)
        if not connection.send():
            connection.unsent.clear()
            connection.keep_alive = False
        self._returned.append(connection)
        self._wake()

    def _answer(self, connection: Connection, request: Request) -> None:
        response = self._handle(request)
        keep_alive = request.keep_alive and self._stopping_at is None
        connection.answer(response, body=request.method != "HEAD", keep_alive=keep_alive)

    def _collect(self) -> None:
        """Take back the connections that threads have finished with."""
        with suppress(BlockingIOError):
            self._wake_out.recv(4096)
        while self._returned:
            connection = self._returned.popleft()
            self._in_flight -= 1
            connection.phase = Phase.READING
            self._selector.register(connection.socket, selectors.EVENT_READ, connection)
            self._sent(connection, alive=True)

    def _refuse(self, connection: Connection, response: Response) -> None:
        """Answer without the handler, and close."""
        self._refused(response.status)
        connection.received.clear()
        connection.refused = True
        connection.answer(response, body=True, keep_alive=False)
        self._sent(connection, alive=connection.send())

    def _sent(self, connection: Connection, *, alive: bool) -> None:
        """Some of an answer is sent: wait for the client to take the rest, or for its next request."""
        if alive and connection.unsent:
            if connection.phase is not Phase.WRITING:
                connection.phase = Phase.WRITING
                connection.deadline = monotonic() + self._limits.write_seconds
                self._selector.modify(connection.socket, selectors.EVENT_WRITE, connection)
            return
        if connection.phase is Phase.WRITING:
            self._selector.modify(connection.socket, selectors.EVENT_READ, connection)
        if alive and connection.refused and connection.end():
            connection.phase = Phase.ENDING
            connection.deadline = monotonic() + _ENDING
            return
        if not alive or not connection.keep_alive or self._stopping_at is not None:
            self._close(connection)
            return
        connection.phase = Phase.READING
        connection.answered = True
        patience = self._limits.header_seconds if connection.received else self._limits.idle_seconds
        connection.deadline = monotonic() + patience
        self._next(connection)

    def _close(self, connection: Connection) -> None:
        self._connections.discard(connection)
        if connection.phase is not Phase.HANDLING:
            self._selector.unregister(connection.socket)
        connection.close()
