"""The open sockets of a client, so that another thread can end a blocked read.

urllib3 exposes a socket only together with an answer. A request that is blocked before that would delay the end of the
program by its whole timeout.
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
    # Some systems, such as macOS, lack these options; there only missing bookmarks reveal a lost connection.
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
"""A peer that disappears without closing is noticed after one minute, unless a proxy answers for it."""


class Sockets:
    """The sockets of all connections in its pools. Safe to use from many threads."""

    def __init__(self) -> None:
        self._open: WeakSet[Any] = WeakSet()
        self._lock = Lock()
        self.ended = False

    def add(self, sock: Any) -> None:  # noqa: ANN401  (a socket, or urllib3's TLS inside of TLS)
        """Add a new socket; it is shut down at once if `end` was called."""
        with self._lock:
            self._open.add(sock)
            ended = self.ended
        if ended:
            _end(sock)

    def end(self) -> None:
        """Shut down all sockets, including those opened later: blocked reads return at once."""
        with self._lock:
            self.ended = True
            there = list(self._open)
        for sock in there:
            _end(sock)

    def pools(self) -> dict[str, type[HTTPConnectionPool]]:
        """Pool classes for urllib3's managers that add their sockets here."""
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
    """Set the read timeout of an open connection, in seconds.

    The attribute `sock` is not enough: urllib3 clears it when the server announces that it will close the connection.
    """
    line = getattr(connection, "line", None)
    if line is not None:
        with contextlib.suppress(OSError):
            line.settimeout(seconds)


def _end(sock: Any) -> None:  # noqa: ANN401
    # Not SSLSocket.shutdown: it removes the TLS layer while another thread reads from it.
    plain = sock if isinstance(sock, socket.socket) else getattr(sock, "socket", None)
    if plain is not None:
        with contextlib.suppress(OSError):
            socket.socket.shutdown(plain, socket.SHUT_RDWR)
