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
from functools import partial
from threading import Thread
from time import monotonic, sleep
from typing import Final

from exporter.base.isolate import Crash
from exporter.web.server.channel import PlainRequestError, channel_to
from exporter.web.server.connection import ClientConnection, Phase
from exporter.web.server.connections import ClientConnections
from exporter.web.server.dispatcher import Dispatcher
from exporter.web.server.failures import Failures, Part
from exporter.web.server.http import RefusedError, Request, Response, refuse
from exporter.web.server.limits import ServerLimits

_AT_ONCE: Final = 64
"""Connections accepted in a row before others get their turn."""
_ENDING: Final = 1.0
"""Seconds for a client that was refused to take the answer."""
_NO_SOCKETS: Final = 0.05
"""Seconds to wait where the system has no socket for us."""
_AFTER_A_CRASH: Final = 0.05
"""Seconds between a turn of the loop that crashed and the next one: what is wrong may still be."""


class HttpServer:
    """Answers from `start` to `stop`."""

    def __init__(
        self,
        listener: socket.socket,
        handle: Callable[[Request], Response],
        *,
        urgent: Callable[[Request], bool] = lambda _: False,
        refused: Callable[[int], None] = lambda _: None,
        failures: Failures | None = None,
        limits: ServerLimits | None = None,
        tls: Callable[[], ssl.SSLContext] | None = None,
    ) -> None:
        """`listener` is one that `listening` made, closed by `stop`.

        Requests that are `urgent` are answered whatever else is under way: their answers must be cheap. `refused` is
        told the status of answers that `handle` had no part in. `tls` gives the context for a new connection; without
        it HTTP is spoken in the clear.
        """
        self._refused = refused
        self._limits = limits or ServerLimits()
        self._tls = tls
        self._listener = listener
        self.port: int = self._listener.getsockname()[1]
        """The port that is listened on, also where 0 let the system choose."""
        self._selector = selectors.DefaultSelector()
        self._wake_in, self._wake_out = socket.socketpair()
        self._wake_in.setblocking(False)
        self._wake_out.setblocking(False)
        self._connections = ClientConnections(self._selector)
        self._failures = failures or Failures()
        self._dispatcher = Dispatcher(
            handle, urgent, self._limits.in_flight, refused=refused, wake=self._wake, failures=self._failures
        )
        self._thread = Thread(target=self._run, name="http", daemon=True)
        self._stopping_at: float | None = None

    def start(self) -> None:
        """Begin to answer."""
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(self._wake_out, selectors.EVENT_READ)
        self._thread.start()

    def alive(self) -> bool:
        """No thread of the server has ended by itself since `start`."""
        return self._thread.is_alive() and self._dispatcher.alive()

    def stop(self, drain: float = 5.0) -> None:
        """Take no new connections, give requests that are under way this many seconds, and end."""
        self._dispatcher.last_answers()
        self._stopping_at = monotonic() + drain
        self._wake()
        if self._thread.ident is not None:
            self._thread.join()
        self._close_all()
        self._dispatcher.stop()
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

    def _turn(self) -> None:
        """Wait for clients and serve those that are ready. Nothing that happens in it ends the loop."""
        if isinstance(self._failures.isolate(Part.LOOP, self._wait_and_serve), Crash):
            sleep(_AFTER_A_CRASH)

    def _wait_and_serve(self) -> None:
        for key, _ in self._selector.select(self._patience()):
            if key.fileobj is self._listener:
                self._accept()
            elif key.fileobj is self._wake_out:
                self._collect()
            else:
                self._isolate(key.data, self._serve)
        for connection in self._connections.overdue(monotonic()):
            self._isolate(connection, self._expire)

    def _isolate(self, connection: ClientConnection, step: Callable[[ClientConnection], None]) -> None:
        """Take one step of a connection. If it crashes, that connection is closed, and no other notices."""
        if isinstance(self._failures.isolate(Part.CONNECTION, partial(step, connection)), Crash):
            self._failures.isolate(Part.CONNECTION, partial(self._connections.close, connection))

    def _draining(self) -> bool:
        """Something is under way, and patience has not ended."""
        self._close_all(Phase.GREETING, Phase.READING)
        return bool(self._connections) and monotonic() < (self._stopping_at or 0)

    def _close_all(self, *phases: Phase) -> None:
        self._failures.isolate(Part.LOOP, partial(self._connections.close_all, *phases))

    def _patience(self) -> float | None:
        """Seconds until some connection, or stopping, has waited long enough."""
        ends = [end for end in (self._connections.first_deadline(), self._stopping_at) if end is not None]
        return max(0.0, min(ends) - monotonic()) if ends else None

    def _expire(self, connection: ClientConnection) -> None:
        if connection.phase is Phase.READING and connection.received:
            self._refuse(connection, refuse(408, "the request took too long"))
        elif connection.phase is Phase.QUEUED:
            self._refuse(connection, refuse(503, "too many requests at once", ("Retry-After", "1")))
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
            if isinstance(self._failures.isolate(Part.CONNECTION, partial(self._welcome, client)), Crash):
                client.close()

    def _welcome(self, client: socket.socket) -> None:
        """Take a new client on, unless it has gone already."""
        try:
            channel = channel_to(client, self._tls() if self._tls else None)
        except OSError:
            client.close()
            return
        phase = Phase.GREETING if channel.secure else Phase.READING
        now = monotonic()
        self._connections.add(ClientConnection(channel, now + self._limits.header_seconds, now, phase))

    def _serve(self, connection: ClientConnection) -> None:
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

    def _greet(self, connection: ClientConnection) -> None:
        """Go on with the handshake. Its time is part of that of the first request's head."""
        try:
            done = connection.channel.greet()
            if done:
                connection.identify()
        except RefusedError as error:
            self._refuse(connection, error.response)
            return
        except PlainRequestError:
            self._connections.leave(connection)
            connection.channel = connection.channel.in_the_clear()
            self._refuse(connection, refuse(400, "this port speaks HTTPS: ask again with https://"))
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

    def _read(self, connection: ClientConnection) -> None:
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

    def _next(self, connection: ClientConnection) -> None:
        """Begin the next request, if all of it is there."""
        try:
            request = connection.request(self._limits.header_bytes)
        except RefusedError as error:
            self._refuse(connection, error.response)
            return
        if request is None:
            self._connections.wait(connection)
            return
        connection.since = monotonic()
        connection.deadline = connection.since + self._limits.queue_seconds
        self._connections.leave(connection)
        self._begin(connection, request)

    def _begin(self, connection: ClientConnection, request: Request) -> None:
        """Let a thread work on the request, or let it wait for its turn."""
        begun = self._dispatcher.begin(connection, request)
        connection.phase, connection.queued = (Phase.HANDLING, None) if begun else (Phase.QUEUED, request)

    def _begin_queued(self) -> None:
        """Begin those requests that waited for their turn."""
        for connection in self._connections.queued():
            if connection.queued is not None and not self._dispatcher.full:
                self._isolate(connection, partial(self._begin, request=connection.queued))

    def _collect(self) -> None:
        """Take back the connections that threads have finished with."""
        with suppress(BlockingIOError):
            self._wake_out.recv(4096)
        for connection in self._dispatcher.take_finished():
            connection.phase = Phase.READING
            self._isolate(connection, partial(self._sent, alive=True))
        self._begin_queued()

    def _refuse(self, connection: ClientConnection, response: Response) -> None:
        """Answer without the handler, and close."""
        self._refused(response.status)
        connection.received.clear()
        connection.refused = True
        connection.answer(response, body=True, keep_alive=False)
        self._sent(connection, alive=connection.send())

    def _sent(self, connection: ClientConnection, *, alive: bool) -> None:
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

    def _read_on(self, connection: ClientConnection) -> None:
        """The answer is sent: the next request may have come with the last one."""
        connection.phase = Phase.READING
        connection.channel.waits_for = selectors.EVENT_READ
        connection.answered = True
        connection.since = monotonic()
        patience = self._limits.header_seconds if connection.received else self._limits.idle_seconds
        connection.deadline = connection.since + patience
        self._next(connection)
