"""Channel: the bytes of one client, plain or through TLS. Nothing in here ever blocks.

Each call leaves in `waits_for` what the selector must wait for before the next one can get further.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Sequence
from contextlib import suppress
from selectors import EVENT_READ, EVENT_WRITE
from typing import Final

from exporter.web.server.http import Certificate

CHUNK: Final = 16384
"""Bytes that are read at a time; no TLS record holds more."""
_AT_ONCE: Final = 64
"""Pieces that are sent with one call; systems take a thousand or so."""
_LATER: Final = (BlockingIOError, InterruptedError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class PlainRequestError(Exception):
    """The client speaks HTTP where TLS is spoken; it can be told so in the clear."""


class Channel:
    """A client that is spoken to in the clear."""

    secure = False

    def __init__(self, client: socket.socket) -> None:
        self.client = client
        self.waits_for = EVENT_READ

    @property
    def certificate(self) -> Certificate | None:
        """What the client has proved to be; None if it has proved nothing."""
        return None

    def greet(self) -> bool:
        """Go on with the handshake; True once it is over. Raises OSError, PlainRequestError."""
        return True

    def in_the_clear(self) -> Channel:
        """The same client without TLS."""
        return self

    def receive(self) -> bytes | None:
        """What has arrived; None for nothing yet, b"" if the client has gone."""
        self.waits_for = EVENT_READ
        try:
            return self.client.recv(CHUNK)
        except (BlockingIOError, InterruptedError):
            return None
        except OSError:
            return b""

    def send(self, pieces: Sequence[memoryview]) -> int | None:
        """The number of bytes that the client takes now; None for none yet. Raises OSError if it has gone."""
        self.waits_for = EVENT_WRITE
        try:
            return self.client.sendmsg(pieces[:_AT_ONCE])
        except (BlockingIOError, InterruptedError):
            return None

    def end(self) -> bool:
        """Tell the client that nothing follows; False if it has gone."""
        self.waits_for = EVENT_READ
        try:
            self.client.shutdown(socket.SHUT_WR)
        except OSError:
            return False
        return True

    def close(self) -> None:
        """Forget the client."""
        self.client.close()


class TlsChannel(Channel):
    """A client that is spoken to through TLS."""

    secure = True
    client: ssl.SSLSocket

    def __init__(self, client: socket.socket, context: ssl.SSLContext) -> None:
        """Raises OSError if the client has gone already."""
        super().__init__(context.wrap_socket(client, server_side=True, do_handshake_on_connect=False))

    @property
    def certificate(self) -> Certificate | None:
        """The subject of the certificate that the client has shown and the handshake has verified.

        Raises ValueError if Python cannot read all of it: it decodes every extension as UTF-8 or ASCII.
        """
        told = self.client.getpeercert()
        return Certificate.from_peer(told) if told else None

    def greet(self) -> bool:
        """Go on with the handshake; True once it is over. Raises OSError, PlainRequestError."""
        try:
            self.client.do_handshake()
        except _LATER as error:
            self._wait(error)
            return False
        except ssl.SSLError as error:
            if error.reason != "HTTP_REQUEST":
                raise
            raise PlainRequestError from None
        self.waits_for = EVENT_READ
        return True

    def receive(self) -> bytes | None:
        """What has arrived; None for nothing yet, b"" if the client has gone."""
        self.waits_for = EVENT_READ
        try:
            data = self.client.recv(CHUNK)
            while data and (left := self.client.pending()):
                # The selector does not see what TLS has taken from the socket already.
                data += self.client.recv(left)
        except _LATER as error:
            self._wait(error)
            return None
        except OSError:
            return b""
        return data

    def send(self, pieces: Sequence[memoryview]) -> int | None:
        """The number of bytes that the client takes now; None for none yet. Raises OSError if it has gone."""
        self.waits_for = EVENT_WRITE
        try:
            return self.client.send(pieces[0])
        except _LATER as error:
            self._wait(error)
            return None

    def end(self) -> bool:
        """Tell the client, in TLS as well as in TCP, that nothing follows; False if it has gone."""
        self._say_goodbye()
        return super().end()

    def close(self) -> None:
        """Forget the client, and tell it so if it takes that at once: else it cannot know an end from an attack."""
        self._say_goodbye()
        super().close()

    def in_the_clear(self) -> Channel:
        """The same client without TLS, which it does not speak."""
        return Channel(socket.socket(fileno=self.client.detach()))

    def _say_goodbye(self) -> None:
        with suppress(OSError, ValueError):
            self.client.unwrap()

    def _wait(self, error: BaseException) -> None:
        """TLS may have to read before it can write, and the other way round."""
        self.waits_for = EVENT_WRITE if isinstance(error, ssl.SSLWantWriteError) else EVENT_READ


def channel_to(client: socket.socket, context: ssl.SSLContext | None) -> Channel:
    """A channel to a client that was just accepted, with a context through TLS. Raises OSError if it has gone."""
    client.setblocking(False)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return TlsChannel(client, context) if context else Channel(client)
