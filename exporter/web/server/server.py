"""Server: a bounded HTTP server. It knows nothing of what it serves.

One thread does all waiting for clients, so that a client that sends or reads slowly, or not at all, costs a socket and
nothing else; answers are worked out by a small pool of threads.
"""

from __future__ import annotations

import selectors
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from time import monotonic, sleep
from typing import Final

from exporter.web.server.channel import Channel, PlainRequestError, TlsChannel
from exporter.web.server.connection import Connection, Phase
from exporter.web.server.connections import Connections
from exporter.web.server.http import RefusedError, Request, Response, refusal
from exporter.web.server.limits import Limits
from exporter.web.server.workers import Workers

_AT_ONCE: Final = 64
"""Connections accepted in a row before others get their turn."""
_ENDING: Final = 1.0
"""Seconds for a client that was refused to take the answer."""
_NO_SOCKETS: Final = 0.05
"""Seconds to wait where the system has no socket for us."""


class Server:
    """Answers from `start` to `stop`."""

    def __init__(
        self,
        listener: socket.socket,
        handle: Callable[[Request], Response],
        *,
        refused: Callable[[int], None] = lambda _: None,
        limits: Limits | None = None,
        tls: Callable[[], ssl.SSLContext] | None = None,
    ) -> None:
        """`listener` is one that `listening` made, closed by `stop`.

        `refused` is told the status of answers that `handle` had no part in.

        `tls` gives the context for a new connection; without it HTTP is spoken in the clear.
        """
        self._refused = refused
        self._limits = limits or Limits()
        self._tls = tls
        self._listener = listener
        self.port: int = self._listener.getsockname()[1]
        """The port that is listened on, also where 0 let the system choose."""
        self._selector = selectors.DefaultSelector()
        self._wake_in, self._wake_out = socket.socketpair()
        self._wake_in.setblocking(False)
        self._wake_out.setblocking(False)
        self._connections = Connections(self._selector)
        self._workers = Workers(handle, self._limits.in_flight, refused, self._wake)
        self._thread = Thread(target=self._run, name="http", daemon=True)
        self._stopping_at: float | None = None

    def start(self) -> None:
        """Begin to answer."""
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(self._wake_out, selectors.EVENT_READ)
        self._thread.start()

    def stop(self, drain: float = 5.0) -> None:
        """Take no new connections, give requests that are under way this many seconds, and end."""
        self._workers.last_answers()
        self._stopping_at = monotonic() + drain
        self._wake()
        if self._thread.ident is not None:
            self._thread.join()
        self._workers.stop()
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
        self._connections.close_all()

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
        self._connections.close_all(Phase.GREETING, Phase.READING)
        return bool(self._connections) and monotonic() < (self._stopping_at or 0)

    def _patience(self) -> float | None:
        """Seconds until some connection, or stopping, has waited long enough."""
        ends = [end for end in (self._connections.first_deadline(), self._stopping_at) if end is not None]
        return max(0.0, min(ends) - monotonic()) if ends else None

    def _expire(self) -> None:
        for connection in self._connections.overdue(monotonic()):
            if connection.phase is Phase.READING and connection.received:
                self._refuse(connection, refusal(408, "the request took too long"))
            else:
                self._connections.close(connection)

    def _accept(self) -> None:
        for _ in range(_AT_ONCE):
            try:
                client, _address = self._listener.accept()
            except (BlockingIOError, ConnectionError):
                return
            except OSError:
                # No file descriptors left. If none of them is ours to close, do not spin.
                if not self._connections.evict():
                    sleep(_NO_SOCKETS)
                return
            if len(self._connections) >= self._limits.connections:
                self._connections.evict()
            self._welcome(client)

    def _welcome(self, client: socket.socket) -> None:
        """Take a new client on, unless it has gone already."""
        client.setblocking(False)
        try:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            channel = TlsChannel(client, self._tls()) if self._tls else Channel(client)
        except OSError:
            client.close()
            return
        phase = Phase.GREETING if channel.secure else Phase.READING
        self._connections.add(Connection(channel, monotonic() + self._limits.header_seconds, phase))

    def _serve(self, connection: Connection) -> None:
        """The client has sent something, or can take more."""
        if connection not in self._connections:
            return
        match connection.phase:
            case Phase.GREETING:
                self._greet(connection)
            case Phase.WRITING:
                self._sent(connection, alive=connection.send())
            case _:
                self._read(connection)

    def _greet(self, connection: Connection) -> None:
        """Go on with the handshake. Its time is part of that of the first request's head."""
        try:
            done = connection.channel.greet()
        except PlainRequestError:
            self._connections.leave(connection)
            connection.channel = connection.channel.in_the_clear()
            self._refuse(connection, refusal(400, "this port speaks HTTPS: ask again with https://"))
            return
        except OSError:
            self._connections.close(connection)
            return
        if done:
            connection.phase = Phase.READING
            # What came right behind the handshake may be in the hands of TLS already.
            self._read(connection)
        else:
            self._connections.wait(connection)

    def _read(self, connection: Connection) -> None:
        fresh = not connection.received
        if not connection.receive():
            self._connections.close(connection)
            return
        if connection.phase is Phase.ENDING:
            connection.received.clear()
        elif connection.received:
            if fresh and connection.answered:
                connection.deadline = monotonic() + self._limits.header_seconds
            self._next(connection)
            return
        self._connections.wait(connection)

    def _next(self, connection: Connection) -> None:
        """Begin the next request, if all of it is there."""
        try:
            request = connection.request(self._limits.header_bytes)
        except RefusedError as error:
            self._refuse(connection, error.response)
            return
        if request is None:
            self._connections.wait(connection)
            return
        if self._workers.full:
            self._refuse(connection, refusal(503, "too many requests at once", ("Retry-After", "1")))
            return
        connection.phase = Phase.HANDLING
        self._connections.leave(connection)
        self._workers.begin(connection, request)

    def _collect(self) -> None:
        """Take back the connections that threads have finished with."""
        with suppress(BlockingIOError):
            self._wake_out.recv(4096)
        for connection in self._workers.finished():
            connection.phase = Phase.READING
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
        elif alive and connection.refused and connection.channel.end():
            connection.phase = Phase.ENDING
            connection.deadline = monotonic() + _ENDING
        elif not alive or not connection.keep_alive or self._stopping_at is not None:
            self._connections.close(connection)
            return
        else:
            self._read_on(connection)
            return
        self._connections.wait(connection)

    def _read_on(self, connection: Connection) -> None:
        """The answer is sent: the next request may have come with the last one."""
        connection.phase = Phase.READING
        connection.channel.waits_for = selectors.EVENT_READ
        connection.answered = True
        patience = self._limits.header_seconds if connection.received else self._limits.idle_seconds
        connection.deadline = monotonic() + patience
        self._next(connection)
