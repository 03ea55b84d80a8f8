"""The open sockets of a client, so that whoever waits for one of them can be woken from another thread.

urllib3 hands a socket out only together with an answer. A request that hangs before that would keep a stopping program
waiting for its whole timeout.
"""

from __future__ import annotations

import contextlib
import socket
from threading import Lock
from typing import Any, Final
from weakref import WeakSet

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

SOCKET_OPTIONS: Final = (
    (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    # macOS and others have some of these under other names; there bookmarks alone tell.
    *(
        (socket.IPPROTO_TCP, getattr(socket, name), value)
        for name, value in (
            ("TCP_KEEPIDLE", 30),  # seconds without a packet before the other side is asked
            ("TCP_KEEPINTVL", 10),  # seconds between two questions
            ("TCP_KEEPCNT", 3),  # questions without an answer after which the connection is lost
            ("TCP_USER_TIMEOUT", 60_000),  # milliseconds in which what we have sent must be acknowledged
        )
        if hasattr(socket, name)
    ),
)
"""A peer that is gone without a word is noticed after a minute, unless something in between answers for it."""


class Sockets:
    """Knows the sockets that the connections of its pools have opened."""

    def __init__(self) -> None:
        self._open: WeakSet[Any] = WeakSet()
        self._lock = Lock()
        self.ended = False

    def add(self, sock: Any) -> None:  # noqa: ANN401  (a socket, or urllib3's TLS inside of TLS)
        """Take note of a new socket; it ends at once if all are to end."""
        with self._lock:
            self._open.add(sock)
            ended = self.ended
        if ended:
            _end(sock)

    def end(self) -> None:
        """End all, also those that are yet to be opened: blocked reads return at once."""
        with self._lock:
            self.ended = True
            there = list(self._open)
        for sock in there:
            _end(sock)

    def pools(self) -> dict[str, type[HTTPConnectionPool]]:
        """Pools for urllib3's managers whose sockets are known here."""
        opened = self.add

        class Plain(HTTPConnection):
            line: Any = None

            def connect(self) -> None:
                super().connect()
                self.line = self.sock
                opened(self.sock)

        class Secure(HTTPSConnection):
            line: Any = None

            def connect(self) -> None:
                super().connect()
                self.line = self.sock
                opened(self.sock)

        class PlainPool(HTTPConnectionPool):
            ConnectionCls = Plain

        class SecurePool(HTTPSConnectionPool):
            ConnectionCls = Secure

        return {"http": PlainPool, "https": SecurePool}


def set_read_timeout(connection: object, seconds: float) -> None:
    """From now on a read on this connection of ours fails when nothing comes for so many seconds.

    `sock` would not do: urllib3 forgets it as soon as the server says that it will close the connection.
    """
    line = getattr(connection, "line", None)
    if line is not None:
        with contextlib.suppress(OSError):
            line.settimeout(seconds)


def _end(sock: Any) -> None:  # noqa: ANN401
    # Not the method of SSLSocket: that one drops the TLS layer under the feet of the thread that reads.
    plain = sock if isinstance(sock, socket.socket) else getattr(sock, "socket", None)
    if plain is not None:
        with contextlib.suppress(OSError):
            socket.socket.shutdown(plain, socket.SHUT_RDWR)
